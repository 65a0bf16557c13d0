import type { INodeExecutionData } from 'n8n-workflow';
import { NodeConnectionTypes } from 'n8n-workflow';
import { assertIndexSpace, type TextRow, upsertTexts } from '../../lib/ingest';
import { createIndex, type Failure } from '../../lib/vectorIndex';
import { rowOfDocument } from '../shared/langchain/storeDocuments';
import { engineKey } from '../shared/runtime/engines';
import { InputError, toNodeError } from '../shared/runtime/errors';
import { forEachGroup, type Group } from '../shared/runtime/groups';
import {
	indexTargetOf,
	type IndexTarget,
	openOrCreateIndex,
	type OpenedIndex,
} from '../shared/runtime/indexes';
import type { NodeItem } from '../shared/runtime/nodeItem';
import type { ItemOutcome } from '../shared/runtime/outputs';
import { watched } from '../shared/runtime/progress';
import type { Run } from '../shared/runtime/run';
import { ConnectedEmbedders } from './connected';
import { Written } from './replace';

/** Where an item's documents go, and with which vectors. */
interface Target {
	readonly index: IndexTarget;
	readonly embedding: string;
	/** Fingerprint of the connected model, where it is that one. */
	readonly connected?: string;
	readonly engines: string;
	readonly replace: boolean;
}

/**
 * "Insert Documents". The items of an index are loaded, embedded and written as one stream, so that memory stays flat however
 * many there are. An item that fails is reported alone when the node is set to go on.
 */
export async function insertDocuments(run: Run): Promise<INodeExecutionData[][]> {
	const loader = await run.context.getInputConnectionData(NodeConnectionTypes.AiDocument, 0);
	const embedders = new ConnectedEmbedders(run);
	return await forEachGroup(
		run,
		async (item) => ({
			target: {
				index: await indexTargetOf(item),
				embedding: item.choice('embedding'),
				...(item.choice('embedding') === 'connected' && { connected: await embedders.idFor(item) }),
				engines: await engineKey(item.context, item.index),
				replace: item.flag('options.replaceDocuments'),
			},
			request: undefined,
		}),
		async (group) => {
			const outcomes = await insertGroup(run, group, loader, embedders);
			run.context.logAiEvent('ai-vector-store-populated');
			return outcomes;
		},
	);
}

async function insertGroup(
	run: Run,
	{ target, members, first }: Group<Target, undefined>,
	loader: unknown,
	embedders: ConnectedEmbedders,
): Promise<ItemOutcome[]> {
	const { name } = target.index.address;
	const { index, embedder } = await openTarget(run, target, first, embedders);
	const { signal } = run;
	const { id: fingerprint } = await assertIndexSpace(index, embedder, { signal });
	const written = target.replace ? new Written(fingerprint) : undefined;
	const loaded = members.map(({ item }) => new LoadedItem(item));
	const memberOf: LoadedItem[] = [];
	const rows = rowsOf(run, loaded, loader, memberOf);
	const report = await watched(
		run,
		first,
		{ task: 'Insert Documents', subject: name, unit: 'passages' },
		async (call) =>
			await upsertTexts(index, rows, embedder, {
				...{ ...call, fingerprint },
				through: (points) => written?.remember(points) ?? points,
				onFailure: (failure) => memberOf[failure.position]?.failures.push(failure),
			}),
	);
	const complete = loaded.every(({ error }) => error === undefined);
	const removed = complete ? await written?.removeOlder(index, report) : undefined;
	const results = loaded.map(({ error, rows, failures }) => {
		if (error !== undefined) return { error };
		const [failure] = failures;
		if (failure && failures.length === rows) return { error: new InputError(failure.reason) };
		return {
			json: {
				index: name,
				stored: rows - failures.length,
				failed: failures.map(({ source, reason }) => ({ source, reason })),
				...(removed !== undefined && { removed }),
			},
		};
	});
	const failed = loaded.reduce((sum, { failures }) => sum + failures.length, 0);
	if (failed > 0) run.hint(`${failed} passages were not stored. ${report.failed[0]?.reason ?? ''}`);
	return results;
}

/** What becomes of an item while the passages of all of them are one stream. */
class LoadedItem {
	rows = 0;
	error: unknown;
	readonly failures: Failure[] = [];

	constructor(readonly item: NodeItem) {}
}

async function openTarget(
	run: Run,
	target: Target,
	first: NodeItem,
	embedders: ConnectedEmbedders,
): Promise<OpenedIndex> {
	if (target.connected === undefined) return await openOrCreateIndex(target.index, target.embedding, first);
	const embedder = embedders.of(target.connected);
	const { model, dimensions, id } = await embedder.fingerprint({ signal: run.signal });
	const settings = { model, dimensions, fingerprint: id };
	return { index: await createIndex(target.index.address, settings, { ifExists: 'open' }), embedder };
}

async function* rowsOf(
	run: Run,
	loaded: readonly LoadedItem[],
	loader: unknown,
	memberOf: LoadedItem[],
): AsyncGenerator<TextRow> {
	for (const member of loaded) {
		const { item } = member;
		let rows: TextRow[];
		try {
			const input = run.context.getInputData()[item.index];
			if (!input) continue;
			const source = sourceOf(item);
			rows = (await documentsOf(loader, input, item.index)).map((document) =>
				rowOfDocument(document, source),
			);
		} catch (error) {
			if (!run.context.continueOnFail()) throw toNodeError(run.context.getNode(), error, item.index);
			member.error = error;
			continue;
		}
		member.rows = rows.length;
		for (const row of rows) {
			memberOf.push(member);
			yield row;
		}
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

const sourceOf = (item: NodeItem): string | undefined =>
	item.optionalPointedName('sourceField') ?? Object.values(item.binary)[0]?.fileName;
