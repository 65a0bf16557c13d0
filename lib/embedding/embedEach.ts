import { LocalEngineError, type CallContext } from '../support';
import type { EmbeddedText, Embedder } from './types';

/** What became of one text. */
export type EmbeddedOrError = EmbeddedText | { readonly error: unknown };

/** So many texts in a row that are refused one by one: it is the engine and not the texts. */
const REFUSED_IN_A_ROW = 3;

/**
 * Embeds documents so that a text that the model cannot embed fails alone, and the others are embedded. Requests hold many texts all
 * the same: only where one of them fails are they halved. Any other failure is that of all texts that are left.
 *
 * @returns one entry per text, in their order
 */
export async function embedEach(
	embedder: Embedder,
	texts: readonly string[],
	call?: CallContext,
): Promise<EmbeddedOrError[]> {
	let refused = 0;

	async function embed(some: readonly string[]): Promise<EmbeddedOrError[]> {
		const done: EmbeddedOrError[] = [];
		try {
			for await (const embedded of embedder.embedDocuments(some, call)) {
				done.push(embedded);
				refused = 0;
			}
			return done;
		} catch (error) {
			const rest = some.slice(done.length);
			const allFail = (left: readonly string[]): EmbeddedOrError[] => left.map(() => ({ error }));
			if (!isOfOneText(error)) return [...done, ...allFail(rest)];
			if (rest.length === 1) {
				if (!isTooLong(error)) refused += 1;
				return [...done, ...allFail(rest)];
			}
			const half = rest.length >> 1;
			const first = await embed(rest.slice(0, half));
			const second = rest.slice(half);
			return [...done, ...first, ...(refused < REFUSED_IN_A_ROW ? await embed(second) : allFail(second))];
		}
	}
	return await embed(texts);
}

/** Questions that are asked for at the same time, one request each: a model may embed them in another way than documents. */
const QUESTIONS_AT_ONCE = 16;

/** As {@link embedEach}, for questions. */
export async function embedEachQuery(
	embedder: Embedder,
	texts: readonly string[],
	call?: CallContext,
): Promise<EmbeddedOrError[]> {
	const done: EmbeddedOrError[] = [];
	while (done.length < texts.length) {
		const asked = await Promise.allSettled(
			texts
				.slice(done.length, done.length + QUESTIONS_AT_ONCE)
				.map(async (text) => await embedder.embedQuery(text, call)),
		);
		for (const each of asked) {
			if (each.status === 'fulfilled') done.push({ vector: each.value });
			else if (isOfOneText(each.reason)) done.push({ error: each.reason });
			else return [...done, ...texts.slice(done.length).map(() => ({ error: each.reason as unknown }))];
		}
	}
	return done;
}

/** Whether a text is longer than the model reads, as an engine or the pack itself says it. */
export const isTooLong = (error: unknown): boolean => isOfKind(error, ['contextExceeded', 'tooLong']);

/** Whether a failure may be about one text of a request: it is too long, or the engine refuses it or has no numbers for it. */
const isOfOneText = (error: unknown): boolean =>
	isTooLong(error) || isOfKind(error, ['invalidRequest', 'badAnswer']);

const isOfKind = (error: unknown, kinds: readonly string[]): boolean =>
	error instanceof LocalEngineError && kinds.includes(String(error.kind));
