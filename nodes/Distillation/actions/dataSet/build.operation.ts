import { createReadStream } from 'node:fs';
import { mkdir, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { IBinaryKeyData, IDataObject, IExecuteFunctions } from 'n8n-workflow';
import {
	curate,
	exportDataSet,
	FORMATS,
	funnelHtml,
	temporaryFolder,
	type Compression,
	type CuratedSet,
	type Manifest,
} from '../../../../lib/distillation';
import { forEachItem } from '../../../shared/runtime/items';
import { inAlphabet } from '../../../shared/fields/alphabet';
import type { Operation } from '../../../shared/runtime/operations';
import { progressFor } from '../../../shared/runtime/progress';
import { distillationDirectory, recordStoreFor } from '../../../shared/runtime/recordStores';
import { storeFields } from '../../../shared/fields/storeFields';
import { filterField, filterOf } from '../../shared/filter';
import { countingOf } from '../../shared/tokens';
import { curateOptionsOf, gateOptions } from './gateFields';
import { judgedOptions, judgedOptionsOf } from './judgedFields';

/** Rejected records that go out as an example of what the gates did; the funnel counts all. */
const REJECTED_SHOWN = 20;

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
		{
			displayName: 'Options',
			name: 'options',
			type: 'collection',
			placeholder: 'Add Option',
			default: {},
			description: 'What the gates let through',
			options: [...gateOptions, ...judgedOptions],
		},
	],
	execute: (context) =>
		forEachItem(context, async ({ itemIndex, signal }) => {
			const call = { signal, onProgress: progressFor(context) };
			const store = await recordStoreFor(context, itemIndex);
			const options = context.getNodeParameter('options', itemIndex, {});
			const format = context.getNodeParameter('exportFormat', itemIndex) as string;
			const gates = {
				...curateOptionsOf(options, format === 'trl-prompt' || format === 'trl-stepwise'),
				...(await judgedOptionsOf(context, itemIndex, options)),
			};
			const set = await curate(store.scan(filterOf(context, itemIndex), { signal }), gates, call);
			try {
				return await write(context, itemIndex, set, format, options, call);
			} finally {
				await set.close();
			}
		}),
};

/** Folders of this machine a flow may write to. */
function allowedFolders(): string[] {
	const restricted = (process.env.N8N_RESTRICT_FILE_ACCESS_TO ?? '')
		.split(';')
		.map((folder) => folder.trim());
	return [path.join(distillationDirectory(), 'data-sets'), ...restricted.filter((folder) => folder !== '')];
}

async function write(
	context: IExecuteFunctions,
	itemIndex: number,
	set: CuratedSet,
	format: string,
	options: IDataObject,
	call: { readonly signal: AbortSignal | undefined; readonly onProgress: ReturnType<typeof progressFor> },
) {
	const name = (context.getNodeParameter('dataSetName', itemIndex) as string).trim();
	const fileType = context.getNodeParameter('fileType', itemIndex) as string;
	const inItem = context.getNodeParameter('target', itemIndex) === 'item';
	const given = inItem ? '' : (context.getNodeParameter('folder', itemIndex, '') as string).trim();
	const own = path.join(distillationDirectory(), 'data-sets');
	const temporary = inItem ? await temporaryFolder(tmpdir(), 'local-engine-data-set-') : undefined;
	if (temporary === undefined) await mkdir(own, { recursive: true });
	try {
		const { folder, manifest } = await exportDataSet(
			set.records(),
			{
				format,
				name,
				folder: temporary === undefined ? given || path.join(own, name) : path.join(temporary, 'set'),
				allowedFolders: temporary === undefined ? allowedFolders() : [temporary],
				container: fileType === 'parquet' ? 'parquet' : 'jsonl',
				compression: (fileType === 'gzip' || fileType === 'zstd' ? fileType : 'none') satisfies Compression,
				funnel: set.funnel,
				...countingOf(options),
				settings: {
					gates: JSON.parse(JSON.stringify(options)) as Record<string, never>,
					workflow: context.getWorkflow().id ?? null,
					execution: context.getExecutionId(),
				},
			},
			call,
		);
		const binary: IBinaryKeyData = {
			funnel: await context.helpers.prepareBinaryData(
				Buffer.from(funnelHtml(set.funnel)),
				'funnel.html',
				'text/html',
			),
			...(temporary === undefined ? {} : await filesOf(context, folder)),
		};
		return { json: await summary(set, manifest, temporary === undefined ? folder : undefined), binary };
	} finally {
		if (temporary !== undefined) await rm(temporary, { recursive: true, force: true });
	}
}

/** Every file of the set as binary data, under its name. */
async function filesOf(context: IExecuteFunctions, folder: string): Promise<IBinaryKeyData> {
	const binary: IBinaryKeyData = {};
	for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
		if (!entry.isFile()) continue;
		const file = path.join(entry.parentPath, entry.name);
		const name = path.relative(folder, file).split(path.sep).join('_');
		binary[name.replace(/[^a-zA-Z0-9]/g, '_')] = await context.helpers.prepareBinaryData(
			createReadStream(file),
			name,
		);
	}
	return binary;
}

async function summary(
	set: CuratedSet,
	manifest: Manifest,
	folder: string | undefined,
): Promise<IDataObject> {
	const rejected: IDataObject[] = [];
	for await (const { record, gate, reason, detail } of set.rejected()) {
		rejected.push({ id: record.id, gate, reason, detail });
		if (rejected.length >= REJECTED_SHOWN) break;
	}
	return JSON.parse(JSON.stringify({ ...manifest, folder, rejected })) as IDataObject;
}
