import { estimateTokens, mapInOrder, toUnit, type CallContext } from '../support';
import type { EngineEmbedderOptions } from './engineOptions';
import { type Batching, type EngineSpace, spaceOf } from './engineSpace';
import { EmbeddingError } from './errors';
import { requireText, throwIfCancelled } from './fast/fastEmbedder';
import { knownPrefixes } from './prefixes';
import { fitText } from './tooLong';
import type { EmbeddedText, Embedder, Fingerprint, TokenStates } from './types';

/** Vectors of an embedding model behind an EnginePool. */
export class EngineEmbedder implements Embedder {
	private readonly space: EngineSpace;
	private readonly inFlight: number;
	private readonly batching: Batching;

	constructor(private readonly options: EngineEmbedderOptions) {
		this.inFlight = positive('concurrency', options.concurrency ?? options.pool.places ?? 2);
		this.batching = {
			batchSize: positive('batchSize', options.batchSize ?? 64),
			batchTokens: positive('batchTokens', options.batchTokens ?? 8192),
			countTokens: options.countTokens ?? estimateTokens,
		};
		for (const name of ['maxTokens', 'dimensions'] as const)
			if (options[name] !== undefined) positive(name, options[name]);
		this.space = spaceOf(options);
	}

	get model(): string {
		return this.space.fingerprint?.model ?? this.options.model ?? '';
	}

	get dimensions(): number {
		return this.space.fingerprint?.dimensions ?? this.options.dimensions ?? 0;
	}

	countTokens(text: string): number {
		return this.batching.countTokens(text);
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
	async fingerprint(call?: CallContext & { readonly fresh?: boolean }): Promise<Fingerprint> {
		throwIfCancelled(call);
		return await this.space.identify(this.batching, call?.signal, call?.fresh);
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

	private fit(text: string, prefix: string): Piecewise {
		const { maxTokens, onTooLong = 'fail' } = this.options;
		const { countTokens } = this.batching;
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
				(pieces + next.pieces.length > this.batching.batchSize ||
					tokens + next.tokens > this.batching.batchTokens)
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
			entry.pieces.length === 0 ? this.nothing() : cache.get(this.keyOf(prefix, entry.text)),
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
		const { vectors, flags } = await this.space.embed(pieces, prefix, this.batching, signal);
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
			this.space.cache.set(this.keyOf(prefix, entry.text), embedded);
			return embedded;
		});
	}

	private keyOf(prefix: string, text: string): string {
		return JSON.stringify([this.options.cacheScope, prefix, text]);
	}

	/** Mean of the pieces' vectors, weighted by their tokens. */
	private average(vectors: readonly Float32Array[], pieces: readonly string[]): Float32Array {
		const sum = new Float64Array(this.dimensions);
		const weights = pieces.map((piece) => Math.max(1, this.batching.countTokens(piece)));
		const total = weights.reduce((a, b) => a + b, 0);
		vectors.forEach((vector, i) =>
			vector.forEach((value, k) => (sum[k] = (sum[k] ?? 0) + (value * (weights[i] ?? 1)) / total)),
		);
		return this.options.normalize === false ? Float32Array.from(sum) : toUnit(sum);
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

function positive(name: string, value: number): number {
	if (Number.isInteger(value) && value > 0) return value;
	throw new EmbeddingError('invalidOptions', `"${name}" must be a whole number above 0, not ${value}.`);
}
