import type { IDataObject, IExecuteFunctions } from 'n8n-workflow';
import {
	importLogs,
	LOG_FORMATS,
	type BadRow,
	type ExchangeRecord,
	type LogFormat,
	type RecordStore,
} from '../../../../lib/distillation';
import { inAlphabet } from '../../../shared/fields/alphabet';
import { InputError } from '../../../shared/runtime/errors';
import { forEachItem } from '../../../shared/runtime/items';
import type { Operation } from '../../../shared/runtime/operations';
import { progressFor } from '../../../shared/runtime/progress';
import { recordStoreFor } from '../../../shared/runtime/recordStores';
import { storeFields } from '../../../shared/fields/storeFields';

/** Records a write holds; a hundred or so share one wait for the disk without filling the memory. */
const BATCH = 500;
/** Bad lines that are listed one by one; all are counted. */
const LISTED = 100;

const FORMAT_NAMES: Readonly<Record<LogFormat, string>> = {
	auto: 'Recognise Each Line',
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
		description: 'Reads a file of exchanges, one JSON object a line; bad lines are reported by number',
	},
	fields: [
		...storeFields,
		{
			displayName: 'Input Binary Field',
			name: 'binaryField',
			type: 'string',
			default: 'data',
			required: true,
			hint: 'The name of the input field containing the file',
			description: 'Field that holds the file of exchanges',
		},
		{
			displayName: 'Format',
			name: 'logFormat',
			type: 'options',
			default: 'auto',
			description: 'What the lines are',
			options: inAlphabet(LOG_FORMATS.map((value) => ({ name: FORMAT_NAMES[value], value }))),
		},
		{
			displayName: 'Licence of the Answers',
			name: 'licence',
			type: 'string',
			default: '',
			description: 'Such as apache-2.0, where the lines do not say',
		},
	],
	execute: (context) =>
		forEachItem(context, async ({ itemIndex, signal }) => {
			const field = context.getNodeParameter('binaryField', itemIndex) as string;
			const { fileName } = context.helpers.assertBinaryData(itemIndex, field);
			const licence = (context.getNodeParameter('licence', itemIndex) as string).trim();
			const rows = importLogs(
				await bytesOf(context, itemIndex, field),
				{
					format: context.getNodeParameter('logFormat', itemIndex) as LogFormat,
					file: fileName,
					defaults: {
						...(licence !== '' && { licence }),
						lineage: { workflow: context.getWorkflow().id, execution: context.getExecutionId() },
					},
				},
				{ signal },
			);
			return { json: await store(context, await recordStoreFor(context, itemIndex), rows) };
		}),
};

/** The file as a stream where n8n keeps it on the disk; only then can it be larger than the memory. */
async function bytesOf(
	context: IExecuteFunctions,
	itemIndex: number,
	field: string,
): Promise<AsyncIterable<Uint8Array> | Iterable<Uint8Array>> {
	const { id } = context.helpers.assertBinaryData(itemIndex, field);
	if (id === undefined) return [await context.helpers.getBinaryDataBuffer(itemIndex, field)];
	return (await context.helpers.getBinaryStream(id)) as AsyncIterable<Uint8Array>;
}

async function store(
	context: IExecuteFunctions,
	target: RecordStore,
	rows: ReturnType<typeof importLogs>,
): Promise<IDataObject> {
	const onProgress = progressFor(context);
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
		onProgress?.({ done: added + known });
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
