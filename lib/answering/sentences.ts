/** A sentence and where it stands. */
export interface Sentence {
	/** As the text has it, line breaks of wrapped prose included. */
	readonly text: string;
	/** UTF-16 offsets in the text, without the white space around the sentence. */
	readonly start: number;
	readonly end: number;
	/** `row`: of a table, taken whole. */
	readonly kind: 'prose' | 'heading' | 'row';
}

type Block = Omit<Sentence, 'text'>;

/** A shorter line before a capital letter is a title or an item of its own; a longer one was wrapped. */
const WRAPPED_LINE = 40;

/**
 * The sentences of an answer or a passage, by Unicode's rules (UAX #29). A sentence goes on over the line breaks of wrapped
 * prose; headings, list items, table rows and blank lines end it. A mark such as "[2]" behind the full stop belongs to the
 * sentence before it. Lazy, because passages may be long. Built for answers; lib/chunking cuts documents.
 */
export function* splitSentences(text: string): Generator<Sentence, void, undefined> {
	for (const block of blocksOf(text)) {
		if (block.kind === 'prose') yield* sentencesIn(text, block);
		else yield { ...block, text: text.slice(block.start, block.end) };
	}
}

/** Made at first use: it takes 12 ms, which loading the pack would take too. */
let segmenter: Intl.Segmenter | undefined;

const STOP = /[.!?。！？]/g;
const MARK = /[ \t]{0,3}\[[^[\]\n]{1,200}\]/y;

/** Where marks in brackets follow a stop at once ("It is open. [2][3]"), with the length of them together. */
function* marksBehindStops(text: string): Generator<readonly [at: number, length: number]> {
	for (const { index } of text.matchAll(STOP)) {
		let end = index + 1;
		for (MARK.lastIndex = end; MARK.test(text); MARK.lastIndex = end) end = MARK.lastIndex;
		if (end > index + 1) yield [index + 1, end - index - 1];
	}
}

/** Their full stop ends no sentence: titles before a name, and abbreviations. */
const ABBREVIATIONS = new Set(
	(
		'M Mr Mrs Ms Dr Prof St Str vs approx Sr Sra Srta D Dª Dott Sig Ing Avv bzw ca vgl ggf inkl exkl zzgl ' +
		'z.B z.\u00a0B d.h u.a e.g i.e'
	).split(' '),
);
/** Where a number follows. */
const BEFORE_NUMBERS = new Set('No Nr Art Abs'.split(' '));
const MAYBE_ABBREVIATION = /(?<![\p{L}\p{N}])(\p{L}[\p{L}ª]{0,6}|\p{L}\.\s?\p{L})\.(?=\s+(\d?))/gu;
/** "am 14. Februar", "im 18. Jahrhundert" */
const GERMAN_ORDINAL =
	/(?<![\p{L}\p{N}])(\d{1,2})\.(?=\s(?:Jan|Feb|März|Apr|Mai|Jun|Jul|Aug|Sep|Okt|Nov|Dez|Jahrhundert))/gu;

const withoutFalseStops = (line: string): string =>
	line
		.replace(MAYBE_ABBREVIATION, (found, word: string, digit: string) =>
			ABBREVIATIONS.has(word.replace(/ /, '')) || (digit !== '' && BEFORE_NUMBERS.has(word))
				? `${word},`
				: found,
		)
		.replace(GERMAN_ORDINAL, '$1,');

function* sentencesIn(text: string, block: Block): Generator<Sentence, void, undefined> {
	const marks = new Map<number, number>();
	// Line breaks and marks are blanked at equal length: the segmenter sees where the sentence ends, and offsets stay.
	const line = text.slice(block.start, block.end).replace(/[\r\n]/g, ' ');
	let plain = '';
	for (const [at, length] of marksBehindStops(line)) {
		if (at < plain.length) continue;
		marks.set(at, length);
		plain += line.slice(plain.length, at) + ' '.repeat(length);
	}
	plain = withoutFalseStops(plain + line.slice(plain.length));
	segmenter ??= new Intl.Segmenter('en', { granularity: 'sentence' });
	for (const { segment, index } of segmenter.segment(plain)) {
		const from = index + (segment.length - segment.trimStart().length);
		const stop = from + segment.trim().length;
		if (stop === from) continue;
		const start = block.start + from;
		const end = block.start + stop + (marks.get(stop) ?? 0);
		yield { text: text.slice(start, end), start, end, kind: block.kind };
	}
}

/** Stretches of prose, and each heading and table row. */
function* blocksOf(text: string): Generator<Block, void, undefined> {
	let open: { start: number; end: number } | undefined;
	for (let at = 0; at < text.length; ) {
		const newline = text.indexOf('\n', at);
		const lineEnd = newline === -1 ? text.length : newline;
		const line = trimmed(text, at, lineEnd);
		at = lineEnd + 1;
		const { kind, skip } = readLine(text.slice(line.start, line.end));
		if (open && (kind !== 'prose' || skip > 0 || !goesOn(text, open, line.start))) {
			yield { ...open, kind: 'prose' };
			open = undefined;
		}
		if (kind === 'prose') {
			open = { start: open?.start ?? line.start + skip, end: line.end };
		} else if (kind !== undefined) {
			const inside = trimmed(text, line.start + skip, line.end);
			if (inside.end > inside.start) yield { ...inside, kind };
		}
	}
	if (open) yield { ...open, kind: 'prose' };
}

/** What a line without the white space around it is, and how many characters of markup it begins with. */
function readLine(line: string): { readonly kind?: Sentence['kind']; readonly skip: number } {
	if (line === '' || line.startsWith('```') || /^[-=*_]{3,}$/.test(line)) return { skip: 0 };
	const heading = /^#{1,6}(?=\s)/.exec(line);
	if (heading) return { kind: 'heading', skip: heading[0].length };
	if (line.startsWith('|')) return /^[|\s:-]+$/.test(line) ? { skip: 0 } : { kind: 'row', skip: 0 };
	const item = /^(?:[-*+•]|\d{1,9}[.)])\s/.exec(line);
	return { kind: 'prose', skip: item ? item[0].length : 0 };
}

/** Whether the line that starts at `next` goes on with the prose before it. */
function goesOn(text: string, open: { readonly start: number; readonly end: number }, next: number): boolean {
	if (text[open.end - 1] === ':') return false;
	const lastLine = open.end - Math.max(open.start, text.lastIndexOf('\n', open.end - 1) + 1);
	return lastLine >= WRAPPED_LINE || !/^\p{Lu}/u.test(text.slice(next, next + 2));
}

function trimmed(text: string, from: number, to: number): { readonly start: number; readonly end: number } {
	const part = text.slice(from, to);
	const start = from + (part.length - part.trimStart().length);
	return { start, end: start + part.trim().length };
}
