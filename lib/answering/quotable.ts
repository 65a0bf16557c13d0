import { splitSentences, type Sentence } from './sentences';

/** A sentence of a passage that may be quoted in an answer. */
export interface QuotableSentence {
	/** On one line, at most {@link LONGEST} characters; a table row with the names of its columns. */
	readonly text: string;
	/** Position of its passage. */
	readonly passage: number;
	/** Position within its passage. */
	readonly order: number;
	/** UTF-16 offsets in the text of its passage. */
	readonly start: number;
	readonly end: number;
}

const SHORTEST = 12;
const LONGEST = 600;
/** Sentences of prose are seldom as long: such a one is looked at again. */
const LONG = 300;
const STOP = /(?<=[.!?…。！？])\s/gu;
/** A question is no answer. */
const QUESTION = /(?:[?？؟]|(?<=\p{Script=Greek});)[*_"”’»)\]]{0,3}$/u;
/** Passages are a handful of chunks; more sentences than this are not an answer's material but a corpus. */
const MOST_SENTENCES = 2_000;

/** The sentences of passages that an answer may be made of: whole sentences of prose and table rows, not headings or questions. */
export function quotableSentences(passages: readonly { readonly text: string }[]): QuotableSentence[] {
	const sentences: QuotableSentence[] = [];
	for (const [passage, { text }] of passages.entries()) {
		let order = 0;
		for (const { text: line, start, end } of linesOf(text)) {
			if (line.length < SHORTEST || line.length > LONGEST || !/\p{L}/u.test(line) || QUESTION.test(line))
				continue;
			if (sentences.length === MOST_SENTENCES) return sentences;
			sentences.push({ text: line, passage, order: order++, start, end });
		}
	}
	return sentences;
}

type Line = Pick<Sentence, 'text' | 'start' | 'end'>;

/** Sentences of prose, and table rows with what stands above their columns. */
function* linesOf(text: string): Generator<Line> {
	let columns: readonly string[] = [];
	let tableEnd = -1;
	for (const sentence of splitSentences(text)) {
		const { kind, start, end } = sentence;
		if (kind === 'prose') yield* wholeSentences(sentence);
		if (kind !== 'row') continue;
		if (text.slice(tableEnd, start).trim().length > 0) columns = [];
		tableEnd = end;
		const cells = cellsOf(sentence.text);
		const rule = ruleBelow(text, end);
		if (rule > 0) {
			columns = cells;
			tableEnd = rule;
		} else yield { text: rowText(cells, columns), start, end };
	}
}

/** Where no capitals follow the full stops, several sentences are taken for one. What is too long then is not quoted in part. */
function* wholeSentences({ text, start, end }: Sentence): Generator<Line> {
	if (text.length <= LONG) {
		yield { text: onOneLine(text), start, end };
		return;
	}
	let from = 0;
	for (const { index } of [...text.matchAll(STOP), { index: text.length }]) {
		if (index > from)
			yield { text: onOneLine(text.slice(from, index)), start: start + from, end: start + index };
		from = index + 1;
	}
}

/** End of the line below a row if it has nothing but dashes, bars and colons: then the row is a header. Else 0. */
function ruleBelow(text: string, rowEnd: number): number {
	const start = text.indexOf('\n', rowEnd) + 1;
	if (start === 0 || text.slice(rowEnd, start).trim() !== '') return 0;
	const newline = text.indexOf('\n', start);
	const end = newline === -1 ? text.length : newline;
	const line = text.slice(start, Math.min(end, start + LONGEST)).trim();
	return line.startsWith('|') && line.includes('-') && /^[|\s:-]+$/.test(line) ? end : 0;
}

function cellsOf(row: string): string[] {
	const cells = row.split(/(?<!\\)\|/).map(onOneLine);
	// A row begins and ends with a bar.
	return cells.slice(cells[0] === '' ? 1 : 0, cells.at(-1) === '' ? -1 : undefined);
}

const rowText = (cells: readonly string[], columns: readonly string[]): string =>
	cells
		.map((cell, at) => (cell !== '' && columns[at] ? `${columns[at]}: ${cell}` : cell))
		.filter((cell) => cell !== '')
		.join(' · ');

const onOneLine = (text: string): string => text.replace(/\s+/g, ' ').trim();
