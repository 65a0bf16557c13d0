import type { EmbedResult } from '../engine';
import { sha256 } from '../support';
import type { EmbeddingEngines, EngineEmbedderOptions } from './engineOptions';
import { EmbeddingError } from './errors';
import { compareFingerprints, makeFingerprint, PROBE_TEXTS } from './fingerprint';
import { knownPrefixes, type Prefixes } from './prefixes';
import type { EmbeddedText, Fingerprint } from './types';
import { VectorCache } from './vectorCache';

/** After so long the probe texts are embedded again, so that a model swapped under the same name is noticed. */
const PROBE_EVERY_MS = 10 * 60_000;

/** How a request to the pool is to be cut; differs between embedders of one space. */
export type Batching = Required<Pick<EngineEmbedderOptions, 'batchSize' | 'batchTokens' | 'countTokens'>>;

/** One model behind one pool: what it is, vectors it gave lately, and which engines were found to agree on it. */
export class EngineSpace {
	fingerprint?: Fingerprint;
	readonly cache: VectorCache<EmbeddedText>;
	private probedAt = 0;
	private readonly agreeing = new Set<string>();

	constructor(private readonly options: EngineEmbedderOptions) {
		this.cache = new VectorCache(options.cacheBytes ?? 32 * 2 ** 20);
	}

	/** Embeds the probe texts, at most every ten minutes unless `fresh`; drops the cache when they have moved. */
	async identify(batching: Batching, signal?: AbortSignal, fresh = false): Promise<Fingerprint> {
		if (!fresh && this.fingerprint && Date.now() - this.probedAt < PROBE_EVERY_MS) return this.fingerprint;
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
		if (this.fingerprint && !compareFingerprints(this.fingerprint, now).same) {
			this.cache.clear();
			this.agreeing.clear();
		}
		this.fingerprint = now;
		this.probedAt = Date.now();
		this.agreeing.add(probes.engine);
		return now;
	}

	/** Vectors of texts that the engines of the pool agree on. */
	async embed(
		texts: readonly string[],
		prefix: string,
		batching: Batching,
		signal?: AbortSignal,
	): Promise<EmbedResult> {
		const dimensions = this.fingerprint?.dimensions;
		const result = await this.ask(texts, prefix, batching, { signal, dimensions });
		await this.assertAgreement(result.engine, batching, signal);
		return result;
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
			readonly engines?: readonly string[];
			readonly dimensions?: number;
		},
	): Promise<EmbedResult> {
		const { pool, model, dimensions, normalize = true, onTooLong = 'fail', allowRemote } = this.options;
		const result = await pool.embed(
			texts,
			{ model, dimensions, prefix, onTooLong, normalize, ...batching, concurrency: 1 },
			{ signal: call.signal, allowRemote, engines: call.engines },
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

	/** Engines behind one pool may serve different models under one name: each must give the probes the same vectors. */
	private async assertAgreement(engine: string, batching: Batching, signal?: AbortSignal): Promise<void> {
		const known = this.fingerprint;
		if (!known || this.agreeing.has(engine)) return;
		const { vectors } = await this.ask(PROBE_TEXTS, known.documentPrefix, batching, {
			signal,
			engines: [engine],
		});
		const { same, cosine } = compareFingerprints(known, makeFingerprint(known, vectors));
		if (!same) {
			throw new EmbeddingError(
				'drift',
				`Engine "${engine}" gives other vectors for "${known.model}" than "${[...this.agreeing].join('", "')}" (cosine ${cosine.toFixed(4)} of a probe text). Give every engine the same embedding model, or leave "${engine}" out.`,
			);
		}
		this.agreeing.add(engine);
	}
}

const spaces = new WeakMap<EmbeddingEngines, Map<string, EngineSpace>>();

/** Embedders of one pool with the same settings share what they know; it goes when the pool goes. */
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
	known.set(key, space);
	return space;
}
