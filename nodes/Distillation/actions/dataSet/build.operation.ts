import { curate, formatNamed, FORMATS } from '../../../../lib/distillation';
import { inAlphabet } from '../../../shared/fields/alphabet';
import { optionsField } from '../../../shared/fields/optionsField';
import { storeFields } from '../../../shared/fields/storeFields';
import { forEachItem } from '../../../shared/runtime/items';
import type { Operation } from '../../../shared/runtime/operations';
import { watched } from '../../../shared/runtime/progress';
import { filledRecordStoreFor, temporaryFolderOf } from '../../../shared/runtime/recordStores';
import { filterOf } from '../../shared/filter';
import { filterField } from '../../shared/filterField';
import { gateOptions, leastRowsField } from './gateFields';
import { gatesOf } from './gates';
import { judgedGatesOf } from './judged';
import { dataSetNameField } from './nameField';
import { judgedOptions } from './judgedFields';
import { write } from './writeSet';

export const build: Operation = {
	option: {
		name: 'Build',
		value: 'build',
		action: 'Build a data set from records',
		description:
			'Checks and filters the records, splits them, and writes training data with a card and a report',
	},
	fields: [
		...storeFields,
		filterField,
		dataSetNameField,
		{
			displayName: 'Format',
			name: 'exportFormat',
			type: 'options',
			default: 'trl-messages',
			description: 'Format for the program that will read the data set',
			options: inAlphabet(
				FORMATS.map(({ name, title, reference }) => ({ name: title, value: name, description: reference })),
			),
		},
		{
			displayName: 'File Type',
			name: 'fileType',
			type: 'options',
			default: 'jsonl',
			description: 'File format of the rows',
			options: [
				{ name: 'JSON Lines', value: 'jsonl' },
				{ name: 'JSON Lines, Gzip', value: 'gzip' },
				{ name: 'JSON Lines, Zstandard', value: 'zstd' },
				{ name: 'Parquet', value: 'parquet' },
			],
		},
		{
			displayName: 'Destination',
			name: 'target',
			type: 'options',
			default: 'folder',
			description: 'Where to write the files',
			options: [
				{
					name: 'Folder',
					value: 'folder',
					description:
						'A folder on this machine. The previous data set is replaced only when the new one is complete.',
				},
				{
					name: 'Item',
					value: 'item',
					description: 'Binary data of the item, for small data sets and for other nodes',
				},
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
				'Folder to write to. It must be inside a folder that N8N_RESTRICT_FILE_ACCESS_TO allows. If empty, a folder with the name of the data set in n8n’s data folder is used.',
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
				workspace: await temporaryFolderOf(item),
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
