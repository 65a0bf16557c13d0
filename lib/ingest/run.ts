import { randomUUID } from 'node:crypto';
import { type Embedder, vectorsOf } from '../embedding';
import type { VectorIndex } from '../vectorIndex';
import { chunkSync, type ChunkOptions, type Complete, type Embed } from '../chunking';
import { createSlicer, RecentMap } from '../support';
import { MAX_REMOVED } from './defaults';
import { Deferral } from './later/deferral';
import { IngestError } from './errors';
import { DOCUMENT_LIMITS } from './documents';
import { hashSettings } from './fingerprints';
import { assertIndexSpace, compareSpace } from './memory';
import type { Progress } from './progress';
import { SourceSet } from './sourceSet';
import type { ContextKind, DocumentLimits, DocumentOutcome, SyncOptions, SyncReport } from './types';

/** Failures a report names one by one; the rest is counted. */
const NAMED_FAILURES = 1000;

/** Memory the vectors of one run may take: some 9,000 of 384 dimensions with what V8 takes for key, entry and headers. */
const VECTOR_BYTES = 16 * 2 ** 20;
const ENTRY_BYTES = 300;

/** What all stages of one run share. */
export interface Run {
	readonly id: string;
	readonly index: VectorIndex;
	readonly embedder: Embedder;
	readonly chunking: ChunkOptions;
	readonly context: ContextKind;
	readonly mode: SyncOptions['mode'];
	readonly maxRemoved: number;
	readonly preview: boolean;
	readonly limits: DocumentLimits;
	/** Id of the space the vectors live in. */
	readonly fingerprint: string;
	readonly settingsHash: string;
	readonly seen: SourceSet;
	/**
	 * The vectors of texts seen lately, by text: identical documents and the unchanged chunks of a changed document are embedded
	 * once. `null` stands for a text without a vector.
	 */
	readonly vectors: RecentMap<Float32Array | null>;
	/** Whether what is still to be embedded is put off. */
	readonly deferral: Deferral;
	readonly tally: Tally;
	readonly progress: Progress;
	/** One slicer for all stages: many small documents hold the event loop as well as a large one. */
	readonly turn: ReturnType<typeof createSlicer>;
	readonly complete?: Complete;
	/** The embedder as chunking by meaning wants it. */
	readonly embed: Embed;
	/** Fires when the caller cancels or leaves. */
	readonly signal: AbortSignal;
}

/** Checks that the index and the embedder belong together. */
export async function startRun(options: SyncOptions, signal: AbortSignal, progress: Progress): Promise<Run> {
	const { index, embedder, mode, complete, context = 'headings', preview = false } = options;
	const { maxRemoved = MAX_REMOVED } = options;
	if (mode !== 'add' && mode !== 'mirror') {
		throw new IngestError(
			'invalidOptions',
			`The sync mode "${String(mode)}" is unknown. Use "add" or "mirror".`,
		);
	}
	if (context === 'model' && !complete) {
		throw new IngestError(
			'invalidOptions',
			'Context written by a model needs a chat engine. Connect one, or use the headings or the title as context.',
		);
	}
	if (!(maxRemoved >= 0 && maxRemoved <= 1)) {
		throw new IngestError(
			'invalidOptions',
			`The share of documents that may be removed must be a number from 0 to 1, not ${String(maxRemoved)}.`,
		);
	}
	const chunking = withTokenCounter(options.chunking, embedder);
	// Options that cannot work are the caller's mistake, not every document's.
	if (chunking.method !== 'semantic') chunkSync('', chunking);
	const tally = new Tally();
	const fingerprint = preview
		? (await compareSpace(index, embedder, { signal })).now
		: await assertIndexSpace(index, embedder, { signal }, { chunking, context });
	return {
		...{ id: randomUUID(), index, embedder, chunking, context, mode, complete, signal, progress },
		...{ maxRemoved, preview },
		limits: { ...DOCUMENT_LIMITS, ...options.limits },
		fingerprint: fingerprint.id,
		settingsHash: hashSettings(chunking, context, fingerprint.id),
		seen: new SourceSet(),
		vectors: new RecentMap(VECTOR_BYTES, (vector) => (vector?.byteLength ?? 0) + ENTRY_BYTES),
		tally,
		// Chunks that are found by meaning have their vectors' price paid already.
		deferral: new Deferral(
			embedder,
			chunking.method === 'semantic' ? undefined : options.waitForVectorsMs,
			tally,
		),
		turn: createSlicer(),
		embed: async (texts) => await vectorsOf(embedder, texts, { signal }),
	};
}

/** Chunks measured in the embedder's tokens are counted by the embedder unless the caller brings a counter. */
function withTokenCounter(chunking: ChunkOptions, embedder: Embedder): ChunkOptions {
	const { unit, countTokens } = chunking;
	if ((unit !== 'custom' && unit !== 'wordpiece') || countTokens !== undefined) return chunking;
	if (embedder.countTokens === undefined) return chunking;
	return { ...chunking, countTokens: (text) => embedder.countTokens?.(text) ?? text.length };
}

/** Counts what happens in a run. */
export class Tally {
	readonly timings = { readMs: 0, chunkMs: 0, embedMs: 0, writeMs: 0 };
	chunks = 0;
	embedded = 0;
	pendingVectors = 0;
	tokens = 0;
	removalSkipped: SyncReport['removalSkipped'];
	failures = 0;
	private readonly states = { added: 0, changed: 0, unchanged: 0, removed: 0 };
	private readonly failed: DocumentOutcome[] = [];
	private readonly started = performance.now();
	private writers = 0;
	private writingSince = 0;

	/** A write begins; returns what is to be called when it is done. Writes at the same time count once. */
	writing(): () => void {
		if (this.writers++ === 0) this.writingSince = performance.now();
		return () => {
			if (--this.writers === 0) this.timings.writeMs += performance.now() - this.writingSince;
		};
	}

	add(outcome: DocumentOutcome): void {
		if (outcome.state === 'failed') {
			this.failures++;
			if (this.failed.length < NAMED_FAILURES) this.failed.push(outcome);
			return;
		}
		this.states[outcome.state]++;
		if (outcome.state === 'added' || outcome.state === 'changed') this.chunks += outcome.chunks;
		this.pendingVectors += outcome.pendingVectors ?? 0;
	}

	/** Documents that have an outcome, removed ones left out. */
	get documents(): number {
		return this.states.added + this.states.changed + this.states.unchanged + this.failures;
	}

	/** Documents sent that were in the index before. */
	get known(): number {
		return this.states.changed + this.states.unchanged;
	}

	/** Milliseconds since the run began. */
	get elapsedMs(): number {
		return performance.now() - this.started;
	}

	report(): SyncReport {
		return {
			...this.states,
			failures: this.failures,
			failed: this.failed,
			chunks: this.chunks,
			embedded: this.embedded,
			pendingVectors: this.pendingVectors,
			tokens: this.tokens,
			...(this.removalSkipped ? { removalSkipped: this.removalSkipped } : {}),
			timings: { totalMs: this.elapsedMs, ...this.timings },
		};
	}
}
