import type { IDataObject } from 'n8n-workflow';
import {
	importLogs,
	LOG_FORMATS,
	type BadRow,
	type ExchangeRecord,
	type LogFormat,
	type RecordStore,
} from '../../../../lib/distillation';
import { inAlphabet } from '../../../shared/fields/alphabet';
import { binaryField } from '../../../shared/fields/binaryField';
import { optionsField } from '../../../shared/fields/optionsField';
import { storeFields } from '../../../shared/fields/storeFields';
import { InputError } from '../../../shared/runtime/errors';
import { fileBytes } from '../../../shared/runtime/files';
import { forEachItem } from '../../../shared/runtime/items';
import { lineageOf } from '../../../shared/runtime/lineage';
import type { Operation } from '../../../shared/runtime/operations';
import { watched } from '../../../shared/runtime/progress';
import { recordStoreFor } from '../../../shared/runtime/recordStores';
import { defined } from '../../../shared/runtime/values';

/** Records a write holds; a hundred or so share one wait for the disk without filling the memory. */
const BATCH = 500;
/** Bad lines that are listed one by one; all are counted. */
const LISTED = 100;

const FORMAT_NAMES: Readonly<Record<LogFormat, string>> = {
	auto: 'Detect Automatically',
	alpaca: 'Alpaca',
	gateway: 'Engine Gateway',
	langsmith: 'LangSmith Runs',
	openai: 'OpenAI (Training File or Call Log)',
	record: 'Records of This Node',
	sharegpt: 'ShareGPT',
	trl: 'TRL',
};

export const importFile: Operation = {
	option: {
		name: 'Import',
		value: 'import',
		action: 'Import a log file',
		description:
			'Reads a file of exchanges with one JSON object per line. Lines that cannot be read are reported by number.',
	},
	fields: [
		...storeFields,
		binaryField('Name of the input field that holds the file of exchanges'),
		{
			displayName: 'Format',
			name: 'logFormat',
			type: 'options',
			default: 'auto',
			description: 'Format of the lines',
			options: inAlphabet(LOG_FORMATS.map((value) => ({ name: FORMAT_NAMES[value], value }))),
		},
		{
			displayName: 'Licence of the Answers',
			name: 'licence',
			type: 'string',
			default: '',
			description: 'Licence of answers whose line does not contain one, for example apache-2.0',
		},
		optionsField(),
	],
	execute: async (run) =>
		await forEachItem(run, async (item) => {
			const field = item.text('binaryField');
			const rows = importLogs(
				fileBytes(run.context, item, field),
				{
					format: item.choice<LogFormat>('logFormat'),
					file: item.file(field).fileName,
					defaults: { ...defined({ licence: item.optionalText('licence') }), lineage: lineageOf(item) },
				},
				{ signal: item.signal },
			);
			const target = await recordStoreFor(item);
			const json = await watched(
				run,
				item,
				{ task: 'Import', subject: item.file(field).fileName ?? field, unit: 'records' },
				async ({ onProgress }) => await store(target, rows, onProgress),
				item.signal,
			);
			return { json };
		}),
};

async function store(
	target: RecordStore,
	rows: ReturnType<typeof importLogs>,
	onProgress: (advance: { readonly done: number }) => void,
): Promise<IDataObject> {
	const bad: BadRow[] = [];
	let badLines = 0;
	let added = 0;
	let known = 0;
	let batch: ExchangeRecord[] = [];
	const flush = async () => {
		const { written, unchanged } = await target.append(batch);
		added += written;
		known += unchanged;
		batch = [];
		onProgress({ done: added + known });
	};
	for await (const row of rows) {
		if ('bad' in row) {
			badLines++;
			if (bad.length < LISTED) bad.push(row.bad);
		} else if (batch.push(row.value) >= BATCH) await flush();
	}
	await flush();
	if (added + known === 0 && badLines > 0) {
		throw new InputError(`No line could be used. Line ${bad[0]?.line}: ${bad[0]?.reason}`);
	}
	return { added, known, badLines, bad: bad.map((row) => ({ ...row })) };
}
