import { dot, slices, toUnit, shortened } from '../../support';
import { MIN_COSINE } from '../defaults';
import { DistillationError } from '../errors';
import { textOf } from '../messages';
import type { ExchangeRecord } from '../types';
import { hashRun, WordHasher } from './minhash';
import { HashTable } from './tables';
import type { Gate, Verdict } from './types';

const { imul } = Math;

export type EmbedTexts = (
	texts: readonly string[],
	call?: { readonly signal?: AbortSignal },
) => Promise<readonly Float32Array[]>;

export interface ContaminationOptions {
	/** Questions (and answers) of the evaluation sets that training data must not hold. */
	readonly evaluation: readonly string[];
	/**
	 * A record that shares so many consecutive words with an evaluation text is rejected. Default 13 (GPT-3, Brown et al.
	 * 2020, appendix C); less finds more rearranged text and more chance. Evaluation texts shorter than this, down to 10
	 * words, count when they appear whole; still shorter ones when a message is nothing else.
	 */
	readonly ngram?: number;
	/** Finds paraphrases, which share no n-gram. Vectors of one length, any scale. */
	readonly embed?: EmbedTexts;
	/** Cosine from which an embedded message counts as a paraphrase; depends on the model. Default 0.9. */
	readonly minCosine?: number;
}

/** Shortest run of words that says something by itself (PaLM and Llama 2 looked at 8 to 10). */
const SHORTEST = 10;

interface Grams {
	readonly grams: HashTable;
	readonly sizes: readonly number[];
	readonly whole: HashTable;
}

const SALT = 0x51ed270b;

/** Second, independent hash of a run: with the first it makes 64 bits. */
function secondHash(values: Int32Array, start: number, size: number): number {
	let hash = SALT;
	for (let offset = 0; offset < size; offset++)
		hash = imul((hash << 5) ^ (hash >>> 27) ^ (values[start + offset] ?? 0), 0x2545f491);
	return hash ^ (hash >>> 15);
}

function indexGrams(evaluation: readonly string[], ngram: number): Grams {
	const hasher = new WordHasher();
	const grams = new HashTable();
	const whole = new HashTable();
	const sizes = new Set<number>();
	evaluation.forEach((text, item) => {
		const words = hasher.read(text);
		if (words === 0) return;
		whole.getOrPut(hashRun(hasher.hashes, 0, words), secondHash(hasher.hashes, 0, words), item);
		const size = Math.min(ngram, words);
		if (size < Math.min(SHORTEST, ngram)) return;
		sizes.add(size);
		for (let start = 0; start + size <= words; start++) {
			grams.getOrPut(hashRun(hasher.hashes, start, size), secondHash(hasher.hashes, start, size), item);
		}
	});
	return { grams, whole, sizes: [...sizes].sort((a, b) => a - b) };
}

/** The evaluation text that `text` repeats, as its position, or -1. */
function findGram(hasher: WordHasher, { grams, whole, sizes }: Grams, text: string): number {
	const words = hasher.read(text);
	if (words === 0) return -1;
	const same = whole.get(hashRun(hasher.hashes, 0, words), secondHash(hasher.hashes, 0, words));
	if (same >= 0) return same;
	for (const size of sizes) {
		for (let start = 0; start + size <= words; start++) {
			const hash = hashRun(hasher.hashes, start, size);
			const item = grams.get(hash, secondHash(hasher.hashes, start, size));
			if (item >= 0) return item;
		}
	}
	return -1;
}

function examined(record: ExchangeRecord): string[] {
	const texts = record.messages.filter((message) => message.role !== 'system').map(textOf);
	const answer = record.answers[0];
	return answer === undefined ? texts : [...texts, answer.content];
}

/** Position and cosine of the nearest evaluation vector. Both sides have unit length. */
function nearest(
	vector: Float32Array,
	evaluation: readonly Float32Array[],
): { item: number; cosine: number } {
	let best = { item: -1, cosine: -1 };
	evaluation.forEach((other, item) => {
		const cosine = dot(vector, other);
		if (cosine > best.cosine) best = { item, cosine };
	});
	return best;
}

/** Texts per call of `embed`: engines take batches of this order. */
const EMBED_BATCH = 64;

async function embedAll(
	embed: EmbedTexts,
	texts: readonly string[],
	signal: AbortSignal | undefined,
): Promise<Float32Array[]> {
	const vectors: Float32Array[] = [];
	for (const batch of slices(texts, EMBED_BATCH)) {
		const answered = await embed(batch, { signal });
		if (answered.length !== batch.length) {
			throw new DistillationError(
				'invalidOptions',
				`The embedding function gave ${answered.length} vectors for ${batch.length} texts.`,
			);
		}
		vectors.push(...answered.map(toUnit));
	}
	return vectors;
}

/** Rejects records that repeat an evaluation text: by n-grams of words, and by meaning where `embed` is given. */
export async function contaminationGate(options: ContaminationOptions, signal?: AbortSignal): Promise<Gate> {
	const { evaluation, ngram = 13, embed, minCosine = MIN_COSINE } = options;
	if (!Number.isInteger(ngram) || ngram < 5 || ngram > 50) {
		throw new DistillationError(
			'invalidOptions',
			`Contamination: ngram must be a whole number from 5 to 50, not ${ngram}.`,
		);
	}
	const grams = indexGrams(evaluation, ngram);
	const hasher = new WordHasher();
	const excerpt = (item: number) => shortened(evaluation[item] ?? '', 100);
	const byGram = (record: ExchangeRecord): Verdict => {
		for (const text of examined(record)) {
			const item = findGram(hasher, grams, text);
			if (item >= 0) return { reason: 'ngram', detail: excerpt(item) };
		}
		return undefined;
	};
	if (embed === undefined) return { name: 'contamination', judge: byGram };
	const vectors = await embedAll(embed, evaluation, signal);
	return {
		name: 'contamination',
		judgeAll: async (records, batchSignal) => {
			const verdicts = records.map(byGram);
			const open = records.flatMap((record, position) =>
				verdicts[position] === undefined ? examined(record).map((text) => ({ position, text })) : [],
			);
			const embedded = await embedAll(
				embed,
				open.map(({ text }) => text),
				batchSignal,
			);
			embedded.forEach((vector, index) => {
				const position = open[index]?.position ?? 0;
				const { item, cosine } = nearest(vector, vectors);
				if (cosine >= minCosine && verdicts[position] === undefined) {
					verdicts[position] = { reason: 'paraphrase', detail: `${cosine.toFixed(3)} to: ${excerpt(item)}` };
				}
			});
			return verdicts;
		},
	};
}
