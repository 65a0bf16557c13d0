import type { Engines } from '../engine';
import { sha256, type CallContext } from '../support';
import { EmbeddingError } from './errors';
import { requireText, throwIfCancelled } from './fastEmbedder';
import { compareFingerprints, makeFingerprint, PROBE_TEXTS } from './fingerprint';
import { mapInOrder } from './inOrder';
import { knownPrefixes, type Prefixes } from './prefixes';
import { estimateTokens, fitText } from './tooLong';
import type { EmbeddedText, Embedder, Fingerprint, OnTooLong, TokenStates } from './types';
import { normalise } from './vectors';
import { VectorCache } from './vectorCache';

/** The part of an EnginePool that embedding needs. */
export type EmbeddingEngines = Pick<Engines, 'embed'> & Partial<Pick<Engines, 'tokenVectors'>>;

export interface EngineEmbedderOptions {
	readonly pool: EmbeddingEngines;
	/** Default: what the engine answers with when none is named. */
	readonly model?: string;
	/** Put before questions and documents. Default: what the model is known to want (`knownPrefixes`). */
	readonly queryPrefix?: string;
	readonly documentPrefix?: string;
	/** Fewer dimensions, where the model was made for it. */
	readonly dimensions?: number;
	/** Unit length. Default true. */
	readonly normalize?: boolean;
	/** Most tokens of a text, prefix included. Default: what the engine accepts. */
	readonly maxTokens?: number;
	/** What to do with longer texts. Default `fail`. */
	readonly onTooLong?: OnTooLong;
	/** The model's own count; default a quarter of the UTF-8 bytes. */
	readonly countTokens?: (text: string) => number;
	/** Most texts and tokens in a request, and requests in flight. Defaults 64, 8,192, 2. */
	readonly batchSize?: number;
	readonly batchTokens?: number;
	readonly concurrency?: number;
	/** Memory for vectors of texts seen lately, shared by all embedders of one pool and model. Default 32 MB; 0: none. */
	readonly cacheBytes?: number;
	/** May engines marked `remote` be used? Default false. */
	readonly allowRemote?: boolean;
}

/** After so long the probe texts are embedded again, so that a model swapped under the same name is noticed. */
const PROBE_EVERY_MS = 10 * 60_000;

/** What is known of one model behind one pool: shared by its embedders, dropped with the pool. */
class Space {
	fingerprint?: Fingerprint;
	probedAt = 0;
	readonly cache: VectorCache<EmbeddedText>;
	/** Engines whose vectors were found to agree. */
	readonly engines = new Set<string>();

	constructor(cacheBytes: number) {
		this.cache = new VectorCache(cacheBytes);
	}
}

const spaces = new WeakMap<EmbeddingEngines, Map<string, Space>>();

/** Vectors of an embedding model behind an EnginePool. */
export class EngineEmbedder implements Embedder {
	private readonly space: Space;
	private readonly inFlight: number;
	private readonly batchSize: number;
	private readonly batchTokens: number;
	private readonly countTokensOf: (text: string) => number;

	constructor(private readonly options: EngineEmbedderOptions) {
		this.inFlight = positive('concurrency', options.concurrency ?? 2);
		this.batchSize = positive('batchSize', options.batchSize ?? 64);
		this.batchTokens = positive('batchTokens', options.batchTokens ?? 8192);
		for (const name of ['maxTokens', 'dimensions'] as const)
			if (options[name] !== undefined) positive(name, options[name]);
		this.countTokensOf = options.countTokens ?? estimateTokens;
		this.space = spaceOf(options);
	}

	get model(): string {
		return this.space.fingerprint?.model ?? this.options.model ?? '';
	}

	get dimensions(): number {
		return this.space.fingerprint?.dimensions ?? this.options.dimensions ?? 0;
	}

	countTokens(text: string): number {
		return this.countTokensOf(text);
	}

	async *embedDocuments(
		texts: AsyncIterable<string> | Iterable<string>,
		call?: CallContext,
	): AsyncGenerator<EmbeddedText> {
		const { documentPrefix } = await this.fingerprint(call);
		const batches = this.batches(texts, documentPrefix);
		let done = 0;
		for await (const batch of mapInOrder(
			batches,
			this.inFlight,
			(b, signal) => this.run(b, documentPrefix, signal),
			call?.signal,
		)) {
			yield* batch;
			done += batch.length;
			call?.onProgress?.({ done });
		}
	}

	async embedQuery(text: string, call?: CallContext): Promise<Float32Array> {
		throwIfCancelled(call);
		requireText(text, 0);
		const { queryPrefix } = await this.fingerprint(call);
		const [embedded] = await this.run([this.fit(text, queryPrefix)], queryPrefix, call?.signal);
		return embedded?.vector ?? new Float32Array(this.dimensions);
	}

	/** One request for the probe texts; known again without asking for ten minutes. */
	async fingerprint(call?: CallContext): Promise<Fingerprint> {
		throwIfCancelled(call);
		const { space, options } = this;
		if (space.fingerprint && Date.now() - space.probedAt < PROBE_EVERY_MS) return space.fingerprint;
		const first = await this.ask(
			PROBE_TEXTS,
			options.documentPrefix ?? knownPrefixes(options.model ?? '').documentPrefix,
			call?.signal,
		);
		const model = options.model ?? first.model;
		const prefixes = this.prefixes(model);
		// The engine chose the model, and it wants a prefix that could not be known before.
		const late =
			options.model === undefined && options.documentPrefix === undefined && prefixes.documentPrefix !== '';
		const { vectors, engine, dimensions } = late
			? await this.ask(PROBE_TEXTS, prefixes.documentPrefix, call?.signal)
			: first;
		const fingerprint = makeFingerprint({ model, dimensions, ...prefixes }, vectors);
		if (space.fingerprint && !compareFingerprints(space.fingerprint, fingerprint).same) {
			space.cache.clear();
			space.engines.clear();
		}
		space.fingerprint = fingerprint;
		space.probedAt = Date.now();
		space.engines.add(engine);
		return fingerprint;
	}

	/**
	 * What the engine gives for the text behind the document prefix. Only a server without pooling can (llama.cpp:
	 * `--pooling none`); others are refused by the pool with `unsupported`.
	 */
	async tokenVectors(text: string, call?: CallContext): Promise<TokenStates> {
		throwIfCancelled(call);
		requireText(text, 0);
		const { pool, model, allowRemote } = this.options;
		if (!pool.tokenVectors)
			throw new EmbeddingError('invalidOptions', 'These engines give no token vectors.');
		const prefix = this.options.documentPrefix ?? knownPrefixes(model ?? '').documentPrefix;
		const { vectors, offsets } = await pool.tokenVectors(
			prefix + text,
			{ model },
			{ signal: call?.signal, allowRemote },
		);
		// Tokens of the prefix are no part of the text: treated as special ones.
		const shifted = offsets.map((offset) =>
			offset === null || offset.start < prefix.length
				? null
				: { start: offset.start - prefix.length, end: offset.end - prefix.length },
		);
		return { vectors, offsets: shifted };
	}

	/** Nothing to end: the pool belongs to whoever made it. */
	close(): Promise<void> {
		return Promise.resolve();
	}

	private prefixes(model: string): Prefixes {
		const known = knownPrefixes(model);
		return {
			queryPrefix: this.options.queryPrefix ?? known.queryPrefix,
			documentPrefix: this.options.documentPrefix ?? known.documentPrefix,
		};
	}

	private fit(text: string, prefix: string): Piecewise {
		const { maxTokens, onTooLong = 'fail' } = this.options;
		const countTokens = this.countTokensOf;
		if (text.trim() === '') return { text, pieces: [], tokens: 0 };
		if (maxTokens === undefined) return { text, pieces: [text], tokens: countTokens(text) };
		const room = Math.max(1, maxTokens - (prefix === '' ? 0 : countTokens(prefix)));
		const { pieces, flag } = fitText(text, { maxTokens: room, onTooLong, countTokens });
		return { text, pieces, flag, tokens: pieces.reduce((sum, piece) => sum + countTokens(piece), 0) };
	}

	/** Texts in groups that make one request each. */
	private async *batches(
		texts: AsyncIterable<string> | Iterable<string>,
		prefix: string,
	): AsyncGenerator<Piecewise[]> {
		let batch: Piecewise[] = [];
		let pieces = 0;
		let tokens = 0;
		let position = 0;
		for await (const text of texts) {
			requireText(text, position++);
			const next = this.fit(text, prefix);
			if (
				batch.length > 0 &&
				(pieces + next.pieces.length > this.batchSize || tokens + next.tokens > this.batchTokens)
			) {
				yield batch;
				[batch, pieces, tokens] = [[], 0, 0];
			}
			batch.push(next);
			pieces += next.pieces.length;
			tokens += next.tokens;
		}
		if (batch.length > 0) yield batch;
	}

	private async run(
		batch: readonly Piecewise[],
		prefix: string,
		signal?: AbortSignal,
	): Promise<EmbeddedText[]> {
		const { cache } = this.space;
		const found = batch.map((entry) =>
			entry.pieces.length === 0 ? this.nothing() : cache.get(prefix + entry.text),
		);
		const missing = batch.filter((_, i) => !found[i]);
		const fresh = missing.length === 0 ? [] : await this.embedMissing(missing, prefix, signal);
		let at = 0;
		return found.map((hit) => hit ?? fresh[at++] ?? this.nothing());
	}

	private async embedMissing(
		missing: readonly Piecewise[],
		prefix: string,
		signal?: AbortSignal,
	): Promise<EmbeddedText[]> {
		const pieces = missing.flatMap((entry) => entry.pieces);
		const { vectors, flags, engine } = await this.ask(pieces, prefix, signal);
		await this.assertAgreement(engine, signal);
		let at = 0;
		return missing.map((entry) => {
			const own = vectors.slice(at, at + entry.pieces.length);
			const given = flags.slice(at, at + entry.pieces.length);
			at += entry.pieces.length;
			const flag = entry.flag ?? given.find((f) => f !== undefined && f !== 'empty');
			const embedded: EmbeddedText = {
				vector: own.length === 1 && own[0] ? own[0] : this.average(own, entry.pieces),
				...(given.every((f) => f === 'empty') && { empty: true }),
				...(flag && { flag }),
				...(this.options.countTokens && { tokens: entry.tokens }),
			};
			this.space.cache.set(prefix + entry.text, embedded);
			return embedded;
		});
	}

	/** Mean of the pieces' vectors, weighted by their tokens. */
	private average(vectors: readonly Float32Array[], pieces: readonly string[]): Float32Array {
		const sum = new Float64Array(this.dimensions);
		const weights = pieces.map((piece) => Math.max(1, this.countTokensOf(piece)));
		const total = weights.reduce((a, b) => a + b, 0);
		vectors.forEach((vector, i) =>
			vector.forEach((value, k) => (sum[k] = (sum[k] ?? 0) + (value * (weights[i] ?? 1)) / total)),
		);
		return this.options.normalize === false ? Float32Array.from(sum) : normalise(sum);
	}

	private async ask(
		texts: readonly string[],
		prefix: string,
		signal?: AbortSignal,
		engines?: readonly string[],
	) {
		const { pool, model, dimensions, normalize = true, onTooLong = 'fail', allowRemote } = this.options;
		const result = await pool.embed(
			texts,
			{
				model,
				dimensions,
				prefix,
				onTooLong,
				normalize,
				batchSize: this.batchSize,
				batchTokens: this.batchTokens,
				concurrency: 1,
				countTokens: this.countTokensOf,
			},
			{ signal, allowRemote, engines },
		);
		const expected = this.dimensions || result.dimensions;
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
	private async assertAgreement(engine: string, signal?: AbortSignal): Promise<void> {
		const { space } = this;
		if (space.engines.has(engine) || !space.fingerprint) return;
		const { model, dimensions, queryPrefix, documentPrefix } = space.fingerprint;
		const { vectors } = await this.ask(PROBE_TEXTS, documentPrefix, signal, [engine]);
		const now = makeFingerprint({ model, dimensions, queryPrefix, documentPrefix }, vectors);
		const { same, cosine } = compareFingerprints(space.fingerprint, now);
		if (!same) {
			throw new EmbeddingError(
				'drift',
				`Engine "${engine}" gives other vectors for "${model}" than "${[...space.engines].join('", "')}" (cosine ${cosine.toFixed(4)} of a probe text). Give every engine the same embedding model, or leave "${engine}" out.`,
			);
		}
		space.engines.add(engine);
	}

	private nothing(): EmbeddedText {
		return { vector: new Float32Array(this.dimensions), empty: true };
	}
}

interface Piecewise {
	readonly text: string;
	/** None for a text of white space, which is not sent. */
	readonly pieces: readonly string[];
	readonly flag?: 'truncated' | 'averaged';
	readonly tokens: number;
}

/** Embedders of one pool with the same settings share what they know; the pool itself is never kept alive by it. */
function spaceOf(options: EngineEmbedderOptions): Space {
	const {
		pool,
		model,
		dimensions,
		queryPrefix,
		documentPrefix,
		normalize,
		maxTokens,
		onTooLong,
		cacheBytes = 32 * 2 ** 20,
	} = options;
	const known = spaces.get(pool) ?? new Map<string, Space>();
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
		]),
	);
	let space = known.get(key);
	if (!space) known.set(key, (space = new Space(cacheBytes)));
	return space;
}

function positive(name: string, value: number): number {
	if (Number.isInteger(value) && value > 0) return value;
	throw new EmbeddingError('invalidOptions', `"${name}" must be a whole number above 0, not ${value}.`);
}
