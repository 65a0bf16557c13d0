import { curate, formatNamed, FORMATS } from '../../../../lib/distillation';
import { temporaryFilesIn } from '../../../../lib/support';
import { inAlphabet } from '../../../shared/fields/alphabet';
import { optionsField } from '../../../shared/fields/optionsField';
import { storeFields } from '../../../shared/fields/storeFields';
import { forEachItem } from '../../../shared/runtime/items';
import type { Operation } from '../../../shared/runtime/operations';
import { watched } from '../../../shared/runtime/progress';
import { distillationDirectoryOf, filledRecordStoreFor } from '../../../shared/runtime/recordStores';
import { filterOf } from '../../shared/filter';
import { filterField } from '../../shared/filterField';
import { gateOptions, leastRowsField } from './gateFields';
import { gatesOf } from './gates';
import { judgedGatesOf } from './judged';
import { judgedOptions } from './judgedFields';
import { write } from './writeSet';

export const build: Operation = {
	option: {
		name: 'Build',
		value: 'build',
		action: 'Build a data set from records',
		description:
			'Curates the records, splits them without leaks and writes a training set with a card and a funnel',
	},
	fields: [
		...storeFields,
		filterField,
		{
			displayName: 'Name',
			name: 'dataSetName',
			type: 'string',
			default: 'exchanges',
			required: true,
			description: 'Name of the data set, and of its folder',
		},
		{
			displayName: 'Format',
			name: 'exportFormat',
			type: 'options',
			default: 'trl-messages',
			description: 'What will read it',
			options: inAlphabet(
				FORMATS.map(({ name, title, reference }) => ({ name: title, value: name, description: reference })),
			),
		},
		{
			displayName: 'File Type',
			name: 'fileType',
			type: 'options',
			default: 'jsonl',
			description: 'How the rows are written',
			options: [
				{ name: 'JSON Lines', value: 'jsonl' },
				{ name: 'JSON Lines, Gzip', value: 'gzip' },
				{ name: 'JSON Lines, Zstandard', value: 'zstd' },
				{ name: 'Parquet', value: 'parquet' },
			],
		},
		{
			displayName: 'Put Into',
			name: 'target',
			type: 'options',
			default: 'folder',
			description: 'Where the files go',
			options: [
				{
					name: 'Folder',
					value: 'folder',
					description: 'Appears whole or not at all, and replaces the one before',
				},
				{ name: 'Item', value: 'item', description: 'As binary data, for small sets and further nodes' },
			],
		},
		{
			displayName: 'Folder',
			name: 'folder',
			type: 'string',
			default: '',
			displayOptions: { show: { target: ['folder'] } },
			placeholder: '/data/sets/support',
			description:
				'Empty: a folder with the name of the set in n8n’s own folder. Others have to lie inside a folder that N8N_RESTRICT_FILE_ACCESS_TO allows.',
		},
		optionsField([...gateOptions, leastRowsField, ...judgedOptions]),
	],
	execute: async (run) =>
		await forEachItem(run, async (item) => {
			const { signal } = item;
			const store = await filledRecordStoreFor(item);
			const gates = {
				...gatesOf(item, formatNamed(item.choice('exportFormat')).takesUnanswered),
				...(await judgedGatesOf(item)),
				workspace: await temporaryFilesIn(await distillationDirectoryOf(item)),
			};
			return await watched(
				run,
				item,
				{ task: 'Build', subject: item.text('dataSetName'), unit: 'records' },
				async (call) => {
					const set = await curate(store.scan(filterOf(item), { signal }), gates, call);
					try {
						return await write(run, item, set, call);
					} finally {
						await set.close();
					}
				},
				signal,
			);
		}),
};
