import type { EmbedResult } from '../engine';
import { SharedCall, sha256 } from '../support';
import type { EmbeddingEngines, EngineEmbedderOptions } from './engineOptions';
import { EmbeddingError } from './errors';
import { compareFingerprints, makeFingerprint, PROBE_TEXTS } from './sameModel';
import { knownPrefixes, type Prefixes } from './prefixes';
import type { EmbeddedText, Fingerprint } from './types';
import { VectorCache } from './vectorCache';

/** After so long the probe texts are embedded again, so that a model swapped under the same name is noticed. */
const PROBE_EVERY_MS = 10 * 60_000;

/** How a request to the pool is to be cut; differs between embedders of one space. */
export type Batching = Required<Pick<EngineEmbedderOptions, 'batchSize' | 'batchTokens' | 'countTokens'>>;

/** One model behind one pool: what it is, and vectors it gave lately. */
export class EngineSpace {
	fingerprint?: Fingerprint;
	readonly cache: VectorCache<EmbeddedText>;
	private probedAt = 0;
	private readonly probing = new SharedCall<Fingerprint>();

	constructor(private readonly options: EngineEmbedderOptions) {
		this.cache = new VectorCache(options.cacheBytes ?? 32 * 2 ** 20);
	}

	/**
	 * Embeds the probe texts, at most every ten minutes unless `fresh`; drops the cache when they have moved. Callers at the same
	 * time share one request, which no single one of them can cancel for the others.
	 */
	async identify(batching: Batching, signal?: AbortSignal, fresh = false): Promise<Fingerprint> {
		if (!fresh && this.fingerprint && Date.now() - this.probedAt < PROBE_EVERY_MS) return this.fingerprint;
		try {
			return await this.probing.join((wanted) => this.probe(batching, wanted), signal);
		} catch (error) {
			if (!signal?.aborted) throw error;
			throw new EmbeddingError('cancelled', 'Embedding was cancelled.', { cause: error });
		}
	}

	private async probe(batching: Batching, signal: AbortSignal): Promise<Fingerprint> {
		const named = this.options.model;
		const guess = this.prefixesOf(named ?? '').documentPrefix;
		const first = await this.ask(PROBE_TEXTS, guess, batching, { signal });
		const model = named ?? first.model;
		const prefixes = this.prefixesOf(model);
		// Where the engine chose the model, its prefix could not be known before.
		const probes =
			prefixes.documentPrefix === guess
				? first
				: await this.ask(PROBE_TEXTS, prefixes.documentPrefix, batching, { signal });
		const now = makeFingerprint({ model, dimensions: probes.dimensions, ...prefixes }, probes.vectors);
		if (this.fingerprint && !compareFingerprints(this.fingerprint, now).same) this.cache.clear();
		this.fingerprint = now;
		this.probedAt = Date.now();
		return now;
	}

	/** Vectors of texts. That the engines of the pool agree on them is the pool's own care (agreement.ts). */
	async embed(
		texts: readonly string[],
		prefix: string,
		batching: Batching,
		signal?: AbortSignal,
	): Promise<EmbedResult> {
		const dimensions = this.fingerprint?.dimensions;
		return await this.ask(texts, prefix, batching, { signal, dimensions });
	}

	private prefixesOf(model: string): Prefixes {
		const known = knownPrefixes(model);
		const { queryPrefix = known.queryPrefix, documentPrefix = known.documentPrefix } = this.options;
		return { queryPrefix, documentPrefix };
	}

	private async ask(
		texts: readonly string[],
		prefix: string,
		batching: Batching,
		call: {
			readonly signal?: AbortSignal;
			readonly dimensions?: number;
		},
	): Promise<EmbedResult> {
		const { pool, model, dimensions, normalize = true, onTooLong = 'fail', allowRemote } = this.options;
		const result = await pool.embed(
			texts,
			{ model, dimensions, prefix, onTooLong, normalize, ...batching, concurrency: 1 },
			{ signal: call.signal, allowRemote },
		);
		const expected = call.dimensions ?? dimensions ?? result.dimensions;
		if (
			result.vectors.length !== texts.length ||
			result.vectors.some((vector) => vector.length !== expected)
		) {
			throw new EmbeddingError(
				'badAnswer',
				`Engine "${result.engine}" was to embed ${texts.length} texts in ${expected} dimensions and gave ${result.vectors.length} vectors of ${result.vectors[0]?.length ?? 0}. Check which model it serves.`,
			);
		}
		return result;
	}
}

const spaces = new WeakMap<EmbeddingEngines, Map<string, EngineSpace>>();

/** Of one pool; each remembers up to 32 MB of vectors. */
const MAX_SPACES = 16;

/**
 * Embedders of one pool with the same settings share what they know of the model, and one bounded cache, in which each scope finds
 * its own vectors only; it goes when the pool goes.
 */
export function spaceOf(options: EngineEmbedderOptions): EngineSpace {
	const {
		pool,
		model,
		dimensions,
		queryPrefix,
		documentPrefix,
		normalize,
		maxTokens,
		onTooLong,
		cacheBytes,
		allowRemote,
	} = options;
	const known = spaces.get(pool) ?? new Map<string, EngineSpace>();
	spaces.set(pool, known);
	const key = sha256(
		JSON.stringify([
			model,
			dimensions,
			queryPrefix,
			documentPrefix,
			normalize,
			maxTokens,
			onTooLong,
			cacheBytes,
			allowRemote,
		]),
	);
	const space = known.get(key) ?? new EngineSpace(options);
	// The least recently used goes first: each has a cache.
	known.delete(key);
	if (known.size >= MAX_SPACES) known.delete(known.keys().next().value ?? '');
	known.set(key, space);
	return space;
}
