import { DistillationError } from '../errors';

/**
 * MinHash signatures (Broder 1997) over shingles of words or characters. Defaults are those of Hugging Face's datatrove
 * (`MinhashConfig`: 5-word shingles, 14 bands of 8 rows): two texts of Jaccard similarity s meet in a band with
 * probability 1 − (1 − s⁸)¹⁴, which is one half at s ≈ 0.72, 95 % at 0.83 and 99 % at 0.86.
 */
export interface MinHashOptions {
	/** Words (default) or characters in a shingle. */
	readonly unit?: 'words' | 'characters';
	/** Default 5 words, or 24 characters (NeMo Curator). */
	readonly shingle?: number;
	/** Default 14. */
	readonly bands?: number;
	/** Hashes in a band. Default 8. */
	readonly rows?: number;
	/** Default 1. */
	readonly seed?: number;
}

export type MinHashSettings = Required<MinHashOptions>;

export function minHashSettings(options: MinHashOptions = {}): MinHashSettings {
	const unit = options.unit ?? 'words';
	const settings = {
		unit,
		shingle: options.shingle ?? (unit === 'words' ? 5 : 24),
		bands: options.bands ?? 14,
		rows: options.rows ?? 8,
		seed: options.seed ?? 1,
	};
	for (const [name, least, most] of [
		['shingle', 1, 100],
		['bands', 1, 256],
		['rows', 1, 64],
	] as const) {
		const value = settings[name];
		if (!Number.isInteger(value) || value < least || value > most) {
			throw new DistillationError(
				'invalidOptions',
				`Near duplicates: ${name} must be a whole number from ${least} to ${most}, not ${value}.`,
			);
		}
	}
	return settings;
}

/** Similarity at which half of the pairs are found, by the usual approximation (1/bands)^(1/rows). */
export function threshold({ bands, rows }: { readonly bands: number; readonly rows: number }): number {
	return (1 / bands) ** (1 / rows);
}

/** Taken once: where the global object is a proxy (test runners), `Math` in an inner loop is looked up each time. */
const { imul } = Math;

/** Final mix of MurmurHash3: every bit of the input changes every bit of the output. */
function mix(value: number): number {
	let hash = value;
	hash = imul(hash ^ (hash >>> 16), 0x85ebca6b);
	hash = imul(hash ^ (hash >>> 13), 0xc2b2ae35);
	return hash ^ (hash >>> 16);
}

const FNV_OFFSET = 0x811c9dc5 | 0;
const FNV_PRIME = 0x01000193;

/** Letters, digits and marks of any script make words; everything else separates them. For ASCII a table decides. */
const ASCII_WORD = new Uint8Array(128);
for (let code = 0; code < 128; code++) ASCII_WORD[code] = /[0-9a-z]/i.test(String.fromCharCode(code)) ? 1 : 0;
const WORD = /[\p{L}\p{N}\p{M}]/u;
/** Scripts written without spaces: each character counts as a word, as datatrove's word tokenizers do roughly. */
function isIdeograph(code: number): boolean {
	return (
		(code >= 0x3040 && code <= 0x30ff) ||
		(code >= 0x3400 && code <= 0x9fff) ||
		(code >= 0xf900 && code <= 0xfaff)
	);
}

/**
 * Hashes of the words of `text` in lower case, into `into` (grown where needed); returns it with their number.
 * Working on character codes keeps this from being the slow part: no string is made for a word.
 */
export class WordHasher {
	hashes = new Int32Array(1024);
	count = 0;

	read(text: string): number {
		this.count = 0;
		let hash = FNV_OFFSET;
		let length = 0;
		for (let position = 0; position < text.length; position++) {
			let code = text.charCodeAt(position);
			let word: boolean;
			if (code < 128) {
				word = ASCII_WORD[code] === 1;
				if (code >= 65 && code <= 90) code += 32;
			} else if (isIdeograph(code)) {
				if (length > 0) this.#push(hash);
				this.#push(imul(FNV_OFFSET ^ code, FNV_PRIME));
				hash = FNV_OFFSET;
				length = 0;
				continue;
			} else {
				const point = text.codePointAt(position) ?? code;
				const character = String.fromCodePoint(point);
				word = WORD.test(character);
				if (point > 0xffff) position++;
				code = character.toLowerCase().codePointAt(0) ?? point;
			}
			if (word) {
				hash = imul(hash ^ code, FNV_PRIME);
				length++;
			} else if (length > 0) {
				this.#push(hash);
				hash = FNV_OFFSET;
				length = 0;
			}
		}
		if (length > 0) this.#push(hash);
		return this.count;
	}

	#push(hash: number): void {
		if (this.count === this.hashes.length) {
			const larger = new Int32Array(this.hashes.length * 2);
			larger.set(this.hashes);
			this.hashes = larger;
		}
		this.hashes[this.count++] = mix(hash);
	}
}

/** Hash of `size` neighbouring values from `start`. */
export function hashRun(values: Int32Array, start: number, size: number): number {
	let hash = size;
	for (let offset = 0; offset < size; offset++)
		hash = imul(hash ^ (values[start + offset] ?? 0), 0x9e3779b1) + (hash >>> 15);
	return mix(hash);
}

/** Makes signatures; keeps its working arrays, so one object serves one loop. */
export class MinHasher {
	readonly settings: MinHashSettings;
	readonly size: number;
	/** Minima of the last text, one per hash function (the array has an even length, so perhaps one more). */
	readonly signature: Int32Array;
	#shingles = new Int32Array(256);
	readonly #multipliers: Int32Array;
	readonly #offsets: Int32Array;
	readonly #words = new WordHasher();

	constructor(options: MinHashOptions = {}) {
		this.settings = minHashSettings(options);
		this.size = this.settings.bands * this.settings.rows;
		const even = this.size + (this.size % 2);
		this.signature = new Int32Array(even);
		this.#multipliers = new Int32Array(even);
		this.#offsets = new Int32Array(even);
		let state = this.settings.seed | 0;
		const next = () => {
			state = (state + 0x9e3779b9) | 0;
			return mix(state);
		};
		for (let index = 0; index < even; index++) {
			// Odd multipliers make x → a·x + b a permutation of the 32-bit numbers.
			this.#multipliers[index] = next() | 1;
			this.#offsets[index] = next();
		}
	}

	/** Fills `signature`; returns the number of shingles (0: the text has no words, and no signature). */
	sign(text: string): number {
		const { unit, shingle } = this.settings;
		const count = unit === 'words' ? this.#words.read(text) : this.#readCharacters(text);
		if (count === 0) return 0;
		// A text shorter than a shingle is one shingle.
		const shingles = Math.max(1, count - shingle + 1);
		const size = Math.min(shingle, count);
		const hashes = this.#words.hashes;
		if (this.#shingles.length < shingles) this.#shingles = new Int32Array(shingles * 2);
		const runs = this.#shingles;
		for (let start = 0; start < shingles; start++) runs[start] = hashRun(hashes, start, size);
		// Function by function with the minimum in a register, two functions at a time: twice as fast as shingle by
		// shingle over an array of minima (bench distillation, case near duplicates). Signed comparison is cheaper in V8;
		// only equality of minima matters.
		const multipliers = this.#multipliers;
		const offsets = this.#offsets;
		const signature = this.signature;
		for (let index = 0; index < signature.length; index += 2) {
			const a = multipliers[index]!;
			const b = offsets[index]!;
			const c = multipliers[index + 1]!;
			const d = offsets[index + 1]!;
			let first = 0x7fffffff;
			let second = 0x7fffffff;
			for (let start = 0; start < shingles; start++) {
				const hash = runs[start]!;
				const x = (imul(hash, a) + b) | 0;
				const y = (imul(hash, c) + d) | 0;
				if (x < first) first = x;
				if (y < second) second = y;
			}
			signature[index] = first;
			signature[index + 1] = second;
		}
		return shingles;
	}

	#readCharacters(text: string): number {
		const lower = text.toLowerCase().replace(/\s+/g, ' ').trim();
		const words = this.#words;
		if (words.hashes.length < lower.length) words.hashes = new Int32Array(lower.length * 2);
		for (let position = 0; position < lower.length; position++)
			words.hashes[position] = lower.charCodeAt(position);
		return lower.length;
	}
}
