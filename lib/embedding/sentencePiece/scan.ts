import type { TokenScan } from '../tokenScan';
import type { CharacterMap } from './characterMap';
import type { Segmenter } from './segmenter';

/** UTF-16 units of the text read between two returns of `advance`: some two milliseconds. */
const STRIDE = 4096;
/** In a word that goes on behind the stride, tokens so near to its end may still change. */
const UNSETTLED = 64;
const BLANK = 0x20;
const LINE_END = 0x0a;

/**
 * SentencePiece over one text, in strides: characters are replaced by the model's map, words are cut at blanks, each word is
 * segmented. Linear in the text. A word longer than a stride (a script without blanks) is segmented part by part; its tokens are
 * those of the whole word, because the part that may still change is read again with what follows.
 */
export class SentencePieceScan implements TokenScan {
	ids = new Int32Array(1024);
	starts = new Int32Array(1024);
	ends = new Int32Array(1024);
	length = 0;
	private position = 0;
	/** What stands at `position` continues a word of which tokens have been handed out; and whether the last one is unknown. */
	private inWord = false;
	private afterUnknown = false;

	/** What was read of the text, its characters replaced; and the range of the text that each unit came from. */
	private units = new Uint16Array(2 * STRIDE);
	private from = new Int32Array(2 * STRIDE);
	private to = new Int32Array(2 * STRIDE);
	private count = 0;

	constructor(
		private readonly text: string,
		private readonly map: CharacterMap,
		private readonly segmenter: Segmenter,
		private readonly unknownId: number,
		private readonly stride = STRIDE,
	) {}

	advance(keep = false): boolean {
		if (!keep) this.length = 0;
		const { text } = this;
		const stop = this.strideEnd();
		this.read(this.position, stop);
		this.position = stop;
		const isOver = stop >= text.length || isBlank(text.charCodeAt(stop));
		for (let at = 0; at < this.count; ) {
			if (this.units[at] === BLANK) {
				this.inWord = false;
				at++;
				continue;
			}
			let end = at + 1;
			while (end < this.count && this.units[end] !== BLANK) end++;
			this.readWord(at, end, end === this.count && !isOver);
			at = end;
		}
		if (isOver) this.inWord = false;
		return this.position < text.length;
	}

	/** The end of the stride: before its last blank, else between two code points. */
	private strideEnd(): number {
		const { text, position, stride } = this;
		const most = position + stride;
		if (most >= text.length) return text.length;
		for (let at = most; at > position; at--) if (isBlank(text.charCodeAt(at))) return at;
		const unit = text.charCodeAt(most);
		return unit >= 0xdc00 && unit <= 0xdfff ? most + 1 : most;
	}

	/** Reads a range of the text with its characters replaced: white space of every kind becomes blanks. */
	private read(start: number, stop: number): void {
		const { text, map } = this;
		this.count = 0;
		for (let at = start; at < stop; ) {
			const unit = text.charCodeAt(at);
			// No key of the map begins with printable ASCII unless something else follows, such as a mark.
			if (unit >= BLANK && unit < 0x7f && !(text.charCodeAt(at + 1) >= 0x80)) {
				this.put(unit, at, ++at);
				continue;
			}
			const replacement = map.match(text, at);
			const end = at + (replacement === undefined ? lengthAt(text, at) : map.length);
			const characters = replacement ?? text.slice(at, end);
			for (let i = 0; i < characters.length; i++) this.put(characters.charCodeAt(i), at, end);
			at = end;
		}
	}

	private put(unit: number, from: number, to: number): void {
		if (this.count === this.units.length) {
			const size = 2 * this.count;
			this.units = copied(this.units, new Uint16Array(size));
			for (const name of ['from', 'to'] as const) this[name] = copied(this[name], new Int32Array(size));
		}
		this.units[this.count] = unit;
		this.from[this.count] = from;
		this.to[this.count++] = to;
	}

	/** @param isOpen the word goes on behind what was read: its last tokens are read again with what follows. */
	private readWord(start: number, end: number, isOpen: boolean): void {
		if (!this.inWord) this.afterUnknown = false;
		const { segmenter } = this;
		const found = segmenter.segment(this.units, start, end, this.inWord);
		let settled = found;
		if (isOpen) {
			while (settled > 0 && !this.isSettled(segmenter.ends[settled - 1] ?? 0, end)) settled--;
			if (settled === 0 && start > 0) {
				this.position = this.from[start] ?? this.position;
				return;
			}
			// Nothing but unsettled tokens in a whole stride: rather a cut here than reading the same again for ever.
			if (settled === 0) settled = found;
		}
		let first = start;
		for (let k = 0; k < settled; k++) {
			const next = segmenter.ends[k] ?? end;
			this.hand(segmenter.ids[k] ?? this.unknownId, first, next);
			first = next;
		}
		this.inWord = isOpen;
		if (first < end) this.position = this.from[first] ?? this.position;
	}

	/** Whether the word can be cut at a unit: far enough from its end, and between two characters of the text. */
	private isSettled(at: number, end: number): boolean {
		return at <= end - UNSETTLED && at > 0 && this.from[at] !== this.from[at - 1];
	}

	/** Adds a token of the units `first` to `end` (exclusive); unknown ones beside each other are one. */
	private hand(id: number, first: number, end: number): void {
		const start = this.from[first] ?? 0;
		const until = end > first ? (this.to[end - 1] ?? start) : start;
		const isUnknown = id === this.unknownId;
		if (isUnknown && this.afterUnknown && this.length > 0) {
			this.ends[this.length - 1] = until;
			return;
		}
		this.afterUnknown = isUnknown;
		if (this.length === this.ids.length) {
			for (const name of ['ids', 'starts', 'ends'] as const)
				this[name] = copied(this[name], new Int32Array(2 * this.length));
		}
		this.ids[this.length] = id;
		this.starts[this.length] = start;
		this.ends[this.length++] = until;
	}
}

function copied<A extends Int32Array | Uint16Array>(from: A, to: A): A {
	to.set(from);
	return to;
}

const isBlank = (unit: number): boolean => unit === BLANK || unit === LINE_END;
const lengthAt = (text: string, at: number): number => ((text.codePointAt(at) ?? 0) > 0xffff ? 2 : 1);
