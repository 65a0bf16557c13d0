import { LocalEngineError, type CallContext } from '../support';
import type { EmbeddedText, Embedder } from './types';

/** What became of one text. */
export type EmbeddedOrError = EmbeddedText | { readonly error: unknown };

/**
 * Embeds documents so that a text that is too long for the model fails alone, and the others are embedded. Requests hold many
 * texts all the same: only where one of them fails are they halved. Any other failure is that of all texts that are left.
 *
 * @returns one entry per text, in their order
 */
export async function embedEach(
	embedder: Embedder,
	texts: readonly string[],
	call?: CallContext,
): Promise<EmbeddedOrError[]> {
	const done: EmbeddedOrError[] = [];
	try {
		for await (const embedded of embedder.embedDocuments(texts, call)) done.push(embedded);
		return done;
	} catch (error) {
		const rest = texts.slice(done.length);
		if (rest.length === 1 || !isTooLong(error)) return [...done, ...rest.map(() => ({ error }))];
		const half = rest.length >> 1;
		const first = await embedEach(embedder, rest.slice(0, half), call);
		return [...done, ...first, ...(await embedEach(embedder, rest.slice(half), call))];
	}
}

/** Whether a text is longer than the model reads, as an engine or the pack itself says it. */
export const isTooLong = (error: unknown): boolean =>
	error instanceof LocalEngineError && (error.kind === 'contextExceeded' || error.kind === 'tooLong');
