import type { Parse } from '../parse';
import { raisedText } from '../raised';
import type { DocumentWriter } from '../writer';
import { symbolOf } from '../symbols';
import { encodingOfCharset, encodingOfPage, SYMBOL_FONT } from './charsets';
import { decodePage } from './dosPages';
import { rtfTokens } from './tokens';

/** Groups that hold no text of the document. */
const SKIPPED = new Set(
	'fonttbl colortbl stylesheet listtable list listlevel leveltext levelnumbers listoverridetable listoverride lfolevel revtbl rsidtbl generator pict object themedata colorschememapping latentstyles datastore xmlnstbl fldinst filetbl shppict nonshppict blipuid mmathPr wgrffmtfilter sp sn sv template comment doccomm company operator category keywords subject manager hlinkbase creatim revtim printim buptim pgdsctbl listname ftnsep ftnsepc aftnsep aftnsepc bkmkstart bkmkend pntext pntxta pntxtb atnid atnref atndate atnparent'.split(
		' ',
	),
);
/** Groups that stand beside the text, and what is written before them. */
const NOTES: ReadonlyMap<string, string> = new Map([
	['footnote', ''],
	['annotation', 'Comment: '],
	['header', 'Header: '],
	['headerf', 'Header: '],
	['headerl', 'Header: '],
	['headerr', 'Header: '],
	['footer', 'Footer: '],
	['footerf', 'Footer: '],
	['footerl', 'Footer: '],
	['footerr', 'Footer: '],
]);
/** Control words that stand for a letter. */
const LETTERS: ReadonlyMap<string, string> = new Map([
	['tab', '\t'],
	['line', '\n'],
	['emdash', '—'],
	['endash', '–'],
	['lquote', '‘'],
	['rquote', '’'],
	['ldblquote', '“'],
	['rdblquote', '”'],
	['bullet', '•'],
	['emspace', ' '],
	['enspace', ' '],
	['qmspace', ' '],
]);
/** Groups open at once; more are a sign of an attack. */
const MAX_DEPTH = 1_000;

interface State {
	readonly skipped: boolean;
	readonly target: 'text' | 'note' | 'title' | 'author' | 'fonts';
	readonly font: number | undefined;
	readonly raised: boolean;
	readonly hidden: boolean;
	/** Letters that stand in for one that old programs do not know. */
	readonly fallback: number;
	readonly label?: string;
}

/** The parser of rich text (RTF). */
export function loadRtf(): Parse {
	return ({ bytes }, writer) => {
		const data = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1');
		new RtfReader(writer).read(data);
	};
}

class RtfReader {
	private state: State = {
		skipped: false,
		target: 'text',
		font: undefined,
		raised: false,
		hidden: false,
		fallback: 1,
	};
	private readonly stack: State[] = [];
	private page = 'windows-1252';
	private readonly fonts = new Map<number, string>();
	private bytes: number[] = [];
	private readonly buffers = { text: '', note: '', title: '', author: '' };
	/** The end of each, which raised text is joined to. */
	private readonly ends = { text: '', note: '', title: '', author: '' };
	private row: string[] | undefined;
	private rows: string[][] = [];
	private readonly margins = new Set<string>();
	private readonly notes: string[] = [];
	private noteCount = 0;
	/** Letters still to be passed over behind `\u`. */
	private passing = 0;
	/** Whether a group was opened just now. */
	private isFresh = false;
	/** A group that old programs pass over: the next control word says which. */
	private isOptional = false;

	constructor(private readonly writer: DocumentWriter) {}

	read(data: string): void {
		for (const token of rtfTokens(data)) {
			if (token.type === 'byte') {
				if (this.passing > 0) this.passing--;
				else this.bytes.push(token.byte);
				continue;
			}
			this.decodeBytes();
			// A word or brace ends what stands in for a letter.
			if (token.type !== 'text') this.passing = 0;
			const isFresh = this.isFresh;
			this.isFresh = token.type === 'open';
			if (token.type === 'open') this.open();
			else if (token.type === 'close') this.close();
			else if (token.type === 'text') this.pass(token.text);
			else if (token.word !== '*') this.control(token.word, token.value);
			// Elsewhere than behind a brace the mark says nothing.
			else this.isOptional = isFresh;
		}
		this.decodeBytes();
		this.endRow();
		this.endParagraph();
		this.endTable();
		for (const note of this.notes) this.writer.note(note);
		this.writer.setTitle(this.buffers.title);
		this.writer.setFact('author', this.buffers.author.trim());
	}

	private open(): void {
		if (this.stack.length >= MAX_DEPTH) throw new Error('its groups are nested too deeply');
		this.stack.push(this.state);
		this.isOptional = false;
	}

	private close(): void {
		const { target, label } = this.state;
		const outer = this.stack.pop();
		if (!outer) return;
		if (target === 'note' && outer.target !== 'note') this.endNote(label ?? '');
		this.state = outer;
	}

	private control(word: string, value: number | undefined): void {
		const isOptional = this.isOptional;
		this.isOptional = false;
		const letter = LETTERS.get(word);
		const label = NOTES.get(word);
		if (letter !== undefined) this.add(letter);
		else if (word === 'u') this.unicode(value ?? 0);
		else if (word === 'fonttbl') this.state = { ...this.state, target: 'fonts' };
		else if (SKIPPED.has(word)) this.state = { ...this.state, skipped: true };
		else if (label !== undefined) this.beginNote(word, label);
		else if (word === 'title' || word === 'author') this.state = { ...this.state, target: word };
		else if (!this.structure(word) && !this.format(word, value) && isOptional)
			this.state = { ...this.state, skipped: true };
	}

	private structure(word: string): boolean {
		switch (word) {
			case 'par':
			case 'sect':
			case 'page':
				if (this.state.target === 'note') this.add('\n');
				else if (this.row) this.add(' ');
				else this.endParagraph();
				return true;
			case 'trowd':
				this.endParagraph();
				this.row ??= [];
				return true;
			case 'cell':
			case 'nestcell':
				(this.row ??= []).push(this.takeText());
				return true;
			case 'row':
			case 'nestrow':
				this.endRow();
				return true;
			case 'pard':
				// A paragraph without \intbl behind the rows ends the table; it says so by its text.
				return true;
			default:
				return false;
		}
	}

	private format(word: string, value: number | undefined): boolean {
		const on = value !== 0;
		switch (word) {
			case 'ansicpg':
				this.page = encodingOfPage(value ?? 1252);
				return true;
			case 'mac':
				this.page = 'macintosh';
				return true;
			case 'pc':
			case 'pca':
				this.page = encodingOfPage(word === 'pc' ? 437 : 850);
				return true;
			case 'f':
				this.state = { ...this.state, font: value };
				return true;
			case 'fcharset':
				if (this.state.font !== undefined) {
					const encoding = encodingOfCharset(value ?? 0);
					if (encoding !== undefined) this.fonts.set(this.state.font, encoding);
				}
				return true;
			case 'uc':
				this.state = { ...this.state, fallback: Math.min(Math.max(value ?? 1, 0), 10) };
				return true;
			case 'super':
				this.state = { ...this.state, raised: on };
				return true;
			case 'nosupersub':
				this.state = { ...this.state, raised: false };
				return true;
			case 'v':
			case 'strike':
			case 'striked':
			case 'deleted':
				this.state = { ...this.state, hidden: on };
				return true;
			case 'plain':
				this.state = { ...this.state, raised: false, hidden: false };
				return true;
			default:
				return false;
		}
	}

	private unicode(value: number): void {
		this.add(String.fromCharCode(value < 0 ? value + 65_536 : value));
		this.passing = this.state.fallback;
	}

	/** Text, without what stands in for the letter before it. */
	private pass(text: string): void {
		const passed = Math.min(this.passing, text.length);
		this.passing -= passed;
		const rest = text.slice(passed);
		if (/[\x80-\xff]/.test(rest)) this.add(this.decoded(Buffer.from(rest, 'latin1')));
		else this.add(rest);
	}

	private decodeBytes(): void {
		if (this.bytes.length === 0) return;
		const bytes = Buffer.from(this.bytes);
		this.bytes = [];
		this.add(this.decoded(bytes));
	}

	private decoded(bytes: Buffer): string {
		const encoding = this.state.font === undefined ? undefined : this.fonts.get(this.state.font);
		if (encoding === SYMBOL_FONT) return Array.from(bytes, symbolOf).join('');
		const text = decodePage(bytes, encoding ?? this.page);
		// Programs name an East Asian font and write letters of the document's code page.
		return text.includes('\ufffd') ? decodePage(bytes, this.page) : text;
	}

	private add(text: string): void {
		const { skipped, hidden, target, raised } = this.state;
		if (skipped || hidden || target === 'fonts' || text === '') return;
		if (target === 'text' && this.row === undefined && text.trim() !== '') this.endTable();
		const added = raised ? raisedText(this.ends[target], text) : text;
		this.buffers[target] += added;
		this.ends[target] = added.slice(-2);
	}

	private takeText(): string {
		const text = this.buffers.text.trim();
		this.buffers.text = this.ends.text = '';
		return text;
	}

	private endRow(): void {
		if (this.row && this.row.length > 0) this.rows.push(this.row);
		this.row = undefined;
	}

	private endParagraph(): void {
		const text = this.takeText();
		if (text === '') return;
		this.endTable();
		this.writer.paragraph(text);
	}

	private endTable(): void {
		if (this.rows.length === 0) return;
		this.writer.table(this.rows.map((row) => row.map((text) => ({ text }))));
		this.rows = [];
	}

	private beginNote(word: string, label: string): void {
		if (word === 'footnote') {
			const number = `[${++this.noteCount}]`;
			this.add(` ${number}`);
			this.state = { ...this.state, target: 'note', label: `${number} ` };
		} else this.state = { ...this.state, target: 'note', label };
	}

	private endNote(label: string): void {
		const text = this.buffers.note.trim();
		this.buffers.note = this.ends.note = '';
		const note = label + text;
		if (!/\p{L}{2}/u.test(text) || this.margins.has(note)) return;
		this.margins.add(note);
		this.notes.push(note);
	}
}
