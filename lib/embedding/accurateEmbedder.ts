import { createSlicer, mapInOrder, shortened, toUnit, type CallContext } from '../support';
import type { EncoderPool } from './encoder/pool';
import { ENCODER_DIMENSIONS, ENCODER_NAME, encoderPool, MAX_TOKENS, withSpecials } from './encoderModel';
import { encoderTokenVectors } from './encoderTokens';
import { EmbeddingError } from './errors';
import { requireText, throwIfCancelled } from './fast/fastEmbedder';
import { makeFingerprint, PROBE_TEXTS } from './sameModel';
import { wordPiece } from './modelFiles';
import type { EmbeddedText, Embedder, Fingerprint, OnTooLong, TokenStates } from './types';
import { VectorCache } from './vectorCache';
import { UNKNOWN_ID } from './wordpiece';
import { createRateMeter } from './rate';

export interface AccurateOptions {
	/** Processes that may work at once, each on a core and with about 400 MB. Default 1. */
	readonly processes?: number;
	/** Most tokens of a text, [CLS] and [SEP] included: at most 512. Default 256, as the published model. */
	readonly maxTokens?: number;
	/** What to do with longer texts. Default `mean`: the whole text counts, and the flag says so. */
	readonly onTooLong?: OnTooLong;
}

/** Most pieces a text is averaged over: 16,000 tokens; a longer text has no one meaning, and would block others for minutes. */
const MAX_PIECES = 64;
const CACHE_BYTES = 32 * 2 ** 20;

const cache = new VectorCache<EmbeddedText>(CACHE_BYTES);

/** Tier "accurate": all-MiniLM-L6-v2 as an int8 graph in a process of its own, some 36 chunks of 400 characters a second. */
export class AccurateEmbedder implements Embedder {
	readonly model = ENCODER_NAME;
	readonly dimensions = ENCODER_DIMENSIONS;
	private readonly maxTokens: number;
	private readonly onTooLong: OnTooLong;

	constructor(
		{ processes = 1, maxTokens = 256, onTooLong = 'mean' }: AccurateOptions = {},
		private readonly pool: EncoderPool = encoderPool,
	) {
		if (!Number.isInteger(maxTokens) || maxTokens < 3 || maxTokens > MAX_TOKENS) {
			throw new EmbeddingError(
				'invalidOptions',
				`"maxTokens" must be between 3 and ${MAX_TOKENS}, not ${maxTokens}.`,
			);
		}
		if (!Number.isInteger(processes) || processes < 1) {
			throw new EmbeddingError(
				'invalidOptions',
				`"processes" must be a whole number above 0, not ${processes}.`,
			);
		}
		this.maxTokens = maxTokens;
		this.onTooLong = onTooLong;
		pool.allow(processes);
	}

	/** @param call `onProgress` is told how many texts a second are done and how long the rest takes. */
	async *embedDocuments(
		texts: AsyncIterable<string> | Iterable<string>,
		call?: CallContext,
	): AsyncGenerator<EmbeddedText> {
		throwIfCancelled(call);
		const total = Array.isArray(texts) ? texts.length : undefined;
		const rate = createRateMeter();
		const turn = createSlicer();
		let position = 0;
		let done = 0;
		// Two texts a process are under way, one more each is being cut into tokens.
		const inFlight = 3 * this.pool.processes;
		const embed = async (text: string, signal: AbortSignal): Promise<EmbeddedText> => {
			requireText(text, position++);
			await turn();
			return await this.embed(text, signal, rate.tick);
		};
		for await (const embedded of mapInOrder(texts, inFlight, embed, call?.signal)) {
			yield embedded;
			done++;
			call?.onProgress?.({ done, total, note: rate.note(total === undefined ? undefined : total - done) });
		}
	}

	async embedQuery(text: string, call?: CallContext): Promise<Float32Array> {
		requireText(text, 0);
		return (await this.embed(text, call?.signal)).vector;
	}

	async fingerprint(call?: CallContext): Promise<Fingerprint> {
		const probes = await Promise.all(
			PROBE_TEXTS.map(async (text) => (await this.embed(text, call?.signal)).vector),
		);
		return makeFingerprint(
			{ model: this.model, dimensions: this.dimensions, queryPrefix: '', documentPrefix: '' },
			probes,
		);
	}

	countTokens(text: string): number {
		return wordPiece().count(text) + 2;
	}

	/** A text of any length up to 100,000 tokens, in windows of `maxTokens`. */
	async tokenVectors(text: string, call?: CallContext): Promise<TokenStates> {
		return await encoderTokenVectors(text, { windowTokens: this.maxTokens, pool: this.pool, ...call });
	}

	/** The process ends by itself when nobody uses it: others may. */
	close(): Promise<void> {
		return Promise.resolve();
	}

	private async embed(text: string, signal?: AbortSignal, onComputed?: () => void): Promise<EmbeddedText> {
		const key = `${this.maxTokens} ${this.onTooLong} ${text}`;
		const known = cache.get(key);
		if (known) return known;
		const embedded = await this.compute(text, signal);
		onComputed?.();
		cache.set(key, embedded);
		return embedded;
	}

	private async compute(text: string, signal?: AbortSignal): Promise<EmbeddedText> {
		const room = this.maxTokens - 2;
		const ids = await this.read(text, room);
		const tokens = ids.length + 2;
		if (ids.length === 0) return { vector: new Float32Array(ENCODER_DIMENSIONS), empty: true, tokens };
		if (ids.length <= room) {
			const vector = await this.pool.run(withSpecials(ids), 'sentence', signal);
			// A vector of nothing but unknown words says only that they are unknown.
			return ids.every((id) => id === UNKNOWN_ID) ? { vector, empty: true, tokens } : { vector, tokens };
		}
		if (this.onTooLong === 'fail') throw this.tooLong(text, tokens, this.maxTokens);
		if (this.onTooLong === 'truncate') {
			const vector = await this.pool.run(withSpecials(ids.subarray(0, room)), 'sentence', signal);
			return { vector, flag: 'truncated', tokens: this.maxTokens };
		}
		return { vector: await this.average(ids, room, signal), flag: 'averaged', tokens };
	}

	/** Token ids, no more than can be used; gives way to the event loop in long texts. */
	private async read(text: string, room: number): Promise<Int32Array> {
		const most = this.onTooLong === 'mean' ? MAX_PIECES * room : room;
		const scan = wordPiece().scan(text);
		const turn = createSlicer();
		while (scan.advance(true)) {
			if (scan.length > most && this.onTooLong !== 'fail') break;
			await turn();
		}
		if (this.onTooLong === 'mean' && scan.length > most) throw this.tooLong(text, scan.length, most);
		return scan.ids.slice(0, scan.length);
	}

	/** Mean over pieces of equal length (give or take a token), so that no short rest counts as much as a full piece. */
	private async average(ids: Int32Array, room: number, signal?: AbortSignal): Promise<Float32Array> {
		const pieces = Math.ceil(ids.length / room);
		const sum = new Float64Array(ENCODER_DIMENSIONS);
		for (let i = 0; i < pieces; i++) {
			const piece = ids.subarray(
				Math.floor((i * ids.length) / pieces),
				Math.floor(((i + 1) * ids.length) / pieces),
			);
			const vector = await this.pool.run(withSpecials(piece), 'sentence', signal);
			vector.forEach((value, k) => (sum[k] = (sum[k] ?? 0) + value));
		}
		return toUnit(sum);
	}

	private tooLong(text: string, tokens: number, most: number): EmbeddingError {
		return new EmbeddingError(
			'tooLong',
			`A text of ${text.length} characters ("${shortened(text, 40)}") has at least ${tokens} tokens, more than the ${most} the built-in encoder takes. Cut it into chunks first.`,
		);
	}
}
