import type { IDataObject, IExecuteFunctions, INodeExecutionData } from 'n8n-workflow';
import { NodeConnectionTypes } from 'n8n-workflow';
import type { Embedder } from '../../lib/embedding';
import { assertIndexSpace } from '../../lib/ingest';
import { createIndex, type Point, type UpsertReport, type VectorIndex } from '../../lib/vectorIndex';
import type { CallContext } from '../../lib/support';
import { errorItem, toNodeError, InputError } from '../shared/runtime/errors';
import { valueAt } from '../shared/runtime/values';
import { addressFor, openOrCreateIndexFor } from '../shared/runtime/indexes';
import { progressFor } from '../shared/runtime/progress';
import { embedderFrom } from '../shared/langchain/embeddings';
import { type DocumentRow, rowOfDocument } from '../shared/langchain/storeDocuments';
import { Written } from './replace';

/** The items of one run that were loaded, and what became of the others. */
interface Progress {
	readonly loaded: number[];
	readonly failures: INodeExecutionData[];
}

/**
 * "Insert Documents". Items are loaded, embedded and written as one stream, so that memory stays flat however many there
 * are. An item that fails is reported alone when the node is set to continue.
 */
export async function insertDocuments(context: IExecuteFunctions): Promise<INodeExecutionData[][]> {
	const call = { signal: context.getExecutionCancelSignal(), onProgress: progressFor(context) };
	const progress: Progress = { loaded: [], failures: [] };
	try {
		const loader = await context.getInputConnectionData(NodeConnectionTypes.AiDocument, 0);
		const { index, embedder } = await openTarget(context);
		const { id: fingerprint } = await assertIndexSpace(index, embedder, call);
		const replace = context.getNodeParameter('options.replaceDocuments', 0, false) === true;
		const written = replace ? new Written(fingerprint) : undefined;
		const points = embedded(rowsOf(context, loader, progress), embedder, call);
		const report = await index.upsert(written?.remember(points) ?? points, { ...call, fingerprint });
		const removed = progress.failures.length > 0 ? 0 : await written?.removeOlder(index, report);
		context.logAiEvent('ai-vector-store-populated');
		return [
			[...progress.failures, { json: reportJson(report, removed), pairedItem: paired(progress.loaded) }],
		];
	} catch (error) {
		if (!context.continueOnFail()) throw toNodeError(context.getNode(), error, 0);
		return [[...progress.failures, errorItem(context, error, 0)]];
	}
}

const paired = (items: readonly number[]) => [...new Set(items)].map((item) => ({ item }));

const reportJson = (report: UpsertReport, removed: number | undefined): IDataObject => ({
	written: report.written,
	unchanged: report.unchanged,
	...(removed !== undefined && { removed }),
	failedCount: report.failedCount,
	failed: report.failed.map((failure) => ({ ...failure })),
});

async function openTarget(
	context: IExecuteFunctions,
): Promise<{ readonly index: VectorIndex; readonly embedder: Embedder }> {
	if (context.getNodeParameter('embedding', 0) !== 'connected') return await openOrCreateIndexFor(context, 0);
	const embedder = embedderFrom(await context.getInputConnectionData(NodeConnectionTypes.AiEmbedding, 0));
	const { model, dimensions, id } = await embedder.fingerprint({
		signal: context.getExecutionCancelSignal(),
	});
	const settings = { model, dimensions, fingerprint: id };
	return { index: await createIndex(await addressFor(context, 0), settings, { ifExists: 'open' }), embedder };
}

async function* rowsOf(
	context: IExecuteFunctions,
	loader: unknown,
	progress: Progress,
): AsyncGenerator<DocumentRow> {
	const items = context.getInputData();
	for (let itemIndex = 0; itemIndex < items.length; itemIndex++) {
		let rows: DocumentRow[];
		try {
			const item = items[itemIndex];
			if (!item) continue;
			const source = sourceOf(context, item, itemIndex);
			rows = (await documentsOf(loader, item, itemIndex)).map((document) => rowOfDocument(document, source));
		} catch (error) {
			if (!context.continueOnFail()) throw toNodeError(context.getNode(), error, itemIndex);
			progress.failures.push(errorItem(context, error, itemIndex));
			continue;
		}
		progress.loaded.push(itemIndex);
		yield* rows;
	}
}

/** A loader of n8n takes one item after the other; a list of documents was loaded already and belongs to the first. */
async function documentsOf(loader: unknown, item: INodeExecutionData, itemIndex: number): Promise<unknown[]> {
	if (Array.isArray(loader)) return itemIndex === 0 ? (loader as unknown[]) : [];
	if (isLoader(loader)) return await loader.processItem(item, itemIndex);
	throw new InputError(
		'What is connected as Document is no document loader. Connect the Default Data Loader.',
	);
}

interface Loader {
	processItem(item: INodeExecutionData, itemIndex: number): Promise<unknown[]>;
}

const isLoader = (value: unknown): value is Loader =>
	typeof value === 'object' &&
	value !== null &&
	'processItem' in value &&
	typeof value.processItem === 'function';

function sourceOf(
	context: IExecuteFunctions,
	{ json, binary = {} }: INodeExecutionData,
	itemIndex: number,
): string | undefined {
	const field = context.getNodeParameter('sourceField', itemIndex, '') as string;
	const named = field === '' ? undefined : valueAt(json, field);
	if (typeof named === 'string' && named !== '') return named;
	if (typeof named === 'number') return String(named);
	return Object.values(binary)[0]?.fileName;
}

/** Rows with their vectors, in order; the embedder is fed as fast as it reads. */
async function* embedded(
	rows: AsyncIterable<DocumentRow>,
	embedder: Embedder,
	call: CallContext,
): AsyncGenerator<Point> {
	const waiting: Point[] = [];
	async function* texts(): AsyncGenerator<string> {
		for await (const { point, embedText } of rows) {
			waiting.push(point);
			yield embedText;
		}
	}
	for await (const { vector, empty } of embedder.embedDocuments(texts(), call)) {
		const point = waiting.shift();
		if (!point) throw new Error('The embedder returned more vectors than texts');
		yield empty ? point : { ...point, vector };
	}
	if (waiting.length > 0) throw new Error('The embedder returned fewer vectors than texts');
}
