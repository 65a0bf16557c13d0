import { ALONE, CharacterTable, DROP, KIND_BITS, KIND_MASK, LETTER, SEVERAL, SPACE } from './characters';
import type { Vocabulary } from './vocabulary';

/** The id of a word that cannot be put together from the vocabulary. */
export const UNKNOWN_ID = 100;
/** Longer words are unknown (BERT's WordpieceTokenizer, max_input_chars_per_word). */
const MAX_WORD = 100;
/** Code units read between two returns of `advance`. */
const STRIDE = 1 << 15;

/** Token ids with the UTF-16 ranges of the text they came from; parallel arrays. */
export interface Tokens {
	readonly ids: Int32Array;
	readonly starts: Int32Array;
	readonly ends: Int32Array;
}

/**
 * WordPiece (Devlin et al. 2018; "uncased" normalisation as in google-research/bert) over one text, in strides, so
 * that the caller decides how long it holds the thread. Linear in the text: a letter is looked at no more often than
 * the longest token is long.
 *
 * Pieces of a word touch: dropped characters (marks, control characters) belong to the letter before. Letters that
 * come from one code point (a Hangul syllable, say) share its range, so ranges of neighbouring tokens may overlap.
 */
export class WordPieceScan {
	/** Tokens of the last stride; valid up to `length`, overwritten by the next `advance` unless kept. */
	ids = new Int32Array(1024);
	starts = new Int32Array(1024);
	ends = new Int32Array(1024);
	length = 0;
	private position = 0;
	/** The word being read: letter codes and the range each came from. */
	private readonly codes = new Int32Array(MAX_WORD);
	private readonly from = new Int32Array(MAX_WORD);
	private readonly to = new Int32Array(MAX_WORD);
	private letters = 0;
	private wordStart = 0;
	private wordEnd = 0;

	private text = '';

	constructor(
		private readonly vocabulary: Vocabulary,
		private readonly characters: CharacterTable,
	) {}

	/** Starts on a text; a scan can be used for one text after another. */
	begin(text: string): this {
		this.text = text;
		this.position = this.letters = this.length = 0;
		return this;
	}

	/**
	 * Reads on. Returns false when the text is at its end.
	 * @param keep append to the tokens already found instead of overwriting them.
	 */
	advance(keep = false): boolean {
		if (!keep) this.length = 0;
		const { text, characters } = this;
		const ascii = characters.ascii;
		const stop = Math.min(text.length, this.position + STRIDE);
		let position = this.position;
		while (position < stop) {
			const start = position;
			const unit = text.charCodeAt(position++);
			let entry: number;
			if (unit < 128) {
				entry = ascii[unit] ?? DROP;
			} else {
				const codePoint = text.codePointAt(start) ?? unit;
				if (codePoint > 0xffff) position++;
				entry = characters.entry(codePoint);
			}
			const kind = entry & KIND_MASK;
			if (kind === LETTER) this.letter(entry >> KIND_BITS, start, position);
			else if (kind === SPACE) this.endWord();
			else if (kind === ALONE) this.alone(entry >> KIND_BITS, start, position);
			else if (kind === SEVERAL) this.several(entry >> KIND_BITS, start, position);
			else if (this.letters > 0) this.extend(position);
		}
		this.position = position;
		if (position < text.length) return true;
		this.endWord();
		return false;
	}

	private letter(code: number, start: number, end: number): void {
		const n = this.letters++;
		if (n === 0) this.wordStart = start;
		this.wordEnd = end;
		if (n >= MAX_WORD) return;
		this.codes[n] = code;
		this.from[n] = start;
		this.to[n] = end;
	}

	private extend(end: number): void {
		this.wordEnd = end;
		if (this.letters <= MAX_WORD) this.to[this.letters - 1] = end;
	}

	private alone(code: number, start: number, end: number): void {
		this.endWord();
		this.letter(code, start, end);
		this.endWord();
	}

	private several(index: number, start: number, end: number): void {
		for (const entry of this.characters.expansions[index] ?? []) {
			if ((entry & KIND_MASK) === LETTER) this.letter(entry >> KIND_BITS, start, end);
			else this.alone(entry >> KIND_BITS, start, end);
		}
	}

	private endWord(): void {
		const letters = this.letters;
		if (letters === 0) return;
		this.letters = 0;
		const before = this.length;
		if (letters <= MAX_WORD && this.match(letters)) return;
		this.length = before;
		this.push(UNKNOWN_ID, this.wordStart, this.wordEnd);
	}

	/** Greedy, longest piece first; false when some place of the word has no piece. */
	private match(letters: number): boolean {
		const { vocabulary, codes } = this;
		const tokenAt = vocabulary.tokenAt;
		let root = vocabulary.wordRoot;
		for (let start = 0; start < letters; ) {
			let node = root;
			let id = -1;
			let end = start;
			for (let i = start; i < letters; ) {
				node = vocabulary.step(node, codes[i++] ?? 0);
				if (node === 0) break;
				const token = tokenAt[node] ?? -1;
				if (token >= 0) {
					id = token;
					end = i;
				}
			}
			if (id < 0) return false;
			this.push(id, this.from[start] ?? 0, this.to[end - 1] ?? 0);
			start = end;
			root = vocabulary.continuationRoot;
		}
		return true;
	}

	private push(id: number, start: number, end: number): void {
		if (this.length === this.ids.length) this.grow();
		const n = this.length++;
		this.ids[n] = id;
		this.starts[n] = start;
		this.ends[n] = end;
	}

	private grow(): void {
		const size = this.ids.length * 2;
		for (const name of ['ids', 'starts', 'ends'] as const) {
			const wider = new Int32Array(size);
			wider.set(this[name]);
			this[name] = wider;
		}
	}
}

/** A vocabulary ready to cut texts. Stateless between calls; safe to share. */
export class WordPiece {
	private readonly characters: CharacterTable;
	/** Reused by the methods that finish before anything else runs. */
	private readonly own: WordPieceScan;

	constructor(private readonly vocabulary: Vocabulary) {
		this.characters = new CharacterTable(vocabulary.codes);
		this.own = this.scan('');
	}

	scan(text: string): WordPieceScan {
		return new WordPieceScan(this.vocabulary, this.characters).begin(text);
	}

	/** Reads a text to its end in one go; `each` is called for every stride. */
	read(text: string, each: (scan: WordPieceScan) => void): void {
		const scan = this.own.begin(text);
		let more: boolean;
		do {
			more = scan.advance();
			each(scan);
		} while (more);
	}

	/** All tokens of a text, without special tokens. Holds the thread for about 20 ms a megabyte; use `scan` for long texts. */
	tokenize(text: string): Tokens {
		const scan = text.length < STRIDE ? this.own.begin(text) : this.scan(text);
		while (scan.advance(true));
		return {
			ids: scan.ids.slice(0, scan.length),
			starts: scan.starts.slice(0, scan.length),
			ends: scan.ends.slice(0, scan.length),
		};
	}

	/** Number of tokens, without special tokens. */
	count(text: string): number {
		let count = 0;
		this.read(text, (scan) => (count += scan.length));
		return count;
	}
}
