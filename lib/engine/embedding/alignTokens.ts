import type { TokenPiece } from '../dialects/dialect';

type Span = { readonly start: number; readonly end: number };

/** Marks that tokenizers put on pieces: WordPiece's ##, SentencePiece's ▁, byte-level BPE's Ġ (blank), Ċ (newline), ĉ (tab). */
const MARKS: readonly (readonly [RegExp, string])[] = [
	[/^##/, ''],
	[/[▁Ġ]/g, ' '],
	[/Ċ/g, '\n'],
	[/ĉ/g, '\t'],
];

/** How far ahead a piece is looked for when the text has something the tokenizer dropped (control characters, accents). */
const LOOKAHEAD = 64;

/**
 * Where each token stands in the text, in UTF-16 units. From the engine's byte offsets where it gives them; else by
 * walking through the text with the tokens' own spelling, compared without case and accents, because many embedding
 * models drop both. A token that cannot be placed (special tokens, [UNK]) gets `null`, or the gap it must have come from.
 */
export function alignTokens(text: string, tokens: readonly TokenPiece[]): (Span | null)[] {
	if (tokens.some(({ bytes }) => bytes !== undefined)) return fromBytes(text, tokens);
	const { folded, origin } = fold(text);
	const spans: (Span | null)[] = [];
	let at = 0;
	for (const { piece, special } of tokens) {
		const wanted = piece === undefined || special === true ? '' : spelled(piece);
		at = skipBlanks(folded, at);
		const found = wanted === '' ? -1 : find(folded, wanted, at);
		if (found === -1) {
			spans.push(null);
			continue;
		}
		at = found + wanted.length;
		spans.push({ start: origin[found] ?? text.length, end: origin[at] ?? text.length });
	}
	return fillGaps(text, tokens, spans);
}

function spelled(piece: string): string {
	const plain = MARKS.reduce((word, [mark, instead]) => word.replace(mark, instead), piece);
	return fold(plain).folded.trim();
}

function find(folded: string, wanted: string, at: number): number {
	if (folded.startsWith(wanted, at)) return at;
	const found = folded.slice(at, at + LOOKAHEAD + wanted.length).indexOf(wanted);
	return found === -1 ? -1 : at + found;
}

function skipBlanks(text: string, from: number): number {
	let at = from;
	while (at < text.length && /\s/.test(text.charAt(at))) at++;
	return at;
}

/** Lower case without accents, with the place each unit came from (one longer than the text, for ends). */
function fold(text: string): { folded: string; origin: number[] } {
	let folded = '';
	const origin: number[] = [];
	let at = 0;
	for (const char of text) {
		const plain = char.normalize('NFD').replace(/\p{M}/gu, '').toLowerCase();
		for (let i = 0; i < plain.length; i++) origin.push(at);
		folded += plain;
		at += char.length;
	}
	origin.push(at);
	return { folded, origin };
}

const SPECIAL = new Set('[cls] [sep] [pad] [bos] [eos] <s> </s> <pad>'.split(' '));

function isSpecial({ piece, special }: TokenPiece): boolean {
	if (special === true || piece === undefined || piece === '') return true;
	return SPECIAL.has(piece.toLowerCase()) || (piece.startsWith('<|') && piece.endsWith('|>'));
}

/** An unknown token between two placed ones covers what is between them; at the ends, and for special tokens, nothing. */
function fillGaps(text: string, tokens: readonly TokenPiece[], spans: (Span | null)[]): (Span | null)[] {
	const filled = [...spans];
	for (let from = 0; from < spans.length; ) {
		if (spans[from] !== null) {
			from++;
			continue;
		}
		let to = from;
		while (to < spans.length && spans[to] === null) to++;
		const gap = trimmed(text, spans[from - 1]?.end ?? 0, spans[to]?.start ?? text.length);
		for (let at = from; at < to; at++) {
			const token = tokens[at];
			if (token !== undefined && !isSpecial(token)) filled[at] = gap;
		}
		from = to;
	}
	return filled;
}

function trimmed(text: string, from: number, to: number): Span | null {
	const raw = text.slice(from, to);
	const start = from + (raw.length - raw.trimStart().length);
	const end = from + raw.trimEnd().length;
	return end > start ? { start, end } : null;
}

/** UTF-8 byte offsets to UTF-16 offsets, in one walk over the text. */
function fromBytes(text: string, tokens: readonly TokenPiece[]): (Span | null)[] {
	const wanted = [
		...new Set(tokens.flatMap(({ bytes }) => (bytes === undefined ? [] : [bytes.start, bytes.end]))),
	].sort((a, b) => a - b);
	const place = new Map<number, number>();
	let bytes = 0;
	let units = 0;
	let next = 0;
	const note = (): void => {
		while (next < wanted.length && (wanted[next] ?? 0) <= bytes) place.set(wanted[next++] ?? 0, units);
	};
	note();
	for (const char of text) {
		const code = char.codePointAt(0) ?? 0;
		bytes += code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
		units += char.length;
		note();
	}
	return tokens.map((token) => {
		if (token.bytes === undefined) return null;
		return {
			start: place.get(token.bytes.start) ?? text.length,
			end: place.get(token.bytes.end) ?? text.length,
		};
	});
}
