import { createSlicer } from '../../support';

/** Pieces hashed between two looks at the clock. */
const PIECES_PER_LOOK = 256;
const LINE_END = 0x0a;

/**
 * The pieces of a unigram model with their scores, found by their text: one array of UTF-16 units and an open-addressing hash
 * table, about 10 MB for 250,000 pieces where a Map of strings takes 40.
 */
export class Pieces {
	/** UTF-16 units of the longest piece. */
	longest = 0;
	lowest = 0;
	private readonly starts: Int32Array;
	private readonly table: Int32Array;
	private readonly mask: number;

	private constructor(
		private readonly units: Uint16Array,
		readonly scores: Float32Array,
	) {
		const slots = 2 ** Math.ceil(Math.log2(3 * scores.length));
		this.table = new Int32Array(slots);
		this.mask = slots - 1;
		this.starts = new Int32Array(scores.length + 1);
	}

	/**
	 * @param text the pieces, one a line; the id is the line number from 0
	 * @param isText whether a piece may stand for text; special tokens may not
	 */
	static async create(text: string, scores: Float32Array, isText: (id: number) => boolean): Promise<Pieces> {
		const units = new Uint16Array(text.length);
		const turn = createSlicer();
		for (let i = 0; i < text.length; i++) {
			units[i] = text.charCodeAt(i);
			if ((i & 0x3fff) === 0) await turn();
		}
		const pieces = new Pieces(units, scores);
		let start = 0;
		for (let id = 0; id < scores.length; id++) {
			const found = units.indexOf(LINE_END, start);
			const end = found < 0 ? units.length : found;
			pieces.starts[id] = start;
			if (isText(id)) pieces.add(id, start, end);
			start = end + 1;
			if (id % PIECES_PER_LOOK === 0) await turn();
		}
		pieces.starts[scores.length] = start;
		return pieces;
	}

	/** Continues a hash by one unit; begins with 0. */
	hash(before: number, unit: number): number {
		return Math.imul(before ^ unit, 0x9e3779b1);
	}

	/** Id of the piece that is `units` from `start` to `end` (exclusive), whose hash is given; -1 where there is none. */
	find(units: Uint16Array, start: number, end: number, hash: number): number {
		for (let slot = this.slotOf(hash); ; slot = (slot + 1) & this.mask) {
			const id = (this.table[slot] ?? 0) - 1;
			if (id < 0 || this.equals(id, units, start, end)) return id;
		}
	}

	private add(id: number, start: number, end: number): void {
		let hash = 0;
		for (let i = start; i < end; i++) hash = this.hash(hash, this.units[i] ?? 0);
		let slot = this.slotOf(hash);
		while (this.table[slot]) slot = (slot + 1) & this.mask;
		this.table[slot] = id + 1;
		this.longest = Math.max(this.longest, end - start);
		this.lowest = Math.min(this.lowest, this.scores[id] ?? 0);
	}

	private slotOf(hash: number): number {
		return (hash ^ (hash >>> 15)) & this.mask;
	}

	private equals(id: number, units: Uint16Array, start: number, end: number): boolean {
		const first = this.starts[id] ?? 0;
		if ((this.starts[id + 1] ?? 0) - 1 - first !== end - start) return false;
		for (let i = start, at = first; i < end; i++, at++) if (this.units[at] !== units[i]) return false;
		return true;
	}
}
