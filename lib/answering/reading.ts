import { type Embedder, vectorsOf } from '../embedding';
import {
	type CallContext,
	cosine,
	cosineLimitsOf,
	createSlicer,
	keyOfText,
	RecentMap,
	scaledCosine,
} from '../support';
import type { QuotableSentence } from './quotable';
import { rarityIn, shareOf, termsOf } from './words';

/** A model that reads for the answerer. Where it has no states of tokens, each sentence is read by itself. */
export type AnswerReader = Pick<Embedder, 'model' | 'embedQuery' | 'embedDocuments' | 'tokenVectors'>;

export interface ReadSentence extends QuotableSentence {
	/** Cosine with the question, on the scale on which a question and a passage about something else have 0. */
	readonly likeness: number;
}

type Call = CallContext & { readonly memoryScope?: string };

/** Characters that are read at once: about 300 tokens, of 512 that the model takes. */
const WINDOW = 1_200;
/** Windows that are read for one question. Six passages of the default size are read whole: some 1,300 tokens. */
const MOST_WINDOWS = 6;
/** What the place of its passage is worth to a window, beside the share of the question's words: the first 0.3, the second 0.15 … */
const PLACE = 0.3;

interface Window {
	readonly passage: number;
	readonly start: number;
	readonly end: number;
	readonly sentences: readonly QuotableSentence[];
	readonly worth: number;
}

/**
 * The sentences of the most promising windows of the passages with their likeness to the question. A sentence's vector is the mean of its tokens' states
 * within the window, as in late chunking (Günther et al., arXiv 2409.04701), so "it" and "the second one" know what they stand for.
 *
 * @param call `memoryScope`: whose windows are remembered; without it none is
 * @returns in the order of the passages
 */
export async function readSentences(
	reader: AnswerReader,
	question: string,
	passages: readonly { readonly text: string }[],
	sentences: readonly QuotableSentence[],
	call: Call,
): Promise<ReadSentence[]> {
	const windows = (await windowsOf(question, sentences))
		.sort((a, b) => b.worth - a.worth)
		.slice(0, MOST_WINDOWS)
		.sort((a, b) => a.passage - b.passage || a.start - b.start);
	const [wanted] = await remembered(call, [reader.model, question], async () => [
		await reader.embedQuery(question, call),
	]);
	const unrelated = cosineLimitsOf(reader.model)?.unrelated ?? 0;
	const read: ReadSentence[] = [];
	for (const window of windows) {
		const text = passages[window.passage]?.text.slice(window.start, window.end) ?? '';
		const vectors = await readWindow(reader, text, window, call);
		for (const [at, sentence] of window.sentences.entries())
			read.push({ ...sentence, likeness: scaledCosine(cosine(wanted, vectors[at]), unrelated) });
	}
	return read;
}

/** About 10,000 sentences: the passages that people ask about again and again. */
const MEMORY_BYTES = 16 * 2 ** 20;
const PER_VECTOR = 100;

const memory = new RecentMap<readonly (Float32Array | undefined)[]>(MEMORY_BYTES, (vectors) =>
	vectors.reduce((sum, vector) => sum + (vector?.byteLength ?? 0) + PER_VECTOR, PER_VECTOR),
);

/** What `compute` gives, once in each scope: reading six windows takes a core some hundred milliseconds. */
async function remembered(
	{ memoryScope }: Call,
	parts: readonly unknown[],
	compute: () => Promise<readonly (Float32Array | undefined)[]>,
): Promise<readonly (Float32Array | undefined)[]> {
	if (memoryScope === undefined) return await compute();
	const key = keyOfText(JSON.stringify([memoryScope, ...parts]));
	const known = memory.get(key);
	if (known) return known;
	const vectors = await compute();
	memory.set(key, vectors);
	return vectors;
}

/** The vectors of a window's sentences. */
async function readWindow(
	reader: AnswerReader,
	text: string,
	window: Window,
	call: Call,
): Promise<readonly (Float32Array | undefined)[]> {
	const places = window.sentences.map(({ start, end }) => [start - window.start, end - window.start]);
	return await remembered(
		call,
		[reader.model, places, text],
		async () => await meansOf(reader, text, window, call),
	);
}

const NO_TERMS: ReadonlySet<string> = new Set();

async function windowsOf(question: string, sentences: readonly QuotableSentence[]): Promise<Window[]> {
	const turn = createSlicer();
	const wanted = termsOf(question);
	const terms: Array<ReadonlySet<string>> = [];
	for (const { text } of sentences) {
		await turn();
		terms.push(termsOf(text));
	}
	const rarity = rarityIn(terms);
	const windows: Window[] = [];
	let open: QuotableSentence[] = [];
	let best = 0;
	const close = (): void => {
		const [first] = open;
		const last = open.at(-1);
		if (first && last) {
			const { passage, start } = first;
			windows.push({ passage, start, end: last.end, sentences: open, worth: best + PLACE / (1 + passage) });
		}
		open = [];
		best = 0;
	};
	for (const [at, sentence] of sentences.entries()) {
		const [first] = open;
		if (first && (first.passage !== sentence.passage || sentence.end - first.start > WINDOW)) close();
		open.push(sentence);
		best = Math.max(best, shareOf(wanted, terms[at] ?? NO_TERMS, rarity));
	}
	close();
	return windows;
}

/** For each sentence the mean of its tokens' states; undefined where no token begins in it. */
async function meansOf(
	reader: AnswerReader,
	text: string,
	{ start: offset, sentences }: Window,
	call: CallContext,
): Promise<(Float32Array | undefined)[]> {
	if (!reader.tokenVectors)
		return await vectorsOf(
			reader,
			sentences.map((sentence) => sentence.text),
			call,
		);
	const { vectors, offsets } = await reader.tokenVectors(text, call);
	const turn = createSlicer();
	const means: (Float32Array | undefined)[] = [];
	for (const { start, end } of sentences) {
		await turn();
		let sum: Float32Array | undefined;
		for (const [at, place] of offsets.entries()) {
			if (!place || place.end === place.start) continue;
			if (place.start < start - offset || place.start >= end - offset) continue;
			const state = vectors[at];
			sum ??= new Float32Array(state?.length ?? 0);
			for (let k = 0; k < sum.length; k++) sum[k] = (sum[k] ?? 0) + (state?.[k] ?? 0);
		}
		means.push(sum);
	}
	return means;
}
