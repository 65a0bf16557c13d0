import type { IDataObject } from 'n8n-workflow';
import type { ChunkOptions } from '../../../../lib/chunking';
import { builtinTierOf, countTokens, type Embedder } from '../../../../lib/embedding';
import {
	type ContextKind,
	type DocumentOutcome,
	type IngestDocument,
	IngestError,
	MAX_REMOVED,
	type Metadata,
	type ProcessSyncOptions,
	sync as syncDocuments,
	syncInProcess,
	type SyncReport,
	WAIT_FOR_VECTORS_MS,
} from '../../../../lib/ingest';
import { withRounded } from '../../../../lib/support';
import { computeVectorsLater } from '../../../shared/runtime/backgroundVectors';
import { chunkOptionsOf } from '../../../shared/runtime/chunking';
import { contextModel } from '../../../shared/runtime/contextModel';
import { engineKey } from '../../../shared/runtime/engines';
import { InputError } from '../../../shared/runtime/errors';
import type { Group, GroupOutcome } from '../../../shared/runtime/groups';
import { type IndexTarget, indexTargetOf, openOrCreateIndex } from '../../../shared/runtime/indexes';
import type { NodeItem } from '../../../shared/runtime/nodeItem';
import type { ItemOutcome } from '../../../shared/runtime/outputs';
import { watched } from '../../../shared/runtime/progress';
import type { Run } from '../../../shared/runtime/run';
import { coverageNotice, missingVectors } from '../../../shared/runtime/vectorCoverage';
import { assertAllAtOnce } from './loops';
import { type DocumentInput, type DocumentInputs, documentsOf } from './documentInput';

interface SyncSettings {
	readonly chunking: Omit<ChunkOptions, 'countTokens'>;
	readonly context: ContextKind;
	readonly embedding: string;
	/** Those that embed and write context. */
	readonly engines: string;
	readonly preview: boolean;
	readonly maxRemoved: number;
	/** Undefined: as long as it takes. */
	readonly waitForVectorsMs: number | undefined;
}

/** Items for the same index are one sync: only then can it be told which documents were not sent. */
export interface SyncTarget {
	readonly index: IndexTarget;
	readonly mode: 'add' | 'mirror';
	readonly output: string;
	/** Items that only add may be cut in different ways; then they are syncs of their own. */
	readonly settings: SyncSettings | undefined;
}

export interface SyncRequest extends DocumentInputs {
	readonly settings: SyncSettings;
}

/** What an item wants to be synced, and where. */
export async function syncRequestOf(
	run: Run,
	item: NodeItem,
): Promise<{ readonly target: SyncTarget; readonly request: SyncRequest }> {
	const { countTokens: _, ...chunking } = chunkOptionsOf(item);
	const context = item.optionalChoice<ContextKind>('options.context') ?? 'headings';
	const settings = {
		...{ chunking, context, embedding: item.choice('embedding') },
		engines: await engineKey(item.context, item.index),
		// A model only adds documents.
		...(run.tool
			? { preview: false, maxRemoved: MAX_REMOVED, waitForVectorsMs: WAIT_FOR_VECTORS_MS }
			: {
					preview: item.flag('options.preview'),
					maxRemoved: (item.optionalNumber('options.maxRemovedPercent') ?? MAX_REMOVED * 100) / 100,
					waitForVectorsMs: item.flag('options.waitForVectors') ? undefined : WAIT_FOR_VECTORS_MS,
				}),
	};
	const mode = item.choice<SyncTarget['mode']>('syncMode');
	if (mode === 'mirror') assertAllAtOnce(run.context);
	const metadata = item.object('options.metadata') as Metadata | undefined;
	const { documents, listed } = documentsOf(run.context, item);
	return {
		target: {
			index: await indexTargetOf(item),
			mode,
			output: item.choice('output'),
			settings: mode === 'mirror' ? undefined : settings,
		},
		request: {
			settings,
			listed,
			documents: documents.map((input) =>
				'document' in input ? { document: withMetadata(input.document, metadata) } : input,
			),
		},
	};
}

const withMetadata = (document: IngestDocument, shared: Metadata | undefined): IngestDocument =>
	shared === undefined ? document : { ...document, metadata: { ...shared, ...document.metadata } };

export async function syncGroup(run: Run, group: Group<SyncTarget, SyncRequest>): Promise<GroupOutcome> {
	const { members, target } = group;
	const inputs = members.flatMap(({ request }, member) =>
		request.documents.map((input, position) => ({ member, position, input })),
	);
	// A mail or an archive has several: its own, and one for each file in it.
	const outcomes: Array<Array<DocumentOutcome[] | undefined>> = members.map(() => []);
	const put = ({ member, position }: (typeof inputs)[number], outcome: DocumentOutcome): void => {
		((outcomes[member] ?? [])[position] ??= []).push(outcome);
	};
	const removed: DocumentOutcome[] = [];
	const hasDocument = inputs.some(({ input }) => 'document' in input);
	if (!hasDocument) for (const input of inputs) put(input, refused(input.input));
	const report = hasDocument
		? await synced(
				run,
				group,
				inputs.map(({ input }) => sentAs(input)),
				(outcome) => {
					const place = outcome.position === undefined ? undefined : inputs[outcome.position];
					if (place) put(place, outcome);
					else removed.push(outcome);
				},
			)
		: undefined;
	const all = [...outcomes.flat(2), ...removed].flatMap((outcome) => outcome ?? []);
	const failed = all.filter(({ state }) => state === 'failed');
	const goesOn = run.context.continueOnFail();
	const isSummary = target.output === 'summary';
	if ((isSummary || !goesOn) && failed.length === all.length) throw nothingStored(failed);
	if ((isSummary || !goesOn) && failed.length > 0)
		run.hint(`${failed.length} of ${all.length} documents were not stored. ${reasonsOf(failed)}`);
	if (isSummary && report)
		return { shared: { json: { index: target.index.address.name, ...summary(report, all) } } };
	return {
		members: members.map(({ item, request }, member) =>
			(outcomes[member] ?? []).flat().flatMap((outcome): ItemOutcome[] => {
				if (!outcome) return [];
				if (goesOn && outcome.state === 'failed') return [{ error: failureOf(outcome) }];
				return [
					{
						json: asJson(outcome),
						...(request.listed && { input: item.jsonWithout('options.documentListField') }),
					},
				];
			}),
		),
		last: removed.map((outcome) => ({ json: asJson(outcome) })),
	};
}

/**
 * What is no document goes along as one that cannot be read: it fails alone, and a run that deletes missing documents knows that
 * not all of them arrived.
 */
function sentAs(input: DocumentInput): IngestDocument {
	if ('document' in input) return input.document;
	const next = (): Promise<never> => Promise.reject(new IngestError('document', input.problem));
	return { source: input.name, file: { data: { [Symbol.asyncIterator]: () => ({ next }) } } };
}

const refused = (input: DocumentInput): DocumentOutcome => ({
	...{ source: 'document' in input ? input.document.source : input.name, state: 'failed', chunks: 0 },
	...('problem' in input && { reason: input.problem }),
});

async function synced(
	run: Run,
	{ target, members, first }: Group<SyncTarget, SyncRequest>,
	documents: readonly IngestDocument[],
	done: (outcome: DocumentOutcome) => void,
): Promise<SyncReport> {
	const { chunking, context, embedding, preview, maxRemoved, waitForVectorsMs } = sameSettings(
		members.map(({ request }) => request.settings),
	);
	const { index, embedder, isMissing } = await openOrCreateIndex(target.index, embedding, first, {
		preview,
	});
	const { address } = target.index;
	const { mode } = target;
	const aside =
		address.backend === 'embedded' && context !== 'model' && !isMissing
			? await asideWith(embedder, documents, chunking, waitForVectorsMs, run.signal)
			: undefined;
	const complete = context === 'model' ? await contextModel(run.context, first.index, true) : undefined;
	return await watched(
		run,
		first,
		{ task: 'Sync Documents', subject: address.name, unit: 'documents' },
		async (call) => {
			const running = aside
				? syncInProcess(
						documents,
						{ address, chunking, context, mode, preview, maxRemoved, waitForVectorsMs, embedder: aside },
						call,
					)
				: syncDocuments(
						documents,
						{
							...{ index, embedder, context, mode, preview, maxRemoved, complete, waitForVectorsMs },
							chunking: { ...chunking, ...(chunking.unit === 'wordpiece' && { countTokens }) },
						},
						call,
					);
			let step = await running.next();
			let pending = 0;
			while (!step.done) {
				done(step.value);
				// As soon as the first is stored, so that a run that is killed is gone on with too.
				if (step.value.pendingVectors !== undefined && pending++ === 0) await computeVectorsLater(address);
				step = await running.next();
			}
			if (pending > 0) {
				await computeVectorsLater(address);
				const missing = await missingVectors(index);
				if (missing) run.hint(coverageNotice(missing), 'info');
			}
			return step.value;
		},
	);
}

/**
 * Where nothing is waited for (no server, a fast model, or vectors that come later), n8n's event loop is no place for a sync: what
 * the process that it runs in needs to know of the embedder. Undefined where it runs here.
 */
async function asideWith(
	embedder: Embedder,
	documents: readonly IngestDocument[],
	{ method, unit }: SyncSettings['chunking'],
	waitMs: number | undefined,
	signal: AbortSignal | undefined,
): Promise<ProcessSyncOptions['embedder']> {
	const tier = builtinTierOf(embedder.model);
	if (tier === undefined) return undefined;
	// Also measures how fast the model is, the first time.
	const fingerprint = await embedder.fingerprint({ signal });
	if (tier === 'fast') return { tier, fingerprint };
	const msPerCharacter = embedder.estimateMs?.(1);
	// Its tokens are counted here, and meaning needs the vectors at once.
	if (msPerCharacter === undefined || waitMs === undefined || method === 'semantic' || unit === 'wordpiece')
		return undefined;
	const characters = documents.reduce((sum, { text = '' }) => sum + text.length, 0);
	const files = documents.filter(({ file }) => file !== undefined).length;
	return characters * msPerCharacter > waitMs || files > FEW_FILES
		? { tier, fingerprint, msPerCharacter }
		: undefined;
}

/** How long their texts are is not known before they are read; of so many the vectors are quickly done. */
const FEW_FILES = 20;

/** Two ways of cutting in one mirror would delete each other's documents. */
function sameSettings(settings: readonly SyncSettings[]): SyncSettings {
	const [first] = settings;
	if (first && new Set(settings.map((each) => JSON.stringify(each))).size === 1) return first;
	throw new InputError(
		'With Missing Documents set to Delete, all items for one index need the same chunking, context, embedding model and engine. Use the same values for all of them, or set Missing Documents to Keep.',
	);
}

const failureOf = ({ source, reason }: DocumentOutcome): InputError =>
	new InputError(`"${source}" was not stored. ${reason ?? ''}`.trim());

function nothingStored(failed: readonly DocumentOutcome[]): InputError {
	return new InputError(`No document was stored. ${reasonsOf(failed)}`);
}

function reasonsOf(failed: readonly DocumentOutcome[]): string {
	const reasons = failed.slice(0, 5).map(({ reason, source }) => reason ?? source);
	return `${reasons.join(' ')}${failed.length > 5 ? ` (and ${failed.length - 5} more)` : ''}`;
}

function asJson({ position: _, warnings, ...outcome }: DocumentOutcome): IDataObject {
	return { ...outcome, ...(warnings && { warnings: [...warnings] }) };
}

function summary(report: SyncReport, outcomes: readonly DocumentOutcome[]): IDataObject {
	const { added, changed, unchanged, removed, chunks, pendingVectors, timings } = report;
	const warned = outcomes.filter(({ warnings = [] }) => warnings.length > 0);
	return {
		...{ added, changed, unchanged, removed },
		failed: outcomes
			.filter(({ state }) => state === 'failed')
			.map(({ source, reason }) => ({ source, reason })),
		// Documents that were stored although something about them had to be changed.
		...(warned.length > 0 && {
			warnings: warned.map(({ source, warnings = [] }) => ({ source, warnings: [...warnings] })),
		}),
		chunks,
		...(pendingVectors > 0 && { pendingVectors }),
		timings: withRounded({ ...timings }),
	};
}
