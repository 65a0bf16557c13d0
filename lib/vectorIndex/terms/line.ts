import { isFollowed, MAX_TERM, readTerms, readWord } from './read';
import { LONGEST_FORM, stemOf } from './stem';

const SPACE = 0x20;
/** For each ASCII code the byte that it has in a term; 0 between terms. */
const TERM_BYTE = Uint8Array.from({ length: 128 }, (_, code) => {
	const character = String.fromCharCode(code).toLowerCase();
	return /^[a-z0-9]$/.test(character) ? character.charCodeAt(0) : 0;
});
const [ZERO, NINE] = [0x30, 0x39];
const [D, G, S] = [0x64, 0x67, 0x73];
const SHORT_PLURAL = 4;
const STEM = stemOf('a'.repeat(MAX_TERM)).length;

/**
 * The terms of texts, one space apart, as UTF-8 in one buffer that grows. Plain words of ASCII, which most of most texts
 * are, become bytes without a string in between: five times as fast, and no garbage.
 */
export class TermLines {
	private buffer: Buffer;
	private length = 0;
	private start = 0;

	/** @param bytes how much room to begin with */
	constructor(bytes: number) {
		this.buffer = Buffer.allocUnsafeSlow(Math.max(bytes, 256));
	}

	/** Writes the line of one more text. Returns where in the buffer it ends. */
	add(text: string): number {
		this.start = this.length;
		if (Buffer.byteLength(text) === text.length) this.addAscii(text);
		else this.addOther(text);
		return this.length;
	}

	/** All lines so far; their memory is nobody else's. */
	get bytes(): Buffer {
		return this.buffer.subarray(0, this.length);
	}

	private addAscii(text: string): void {
		let lower: string | undefined;
		for (let at = 0; at < text.length; ) {
			const from = at;
			let plain = true;
			for (let byte = byteAt(text, at); byte !== 0; byte = byteAt(text, ++at))
				if (byte >= ZERO && byte <= NINE) plain = false;
			if (at === from) at++;
			else if (plain && !isFollowed(text, at)) this.addWord(text, from, at);
			else {
				lower ??= text.toLowerCase();
				at = readWord(lower, from, (term) => this.addTerm(term));
			}
		}
	}

	/** A word and its stem. */
	private addWord(text: string, from: number, to: number): void {
		this.reserve(MAX_TERM + STEM + 2);
		const length = Math.min(to - from, MAX_TERM);
		this.separate();
		for (let i = 0; i < length; i++) this.buffer[this.length++] = byteAt(text, from + i);
		if (length <= STEM) {
			if (length >= SHORT_PLURAL) this.addShortStem(this.length - length);
			return;
		}
		const last = this.buffer[this.length - 1];
		if ((last === G || last === D) && length <= LONGEST_FORM) this.addVerb(this.length - length);
		else this.repeat(this.length - length, STEM);
	}

	private addOther(text: string): void {
		let line = '';
		readTerms(text, (term) => {
			line += line === '' ? term : ` ${term}`;
		});
		this.reserve(3 * line.length);
		this.length += this.buffer.write(line, this.length, 'utf8');
	}

	/** The stem of a word that is no longer than one, where it is another one. */
	private addShortStem(word: number): void {
		if (this.buffer[this.length - 1] !== S) return;
		const term = this.buffer.toString('latin1', word, this.length);
		const stem = stemOf(term);
		if (stem !== term) this.repeat(word, stem.length);
	}

	/** The stem of a word that may be the form of a verb. */
	private addVerb(word: number): void {
		this.repeat(word, stemOf(this.buffer.toString('latin1', word, this.length)).length);
	}

	private repeat(word: number, length: number): void {
		this.separate();
		for (let i = 0; i < length; i++) this.buffer[this.length++] = this.buffer[word + i] ?? 0;
	}

	private addTerm(term: string): void {
		this.reserve(4 * MAX_TERM + 1);
		this.separate();
		this.length += this.buffer.write(term, this.length, 'utf8');
	}

	private separate(): void {
		if (this.length > this.start) this.buffer[this.length++] = SPACE;
	}

	private reserve(bytes: number): void {
		if (this.length + bytes <= this.buffer.length) return;
		const larger = Buffer.allocUnsafeSlow(2 * this.buffer.length + bytes);
		this.buffer.copy(larger, 0, 0, this.length);
		this.buffer = larger;
	}
}

function byteAt(text: string, at: number): number {
	return at < text.length ? (TERM_BYTE[text.charCodeAt(at)] ?? 0) : 0;
}
