import type { Pieces } from './pieces';

const WORD_MARK = 0x2581;
/** Added to the lowest score for a character that no piece covers, as SentencePiece does (unigram_model.cc, kUnkPenalty). */
const UNKNOWN_PENALTY = 10;

/** Cuts a word into the pieces with the best sum of scores (Viterbi; Kudo, "Subword Regularization", 2018). */
export class Segmenter {
	/** Pieces of the last word, in order: their ids, and the unit behind each. */
	ids = new Int32Array(256);
	ends = new Int32Array(256);
	private word = new Uint16Array(256);
	private best = new Float64Array(256);
	private back = new Int32Array(256);
	private piece = new Int32Array(256);

	constructor(
		private readonly pieces: Pieces,
		private readonly unknownId: number,
	) {}

	/**
	 * @param units from `start` to `end` (exclusive) are the word
	 * @param isContinued the beginning of the word was segmented before; else it gets the mark of a word in front, which may be a
	 * piece by itself (it ends at `start`)
	 * @returns the number of pieces
	 */
	segment(units: Uint16Array, start: number, end: number, isContinued: boolean): number {
		const mark = isContinued ? 0 : 1;
		const length = end - start + mark;
		this.reserve(length + 1);
		const { word, back, piece } = this;
		word[0] = WORD_MARK;
		word.set(units.subarray(start, end), mark);
		this.search(length);
		let count = 0;
		for (let at = length; at > 0; at = back[at] ?? 0) count++;
		let k = count;
		for (let at = length; at > 0; at = back[at] ?? 0) {
			this.ids[--k] = piece[at] ?? this.unknownId;
			this.ends[k] = at - mark + start;
		}
		return count;
	}

	/** For each place of the word the best way to it. A tie keeps the way that was found first. */
	private search(length: number): void {
		const { word, best, back, piece, pieces, unknownId } = this;
		const unknown = pieces.lowest - UNKNOWN_PENALTY;
		best.fill(-Infinity, 0, length + 1);
		best[0] = 0;
		for (let i = 0; i < length; ) {
			const step = isPair(word, i, length) ? 2 : 1;
			const before = best[i] ?? 0;
			const stop = Math.min(length, i + pieces.longest);
			let isCovered = false;
			let hash = 0;
			for (let j = i; j < stop; j++) {
				hash = pieces.hash(hash, word[j] ?? 0);
				const id = pieces.find(word, i, j + 1, hash);
				if (id < 0) continue;
				const sum = before + (pieces.scores[id] ?? 0);
				if (sum > (best[j + 1] ?? 0)) {
					best[j + 1] = sum;
					back[j + 1] = i;
					piece[j + 1] = id;
				}
				if (j + 1 - i === step) isCovered = true;
			}
			if (!isCovered && before + unknown > (best[i + step] ?? 0)) {
				best[i + step] = before + unknown;
				back[i + step] = i;
				piece[i + step] = unknownId;
			}
			i += step;
		}
	}

	private reserve(length: number): void {
		if (length <= this.word.length) return;
		const size = 2 * length;
		this.word = new Uint16Array(size);
		this.best = new Float64Array(size);
		for (const name of ['ids', 'ends', 'back', 'piece'] as const) this[name] = new Int32Array(size);
	}
}

function isPair(word: Uint16Array, at: number, length: number): boolean {
	const [high = 0, low = 0] = [word[at], word[at + 1]];
	return at + 1 < length && high >= 0xd800 && high <= 0xdbff && low >= 0xdc00 && low <= 0xdfff;
}
