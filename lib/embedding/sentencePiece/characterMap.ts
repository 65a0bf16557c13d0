/** Largest number of UTF-8 bytes of a code point. */
const BYTES = 4;

/**
 * The character map of a SentencePiece model (`precompiled_charsmap`: a Darts double array, whose keys are UTF-8, and
 * replacements that end in NUL; google/sentencepiece, normalizer.cc). Nearly NFKC with all white space made blanks, but free of
 * the Unicode version of the run time.
 */
export class CharacterMap {
	/** UTF-16 units that the last `match` covers; 0 when no key begins there. */
	length = 0;
	private readonly trie: Uint32Array;
	private readonly replacements: Buffer;
	private readonly decoded = new Map<number, string>();
	private readonly bytes = new Uint8Array(BYTES);

	/** @param map uint32 size of the trie in bytes, the trie, then the replacements */
	constructor(map: Buffer) {
		const trieBytes = map.readUInt32LE(0);
		// A copy of its own: an array of uint32 cannot begin at any byte of a file.
		this.trie = new Uint32Array(new Uint8Array(map.subarray(4, 4 + trieBytes)).buffer);
		this.replacements = Buffer.from(map.subarray(4 + trieBytes));
	}

	/**
	 * The replacement of the longest key that begins at a place of the text; `length` says how much of the text it replaces.
	 * A surrogate that stands alone is read as U+FFFD.
	 */
	match(text: string, at: number): string | undefined {
		const { trie, bytes } = this;
		this.length = 0;
		let value = 0;
		let node = offsetOf(trie[0] ?? 0);
		for (let next = at; next < text.length; ) {
			const codePoint = text.codePointAt(next) ?? 0;
			next += codePoint > 0xffff ? 2 : 1;
			const count = encode(codePoint, bytes);
			let unit = 0;
			for (let i = 0; i < count; i++) {
				const byte = bytes[i] ?? 0;
				node ^= byte;
				unit = trie[node] ?? 0;
				if ((unit & 0x800000ff) >>> 0 !== byte) return this.found(value);
				node ^= offsetOf(unit);
			}
			if ((unit >>> 8) & 1) {
				value = (trie[node] ?? 0) & 0x7fffffff;
				this.length = next - at;
			}
		}
		return this.found(value);
	}

	private found(value: number): string | undefined {
		if (this.length === 0) return undefined;
		let text = this.decoded.get(value);
		if (text === undefined) {
			text = this.replacements.toString('utf8', value, this.replacements.indexOf(0, value));
			this.decoded.set(value, text);
		}
		return text;
	}
}

const offsetOf = (unit: number): number => (unit >>> 10) << ((unit & 512) >>> 6);

/** Writes a code point as UTF-8 and returns the number of bytes. */
function encode(codePoint: number, bytes: Uint8Array): number {
	const point = codePoint >= 0xd800 && codePoint <= 0xdfff ? 0xfffd : codePoint;
	if (point < 0x80) {
		bytes[0] = point;
		return 1;
	}
	const following = point < 0x800 ? 1 : point < 0x10000 ? 2 : 3;
	const lead = (0xff00 >> (following + 1)) & 0xff;
	bytes[0] = lead | (point >> (6 * following));
	for (let i = 1; i <= following; i++) bytes[i] = 0x80 | ((point >> (6 * (following - i))) & 0x3f);
	return following + 1;
}
