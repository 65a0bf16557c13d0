import { toUnit } from '../../support';
import { EngineError } from '../errors';
import type { EmbedFlag } from '../types/vectors';

/** Cuts get smaller by this each time an engine still says "too long" without saying by how much. */
const SHRINK = 0.7;
const MOST_CUTS = 24;
const MOST_PARTS = 256;

/** What embedding one span of texts brought. */
export interface Embedded {
	readonly vectors: Float32Array[];
	readonly flags: EmbedFlag[];
	readonly promptTokens: number;
}

/**
 * A text longer than the model reads: `truncate` embeds its beginning, `mean` all of it in parts whose vectors are
 * averaged by length. Where to cut follows from the engine's own figures, else it is found by trying.
 */
export async function embedInParts(
	text: string,
	how: 'truncate' | 'mean',
	error: EngineError,
	embed: (texts: readonly string[]) => Promise<Embedded>,
): Promise<Embedded> {
	let length = shorter(text.length, error);
	for (let cut = 0; cut < MOST_CUTS && length > 0; cut++) {
		try {
			if (how === 'truncate') {
				const { vectors, promptTokens } = await embed([text.slice(0, safeEnd(text, length))]);
				return { vectors, flags: ['truncated'], promptTokens };
			}
			return await meanOfParts(text, length, embed);
		} catch (failed) {
			if (!(failed instanceof EngineError) || failed.kind !== 'contextExceeded') throw failed;
			length = shorter(length, failed);
		}
	}
	throw error;
}

async function meanOfParts(
	text: string,
	length: number,
	embed: (texts: readonly string[]) => Promise<Embedded>,
): Promise<Embedded> {
	const parts: string[] = [];
	for (let start = 0; start < text.length; ) {
		const end = safeEnd(text, Math.min(start + length, text.length));
		parts.push(text.slice(start, end));
		start = end;
	}
	if (parts.length > MOST_PARTS) {
		throw new EngineError(
			'invalidRequest',
			`A text of ${text.length} characters would need ${parts.length} parts to embed. Chunk it first.`,
		);
	}
	let sum: Float32Array | undefined;
	let promptTokens = 0;
	for (const part of parts) {
		const embedded = await embed([part]);
		promptTokens += embedded.promptTokens;
		const [vector] = embedded.vectors;
		if (vector === undefined) continue;
		sum ??= new Float32Array(vector.length);
		for (let i = 0; i < sum.length; i++) sum[i] = (sum[i] ?? 0) + (vector[i] ?? 0) * part.length;
	}
	return { vectors: sum === undefined ? [] : [toUnit(sum)], flags: ['averaged'], promptTokens };
}

/** The next length to try after `length` was too long, a little under what the engine's figures allow. */
function shorter(length: number, error: EngineError): number {
	const { promptTokens, contextTokens } = error;
	// vLLM only says "at least one too many", which tells nothing.
	if (promptTokens !== undefined && contextTokens !== undefined && promptTokens > contextTokens + 1) {
		return Math.max(1, Math.floor(Math.min(length - 1, (length * contextTokens * 0.95) / promptTokens)));
	}
	const guess = contextTokens === undefined ? Number.POSITIVE_INFINITY : contextTokens * 4;
	return Math.max(1, Math.floor(Math.min(length * SHRINK, guess)));
}

/** Never between the halves of a surrogate pair. */
function safeEnd(text: string, end: number): number {
	const code = text.charCodeAt(end - 1);
	return end > 1 && end < text.length && code >= 0xd800 && code <= 0xdbff ? end - 1 : end;
}
