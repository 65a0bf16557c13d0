import { createSlicer, mapInOrder, type CallContext } from '../support';
import { type EncoderModel, framed, MAX_TOKENS } from './encoderModel';
import { EmbeddingError } from './errors';
import { requireText, throwIfCancelled } from './fast/fastEmbedder';
import type { TokenStates } from './types';
import type { Tokens } from './wordpiece';

export interface TokenVectorOptions {
	/** Tokens the model sees at once, special ones included; 8 to 512. Default: those of the model. */
	readonly windowTokens?: number;
	readonly signal?: CallContext['signal'];
	readonly onProgress?: CallContext['onProgress'];
}

/** A text of 100,000 tokens takes about a minute and 150 MB. */
const MOST_TOKENS = 100_000;

/**
 * Token states of a built-in encoder, as it reads documents, for late chunking: each chunk's vector is the mean of its tokens' states,
 * normalised, and knows the text around it (Günther et al. 2024, "Late Chunking"). A text longer than the window is
 * read in windows that overlap by a half; each token's state is taken from the window in which it has most context.
 *
 * Rejects with `tooLong` above 100,000 tokens, and as the encoder does.
 */
export async function encoderTokenVectors(
	model: EncoderModel,
	text: string,
	options: TokenVectorOptions = {},
): Promise<TokenStates> {
	const { windowTokens = model.defaultTokens, signal, onProgress } = options;
	const { dimensions, pool } = model;
	const frame = model.frame.document;
	requireText(text, 0);
	throwIfCancelled(options);
	if (!Number.isInteger(windowTokens) || windowTokens < 8 || windowTokens > MAX_TOKENS) {
		throw new EmbeddingError(
			'invalidOptions',
			`"windowTokens" must be between 8 and ${MAX_TOKENS}, not ${windowTokens}.`,
		);
	}
	const { ids, starts, ends } = await tokensOf(model, text);
	const states = new Float32Array(ids.length * dimensions);
	const windows = planWindows(ids.length, windowTokens - frame.before.length - frame.after.length);
	const read = ({ start, end }: Window, stop: AbortSignal): Promise<Float32Array> =>
		pool.run(framed(frame, ids.subarray(start, end)), 'tokens', stop);
	let done = 0;
	for await (const data of mapInOrder(windows, 3 * pool.processes, read, signal)) {
		const { start, from, to } = windows[done++] ?? { start: 0, from: 0, to: 0 };
		// The states of the tokens in front come first.
		const first = (from - start + frame.before.length) * dimensions;
		states.set(data.subarray(first, first + (to - from) * dimensions), from * dimensions);
		onProgress?.({ done, total: windows.length });
	}
	const tokens = Array.from(ids, (_, i) => i);
	return {
		vectors: tokens.map((i) => states.subarray(i * dimensions, (i + 1) * dimensions)),
		offsets: tokens.map((i) => ({ start: starts[i] ?? 0, end: ends[i] ?? 0 })),
	};
}

/** The window [start, end) of tokens is read, the states of [from, to) are taken from it. */
export interface Window {
	readonly start: number;
	readonly end: number;
	readonly from: number;
	readonly to: number;
}

/** Windows of equal length that cover all tokens; neighbours overlap by about a half and share at its middle. */
export function planWindows(tokens: number, room: number): Window[] {
	if (tokens === 0) return [];
	const count = tokens <= room ? 1 : Math.ceil((2 * tokens) / room) - 1;
	const length = Math.min(room, tokens);
	const startOf = (i: number): number =>
		count === 1 ? 0 : Math.round((i * (tokens - length)) / (count - 1));
	const borderAfter = (i: number): number =>
		i < count - 1 ? (startOf(i + 1) + startOf(i) + length) >> 1 : tokens;
	return Array.from({ length: count }, (_, i) => ({
		start: startOf(i),
		end: startOf(i) + length,
		from: i === 0 ? 0 : borderAfter(i - 1),
		to: borderAfter(i),
	}));
}

async function tokensOf(model: EncoderModel, text: string): Promise<Tokens> {
	const scan = (await model.tokenizer()).scan(text);
	const turn = createSlicer();
	while (scan.advance(true)) {
		if (scan.length > MOST_TOKENS) break;
		await turn();
	}
	if (scan.length > MOST_TOKENS) {
		throw new EmbeddingError(
			'tooLong',
			`The text has more than ${MOST_TOKENS} tokens (${text.length} characters). Cut it into parts, such as chapters, before late chunking.`,
		);
	}
	return {
		ids: scan.ids.slice(0, scan.length),
		starts: scan.starts.slice(0, scan.length),
		ends: scan.ends.slice(0, scan.length),
	};
}
