import { createSlicer, mapInOrder, type CallContext } from '../support';
import { ENCODER_DIMENSIONS, encoderPool, MAX_TOKENS, withSpecials } from './encoderModel';
import type { EncoderPool } from './encoder/pool';
import { EmbeddingError } from './errors';
import { requireText, throwIfCancelled } from './fast/fastEmbedder';
import { wordPiece } from './modelFiles';
import type { TokenStates } from './types';
import type { Tokens } from './wordpiece';

export interface TokenVectorOptions {
	/** Tokens the model sees at once, [CLS] and [SEP] included; 8 to 512. Default 256. */
	readonly windowTokens?: number;
	readonly signal?: CallContext['signal'];
	readonly onProgress?: CallContext['onProgress'];
	/** Default: the encoder of this process. */
	readonly pool?: EncoderPool;
}

/** A text of 100,000 tokens takes about a minute and 150 MB. */
const MOST_TOKENS = 100_000;

/**
 * Token states of the built-in encoder, for late chunking: each chunk's vector is the mean of its tokens' states,
 * normalised, and knows the text around it (Günther et al. 2024, "Late Chunking"). A text longer than the window is
 * read in windows that overlap by a half; each token's state is taken from the window in which it has most context.
 *
 * Rejects with `tooLong` above 100,000 tokens, and as the encoder does.
 */
export async function encoderTokenVectors(
	text: string,
	options: TokenVectorOptions = {},
): Promise<TokenStates> {
	const { windowTokens = 256, signal, onProgress, pool = encoderPool } = options;
	requireText(text, 0);
	throwIfCancelled(options);
	if (!Number.isInteger(windowTokens) || windowTokens < 8 || windowTokens > MAX_TOKENS) {
		throw new EmbeddingError(
			'invalidOptions',
			`"windowTokens" must be between 8 and ${MAX_TOKENS}, not ${windowTokens}.`,
		);
	}
	const { ids, starts, ends } = await tokensOf(text);
	const states = new Float32Array(ids.length * ENCODER_DIMENSIONS);
	const windows = planWindows(ids.length, windowTokens - 2);
	const read = ({ start, end }: Window, stop: AbortSignal): Promise<Float32Array> =>
		pool.run(withSpecials(ids.subarray(start, end)), 'tokens', stop);
	let done = 0;
	for await (const data of mapInOrder(windows, 3 * pool.processes, read, signal)) {
		const { start, from, to } = windows[done++] ?? { start: 0, from: 0, to: 0 };
		// + 1: the state of [CLS] comes first.
		const first = (from - start + 1) * ENCODER_DIMENSIONS;
		states.set(data.subarray(first, first + (to - from) * ENCODER_DIMENSIONS), from * ENCODER_DIMENSIONS);
		onProgress?.({ done, total: windows.length });
	}
	const tokens = Array.from(ids, (_, i) => i);
	return {
		vectors: tokens.map((i) => states.subarray(i * ENCODER_DIMENSIONS, (i + 1) * ENCODER_DIMENSIONS)),
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

async function tokensOf(text: string): Promise<Tokens> {
	const scan = wordPiece().scan(text);
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
