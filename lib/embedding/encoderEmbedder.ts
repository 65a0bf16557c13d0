import { createSlicer, mapInOrder, shortened, toUnit, type CallContext } from '../support';
import { type EncoderModel, type Frame, framed, MAX_TOKENS, type TextKind } from './encoderModel';
import { encoderTokenVectors } from './encoderTokens';
import { EmbeddingError } from './errors';
import { requireText, throwIfCancelled } from './fast/fastEmbedder';
import { makeFingerprint, PROBE_TEXTS } from './sameModel';
import type { EmbeddedText, Embedder, Fingerprint, OnTooLong, TokenStates } from './types';
import type { TokenScan } from './tokenScan';
import { VectorCache } from './vectorCache';
import { createRateMeter } from './rate';

export interface EncoderOptions {
	/** Processes that may work at once, each on a core and with about 200 MB. Default 1. */
	readonly processes?: number;
	/** Most tokens of a text, special ones included: at most 512. Default: 512 of the multilingual model, 256 of the English one. */
	readonly maxTokens?: number;
	/** What to do with longer texts. Default `mean`: the whole text counts, and the flag says so. */
	readonly onTooLong?: OnTooLong;
	/**
	 * Whose vectors are remembered: those of another scope are computed again, so that time does not tell what others have
	 * embedded. Without a scope nothing is remembered.
	 */
	readonly cacheScope?: string;
}

/** Most pieces a text is averaged over: 16,000 tokens; a longer text has no one meaning, and would block others for minutes. */
const MAX_PIECES = 64;
const CACHE_BYTES = 32 * 2 ** 20;

const cache = new VectorCache<EmbeddedText>(CACHE_BYTES);
/** Texts that the pack itself embeds, the same for everybody. */
const PROBES = 'probes';

/** A built-in sentence encoder: an int8 graph in a process of its own. */
export class EncoderEmbedder implements Embedder {
	readonly model: string;
	readonly dimensions: number;
	readonly countTokens?: (text: string) => number;
	private readonly maxTokens: number;
	private readonly onTooLong: OnTooLong;
	private readonly cacheScope: string | undefined;

	constructor(
		private readonly encoder: EncoderModel,
		{ processes = 1, maxTokens = encoder.defaultTokens, onTooLong = 'mean', cacheScope }: EncoderOptions = {},
	) {
		const least = Math.max(...Object.values(encoder.frame).map((frame) => specialsOf(frame))) + 1;
		if (!Number.isInteger(maxTokens) || maxTokens < least || maxTokens > MAX_TOKENS) {
			throw new EmbeddingError(
				'invalidOptions',
				`"maxTokens" must be between ${least} and ${MAX_TOKENS}, not ${maxTokens}.`,
			);
		}
		if (!Number.isInteger(processes) || processes < 1) {
			throw new EmbeddingError(
				'invalidOptions',
				`"processes" must be a whole number above 0, not ${processes}.`,
			);
		}
		this.model = encoder.name;
		this.dimensions = encoder.dimensions;
		this.countTokens = encoder.countTokens;
		this.maxTokens = maxTokens;
		this.onTooLong = onTooLong;
		this.cacheScope = cacheScope;
		encoder.pool.allow(processes);
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
		const inFlight = 3 * this.encoder.pool.processes;
		const embed = async (text: string, signal: AbortSignal): Promise<EmbeddedText> => {
			requireText(text, position++);
			await turn();
			return await this.embed(text, 'document', signal, rate.tick);
		};
		for await (const embedded of mapInOrder(texts, inFlight, embed, call?.signal)) {
			yield embedded;
			done++;
			call?.onProgress?.({ done, total, note: rate.note(total === undefined ? undefined : total - done) });
		}
	}

	async embedQuery(text: string, call?: CallContext): Promise<Float32Array> {
		requireText(text, 0);
		return (await this.embed(text, 'query', call?.signal)).vector;
	}

	async fingerprint(call?: CallContext): Promise<Fingerprint> {
		const probes = await Promise.all(
			PROBE_TEXTS.map(async (text) => (await this.embedIn(PROBES, text, 'document', call?.signal)).vector),
		);
		const { model, dimensions } = this;
		const { queryPrefix, documentPrefix } = this.encoder;
		return makeFingerprint({ model, dimensions, queryPrefix, documentPrefix }, probes);
	}

	estimateMs(characters: number): number | undefined {
		const ms = this.encoder.pool.pace.msFor(characters);
		return ms === undefined ? undefined : ms / this.encoder.pool.processes;
	}

	/** A text of any length up to 100,000 tokens, in windows of `maxTokens`. */
	async tokenVectors(text: string, call?: CallContext): Promise<TokenStates> {
		return await encoderTokenVectors(this.encoder, text, { windowTokens: this.maxTokens, ...call });
	}

	/** The process ends by itself when nobody uses it: others may. */
	close(): Promise<void> {
		return Promise.resolve();
	}

	private embed(
		text: string,
		kind: TextKind,
		signal?: AbortSignal,
		onComputed?: () => void,
	): Promise<EmbeddedText> {
		return this.embedIn(this.cacheScope, text, kind, signal, onComputed);
	}

	private async embedIn(
		scope: string | undefined,
		text: string,
		kind: TextKind,
		signal?: AbortSignal,
		onComputed?: () => void,
	): Promise<EmbeddedText> {
		// Where a model has no prefixes, questions and documents have the same vectors.
		const { before } = this.encoder.frame[kind];
		const of = `${this.model} ${before.join()} ${this.maxTokens} ${this.onTooLong}`;
		const key = scope === undefined ? undefined : JSON.stringify([scope, of, text]);
		const known = key === undefined ? undefined : cache.get(key);
		if (known) return known;
		const embedded = await this.compute(text, kind, signal);
		onComputed?.();
		if (key !== undefined) cache.set(key, embedded);
		return embedded;
	}

	private async compute(text: string, kind: TextKind, signal?: AbortSignal): Promise<EmbeddedText> {
		const { encoder, maxTokens } = this;
		const specials = specialsOf(encoder.frame[kind]);
		const room = maxTokens - specials;
		const tokenizer = await encoder.tokenizer();
		const ids = await this.read(tokenizer.scan(text), text, room);
		const tokens = ids.length + specials;
		if (ids.length <= room) encoder.pool.pace.read(text.length, ids.length);
		if (ids.length === 0) return { vector: new Float32Array(this.dimensions), empty: true, tokens };
		if (ids.length <= room) {
			const vector = await this.run(ids, kind, signal);
			// A vector of nothing but unknown words says only that they are unknown.
			return ids.every((id) => id === tokenizer.unknownId)
				? { vector, empty: true, tokens }
				: { vector, tokens };
		}
		if (this.onTooLong === 'fail') throw this.tooLong(text, tokens, maxTokens);
		if (this.onTooLong === 'truncate') {
			const vector = await this.run(ids.subarray(0, room), kind, signal);
			return { vector, flag: 'truncated', tokens: maxTokens };
		}
		return { vector: await this.average(ids, room, kind, signal), flag: 'averaged', tokens };
	}

	private async run(ids: Int32Array, kind: TextKind, signal?: AbortSignal): Promise<Float32Array> {
		return await this.encoder.pool.run(framed(this.encoder.frame[kind], ids), 'sentence', signal);
	}

	/** Token ids, no more than can be used; gives way to the event loop in long texts. */
	private async read(scan: TokenScan, text: string, room: number): Promise<Int32Array> {
		const most = this.onTooLong === 'mean' ? MAX_PIECES * room : room;
		const turn = createSlicer();
		while (scan.advance(true)) {
			if (scan.length > most && this.onTooLong !== 'fail') break;
			await turn();
		}
		if (this.onTooLong === 'mean' && scan.length > most) throw this.tooLong(text, scan.length, most);
		return scan.ids.slice(0, scan.length);
	}

	/** Mean over pieces of equal length (give or take a token), so that no short rest counts as much as a full piece. */
	private async average(
		ids: Int32Array,
		room: number,
		kind: TextKind,
		signal?: AbortSignal,
	): Promise<Float32Array> {
		const pieces = Math.ceil(ids.length / room);
		const sum = new Float64Array(this.dimensions);
		for (let i = 0; i < pieces; i++) {
			const piece = ids.subarray(
				Math.floor((i * ids.length) / pieces),
				Math.floor(((i + 1) * ids.length) / pieces),
			);
			const vector = await this.run(piece, kind, signal);
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

const specialsOf = ({ before, after }: Frame): number => before.length + after.length;
