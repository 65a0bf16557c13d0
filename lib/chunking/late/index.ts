import { LocalEngineError, messageOf } from '../../support';
import { ChunkingError, stopIfCancelled } from '../errors';
import type { Chunk, ChunkFlag } from '../types';
import { misalignment, poolTokens } from './pool';
import type { LateOptions, LateServices, TokenVectors } from './types';
import { type MacroWindow, macroWindows } from './windows';

export type { LateOptions, LateServices, TokenVectors } from './types';

const DEFAULTS = { maxTokens: 512, overlapTokens: 64 } as const satisfies LateOptions;

/** A chunk with its vector, unit length; `lateFallback` among the flags where the ordinary embedding had to serve. */
export interface LateChunk {
	readonly chunk: Chunk;
	readonly vector: Float32Array;
	/** Why the ordinary embedding served. */
	readonly reason?: string;
}

/**
 * Late chunking (Günther et al., arXiv 2409.04701): the text is encoded first, in windows as long as the model reads, and
 * a chunk's vector is the mean over its tokens, each of which has seen its surroundings. For models with mean pooling.
 *
 * Where the engine's tokens cannot be matched with the text, or a chunk is longer than the model reads, the chunk is
 * embedded in the ordinary way and flagged.
 *
 * @param chunks of `text`, in order
 * @throws ChunkingError `missingService` when the ordinary way is needed and there is no `embed`; `badService`; `cancelled`
 */
export async function* embedLate(
	text: string,
	chunks: Iterable<Chunk> | AsyncIterable<Chunk>,
	services: LateServices,
	options: LateOptions = {},
): AsyncGenerator<LateChunk> {
	const bounds = { ...DEFAULTS, ...options };
	if (
		!(bounds.maxTokens >= 8) ||
		!(bounds.overlapTokens >= 0) ||
		bounds.overlapTokens * 2 >= bounds.maxTokens
	) {
		throw new ChunkingError(
			'invalidOptions',
			`Late chunking with ${bounds.overlapTokens} tokens of overlap either side does not fit windows of ${bounds.maxTokens} tokens. Lower the overlap.`,
		);
	}
	for await (const window of macroWindows(text, chunks, services.countTokens, bounds)) {
		stopIfCancelled(services);
		yield* encodeWindow(text, window, services);
	}
}

/**
 * The vectors of {@link embedLate} alone, one a chunk, in order.
 * @example const vectors = await lateVectors(text, chunks, { tokenVectors: (part) => pool.tokenVectors(part) });
 */
export async function lateVectors(
	text: string,
	chunks: Iterable<Chunk> | AsyncIterable<Chunk>,
	services: LateServices,
	options: LateOptions = {},
): Promise<Float32Array[]> {
	const vectors: Float32Array[] = [];
	for await (const { vector } of embedLate(text, chunks, services, options)) vectors.push(vector);
	return vectors;
}

const TOO_LONG: { tokens?: TokenVectors; wrong?: string } = {
	wrong: 'the chunk is longer than the model reads',
};

async function tokensOf(
	part: string,
	services: LateServices,
): Promise<{ tokens?: TokenVectors; wrong?: string }> {
	try {
		const tokens = await services.tokenVectors(part, { signal: services.signal });
		return { tokens, wrong: misalignment(part, tokens) };
	} catch (error) {
		// The window's length was an estimate; anything else than "too long" is the engine's trouble, not this window's.
		if (!isTooLong(error)) throw error;
		return { wrong: messageOf(error) };
	}
}

function isTooLong(error: unknown): boolean {
	return error instanceof LocalEngineError && error.kind === 'contextExceeded';
}

async function* encodeWindow(
	text: string,
	window: MacroWindow,
	services: LateServices,
): AsyncGenerator<LateChunk> {
	const part = text.slice(window.start, window.end);
	const { tokens, wrong } = window.tooLong ? TOO_LONG : await tokensOf(part, services);
	for (const chunk of window.chunks) {
		const vector = tokens && wrong === undefined ? poolTokens(chunk, window, tokens) : undefined;
		if (vector) yield { chunk, vector };
		else yield await embedOrdinarily(chunk, wrong ?? 'no token begins in the chunk', services);
	}
}

async function embedOrdinarily(chunk: Chunk, reason: string, { embed }: LateServices): Promise<LateChunk> {
	if (!embed) {
		throw new ChunkingError(
			'missingService',
			`Late chunking is not possible for the chunk at ${chunk.start}–${chunk.end} (${reason}), and no ordinary embedding was given to fall back on.`,
		);
	}
	let vector: Float32Array | undefined;
	try {
		[vector] = await embed([chunk.text]);
	} catch (error) {
		throw new ChunkingError('badService', `Embedding a chunk failed: ${messageOf(error)}`, { cause: error });
	}
	if (!vector) throw new ChunkingError('badService', 'The embedding function returned no vector.');
	const flags: readonly ChunkFlag[] = [...(chunk.flags ?? []), 'lateFallback'];
	return { chunk: { ...chunk, flags }, vector, reason };
}
