import { DistillationError } from '../errors';
import { MinHasher, minHashSettings, threshold, type MinHashOptions } from './minhash';

const { imul } = Math;

export interface NearDuplicateOptions extends MinHashOptions {
	/**
	 * Texts that meet in a band count only from this similarity on, estimated over the whole signature (standard error
	 * 0.04 with 112 hashes). Default: the threshold of the bands less 0.02, so 0.70; 0 takes every meeting.
	 */
	readonly minSimilarity?: number;
}

/** Texts whose signatures share an array: half a megabyte with the defaults. */
const BLOCK = 4096;

/**
 * Parts of a band's table, by the highest bits of the hash; each grows by itself, so that no text waits for more than a
 * 64th of a table to be laid out anew (a whole one of 260,000 texts took 60 ms).
 */
const PARTS = 64;
const PART_BITS = 6;
/** A part is at most so full and grows by so much: some 90 bytes a text in all bands, where doubling took up to 160. */
const MAX_LOAD = 0.7;
const GROWTH = 1.25;

/** Slots of one part, a text's number or -1 in each. */
interface Part {
	slots: Int32Array;
	used: number;
}

/** Candidates looked at per band: texts of one template can share a band by the thousand. */
const MAX_CANDIDATES = 16;

/**
 * Finds near-duplicates in a stream: each text is compared with those before it. Of a signature one byte per hash is
 * kept (b-bit minwise hashing, Li and König 2010), of a band one slot: about 220 bytes a text with the defaults.
 */
export class NearDuplicateIndex {
	readonly settings: Required<NearDuplicateOptions>;
	readonly #hasher: MinHasher;
	readonly #least: number;
	/** Signatures in blocks of `BLOCK` texts: growing copies nothing and holds the event loop for no time. */
	readonly #blocks: Uint8Array[] = [];
	/** `PARTS` for each band. */
	readonly #parts: Part[];
	#count = 0;

	constructor(options: NearDuplicateOptions = {}) {
		const hash = minHashSettings(options);
		const minSimilarity =
			options.minSimilarity ?? Math.max(0, Math.round((threshold(hash) - 0.02) * 100) / 100);
		if (!(minSimilarity >= 0 && minSimilarity <= 1)) {
			throw new DistillationError(
				'invalidOptions',
				`Near duplicates: minSimilarity must be between 0 and 1, not ${minSimilarity}.`,
			);
		}
		this.settings = { ...hash, minSimilarity };
		this.#hasher = new MinHasher(hash);
		const size = this.#hasher.size;
		// Bytes agree by chance once in 256: the estimate is corrected for it.
		this.#least = Math.ceil(size * (minSimilarity * (255 / 256) + 1 / 256) - 1e-9);
		this.#parts = Array.from({ length: hash.bands * PARTS }, () => ({ slots: emptySlots(32), used: 0 }));
	}

	/** Number of texts added. */
	get count(): number {
		return this.#count;
	}

	/** Adds a text as number `count`; returns the earlier texts it is a near-duplicate of (at most one a band), ascending. */
	add(text: string): number[] {
		const size = this.#hasher.size;
		const document = this.#count++;
		if (document % BLOCK === 0) this.#blocks.push(new Uint8Array(size * BLOCK));
		if (this.#hasher.sign(text) === 0) return [];
		const block = this.#block(document);
		const base = this.#offset(document);
		const signature = this.#hasher.signature;
		for (let index = 0; index < size; index++) block[base + index] = signature[index]!;
		const found = new Set<number>();
		for (let band = 0; band < this.settings.bands; band++) {
			const match = this.#place(band, document, found);
			if (match >= 0) found.add(match);
		}
		return [...found].sort((a, b) => a - b);
	}

	/** Estimated Jaccard similarity of two added texts. */
	similarity(a: number, b: number): number {
		const size = this.#hasher.size;
		return Math.max(0, (this.#agreeing(a, b) / size - 1 / 256) * (256 / 255));
	}

	#block(document: number): Uint8Array {
		return this.#blocks[Math.floor(document / BLOCK)]!;
	}

	#offset(document: number): number {
		return (document % BLOCK) * this.#hasher.size;
	}

	#agreeing(a: number, b: number): number {
		const size = this.#hasher.size;
		const [one, two] = [this.#block(a), this.#block(b)];
		const [first, second] = [this.#offset(a), this.#offset(b)];
		let same = 0;
		for (let index = 0; index < size; index++) if (one[first + index] === two[second + index]) same++;
		return same;
	}

	/** Looks the document's band up, and leaves the document there unless a duplicate already stands for it. */
	#place(band: number, document: number, known: ReadonlySet<number>): number {
		const hash = this.#bandHash(band, document);
		const part = this.#parts[band * PARTS + (hash >>> (32 - PART_BITS))];
		if (part === undefined) return -1;
		const { slots } = part;
		let slot = homeOf(hash, slots);
		let looked = 0;
		for (;;) {
			const other = slots[slot] ?? -1;
			if (other < 0) {
				slots[slot] = document;
				if (++part.used > slots.length * MAX_LOAD) this.#grow(part, band);
				return -1;
			}
			if (this.#sameBand(band, document, other)) {
				if (known.has(other) || this.#agreeing(document, other) >= this.#least) return other;
				if (++looked >= MAX_CANDIDATES) return -1;
			}
			if (++slot === slots.length) slot = 0;
		}
	}

	#sameBand(band: number, a: number, b: number): boolean {
		const { rows } = this.settings;
		const [one, two] = [this.#block(a), this.#block(b)];
		const [first, second] = [this.#offset(a) + band * rows, this.#offset(b) + band * rows];
		for (let row = 0; row < rows; row++) if (one[first + row] !== two[second + row]) return false;
		return true;
	}

	#bandHash(band: number, document: number): number {
		const { rows } = this.settings;
		const block = this.#block(document);
		const start = this.#offset(document) + band * rows;
		let hash = 0x811c9dc5;
		for (let row = 0; row < rows; row++) hash = imul(hash ^ block[start + row]!, 0x01000193);
		hash = imul(hash ^ (hash >>> 15), 0x2c1b3c6d);
		return (hash ^ (hash >>> 13)) >>> 0;
	}

	#grow(part: Part, band: number): void {
		const slots = emptySlots(Math.ceil(part.slots.length * GROWTH));
		for (const document of part.slots) {
			if (document < 0) continue;
			let slot = homeOf(this.#bandHash(band, document), slots);
			while ((slots[slot] ?? -1) >= 0) if (++slot === slots.length) slot = 0;
			slots[slot] = document;
		}
		part.slots = slots;
	}
}

/** The bits that do not choose the part, scaled to the number of slots. */
const homeOf = (hash: number, slots: Int32Array): number =>
	Math.floor((hash & 0x3ffffff) * slots.length * 2 ** -26);

const emptySlots = (length: number): Int32Array => new Int32Array(length).fill(-1);
