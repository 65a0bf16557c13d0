import { numberAt, readingsOf, valueOfWord } from './numbers';
import { FUNCTION_WORDS, stemOf } from './words';

/** What a sentence states that has to be the same in its evidence, compared as such. */
export interface Facts {
	/** Numbers, each with what it may mean. Dates are here with their day and year. */
	readonly numbers: readonly Figure[];
	/** Numbers that may be other words ("neuf" is nine, or new): evidence for a number, but no claim of one. */
	readonly doubtful: readonly Figure[];
	/** Months and days of the week. */
	readonly dates: ReadonlySet<string>;
	/** Stems of words that are names. */
	readonly names: ReadonlySet<string>;
	/** All stems, to look a name up in. */
	readonly stems: ReadonlySet<string>;
	/** Stems of the words that a negation denies, and of those that stand outside of any. */
	readonly denied: ReadonlySet<string>;
	readonly affirmed: ReadonlySet<string>;
}

export interface Figure {
	readonly written: string;
	readonly values: readonly number[];
}

const MONTHS = [
	'january januar janvier enero gennaio jan',
	'february februar fevrier febrero febbraio feb',
	'march marz mars marzo',
	'april avril abril aprile apr',
	'may mai mayo maggio',
	'june juni juin junio giugno jun',
	'july juli juillet julio luglio jul',
	'august aout agosto aug',
	'september septembre septiembre settembre',
	'october oktober octobre octubre ottobre oct okt',
	'november novembre noviembre nov',
	'december dezember decembre diciembre dicembre dec dez',
];
const DAYS = [
	'monday mondays montag montags lundi lunes lunedi',
	'tuesday tuesdays dienstag dienstags mardi martes martedi',
	'wednesday wednesdays mittwoch mittwochs mercredi miercoles mercoledi',
	'thursday thursdays donnerstag donnerstags jeudi jueves giovedi',
	'friday fridays freitag freitags vendredi viernes venerdi',
	'saturday saturdays samstag samstags sonnabend samedi sabado sabados sabato',
	'sunday sundays sonntag sonntags dimanche domingo domingos domenica',
];
const entries = (lists: readonly string[], kind: string): Array<readonly [string, string]> =>
	lists.flatMap((words, at) => words.split(' ').map((word) => [word, `${kind}${at + 1}`] as const));
const DATES = new Map([...entries(MONTHS, 'month '), ...entries(DAYS, 'day ')]);
/** The month or day in a word such as "Augustwochenende" or "Ostersonntag". */
function dateInCompound(word: string): string | undefined {
	const begins = GERMAN_MONTHS.find((month) => word.length > month.length + 3 && word.startsWith(month));
	const ends = GERMAN_DAYS.find((day) => word.length > day.length && word.endsWith(day));
	const date = begins ?? ends;
	return date === undefined ? undefined : DATES.get(date);
}
const GERMAN_MONTHS = 'januar februar april juni juli august september oktober november dezember'.split(' ');
const GERMAN_DAYS = 'montag dienstag mittwoch donnerstag freitag samstag sonntag'.split(' ');
/** Also other words: they are dates beside a number only. */
const DOUBTFUL = new Set('may mai mars march jan dec mar'.split(' '));

const NEGATIONS = new Set(
	(
		'not no never none nobody nothing neither nor without cannot ' +
		'nicht kein keine keinen keinem keiner keines nie niemals niemand niemandem niemanden nichts weder ohne ' +
		'pas jamais aucun aucune rien sans nulle ' +
		'nunca jamas ningun ninguna ninguno nadie nada sin tampoco ' +
		'non mai nessun nessuno nessuna niente nulla senza ' +
		'niet geen nooit zonder nao sem nenhum nenhuma не нет никогда никто ничего без degil yok'
	).split(' '),
);
/** Words with which a negation denies nothing: "not only", "no later than", "nicht nur". */
const SOFTENED = (
	'not only, no later, no more than, no less, no fewer, not until, not later, not less, not fewer, not least, ' +
	'nicht nur, nicht mehr als, nicht weniger, nicht zuletzt, ohne weiteres, non seulement, pas seulement, pas moins, ' +
	'no solo, no menos, no mas de, no obstante, sin embargo, non solo, non meno, non piu di'
)
	.split(', ')
	.map((each) => each.split(' '));
const isSoftened = (tokens: readonly Token[], at: number): boolean =>
	SOFTENED.some((words) => words.every((word, next) => tokens[at + next]?.plain === word));

/** A word, a date in figures, or a number in figures. */
const TOKENS =
	/\d{4}-\d{2}-\d{2}|\d{1,2}[./]\d{1,2}[./]\d{4}|\d+(?:[.,'\u00a0\u202f]\d+| \d{3}(?!\d))*|\p{L}[\p{L}\p{M}]*(?:['’]\p{L}+)?/gu;

interface Token {
	readonly text: string;
	/** In lower case, without accents. */
	readonly plain: string;
	readonly at: number;
}

/** Reads what a sentence states. @param isStart offsets at which a sentence begins; a capital there makes no name */
export function factsOf(text: string): Facts {
	const tokens = tokensOf(text);
	const numbers: Figure[] = [];
	const doubtful: Figure[] = [];
	const dates = new Set<string>();
	const stems = new Set<string>();
	const scopes = negationScopes(text, tokens);
	const denied = new Set<string>();
	const affirmed = new Set<string>();
	const words = tokens.map(({ plain }) => plain);
	let behindNumber = 0;
	for (const [at, { text: written, plain, at: index }] of tokens.entries()) {
		const calendar = calendarDate(written);
		if (calendar) {
			for (const value of calendar.numbers) numbers.push({ written, values: [value] });
			if (calendar.months.length === 1) dates.add(`month ${calendar.months[0]}`);
			continue;
		}
		if (/^\d/.test(written)) {
			numbers.push(scaled({ written, values: readingsOf(written) }, tokens[at + 1]));
			continue;
		}
		const stem = stemOf(bare(plain));
		stems.add(stem);
		if (saysSomething(bare(plain))) {
			const [own, other] = scopes.has(at) ? [denied, affirmed] : [affirmed, denied];
			own.add(stem);
			const opposite = OPPOSITE.exec(plain)?.[1];
			if (opposite !== undefined) other.add(stemOf(opposite));
		}
		const date = DATES.get(plain) ?? dateInCompound(plain);
		if (
			date &&
			(!DOUBTFUL.has(plain) || [at - 1, at + 1].some((side) => /^\d/.test(tokens[side]?.text ?? '')))
		) {
			dates.add(date);
			continue;
		}
		if (at < behindNumber) continue;
		const number = numberAt(words, at);
		if (number === undefined || (number.length === 1 && SCALES.has(number.value))) continue;
		// "hundred" behind a figure was counted with it; a lone "once" or "cent" may be another word.
		if (number.value === 100 && /^\d/.test(tokens[at - 1]?.text ?? '')) continue;
		behindNumber = at + number.length;
		const last = tokens[behindNumber - 1];
		const figure = {
			written: text.slice(index, last ? last.at + last.text.length : undefined),
			values: [number.value],
		};
		(number.length === 1 && AMBIGUOUS.has(plain) ? doubtful : numbers).push(figure);
	}
	return { numbers, doubtful, dates, names: namesIn(text, tokens), stems, denied, affirmed };
}

/** "Thousand" and "million" alone are often figures of speech or articles. */
const SCALES = new Set([1e3, 1e6, 1e9]);

/** English "once", German "acht" as in "Acht geben", French "cent" and "neuf" (new), "sei" and "due" in other languages. */
const AMBIGUOUS = new Set('once cent neuf sei due mille mil tre dos otto null both one'.split(' '));

/** "15 million" is 15,000,000. */
function scaled(figure: Figure, next: Token | undefined): Figure {
	const scale = next === undefined ? undefined : valueOfWord(next.plain);
	if (scale === undefined || scale < 100 || next?.plain === 'cent') return figure;
	return { written: `${figure.written} ${next?.text}`, values: figure.values.map((value) => value * scale) };
}

function calendarDate(
	written: string,
): { readonly numbers: number[]; readonly months: number[] } | undefined {
	const [a = 0, b = 0, c = 0] = written.split(/[-./]/).map(Number);
	if (/^\d{4}-/.test(written)) return { numbers: [a, c], months: [b] };
	if (!/^\d{1,2}[./]\d{1,2}[./]\d{4}$/.test(written)) return undefined;
	// Day first, as most of the world writes; between slashes also month first.
	const months = written.includes('.') || a > 12 ? [b] : b > 12 ? [a] : [a, b];
	return { numbers: months.length === 1 ? [months[0] === b ? a : b, c] : [c], months };
}

/** Without what is hung on: "Wolny's" names Wolny; of "l'Italie" the last part counts. */
const bare = (plain: string): string => {
	const [first = '', second = ''] = plain.split("'", 2);
	return second.length > 2 ? second : first;
};

const isNegation = (plain: string): boolean => NEGATIONS.has(plain) || plain.endsWith("n't");

/** French denies in two words, which stand around the verb; "ne" alone is another word in Italian. */
const FRENCH_SECOND = new Set('pas plus jamais aucun aucune rien personne guere'.split(' '));
const FRENCH_BETWEEN = 6;
const isFrenchFirst = (plain: string): boolean => plain === 'ne' || plain.startsWith("n'");

/** "undamaged", "unbeschädigt", "incomplet", "desactivado": said of a thing, it denies the word behind the prefix. */
const OPPOSITE = /^(?:un|in|im|non|dis|des)(\p{L}{5,})$/u;

/** Words behind a negation that it denies, within its clause. */
const DENIED = 2;
/** Words that are looked at for them on each side. */
const REACH = 8;
/** Ends the clause that a negation stands in. */
const CLAUSE_END = /[.,;:!?()–—]/;
const CONJUNCTIONS = new Set(
	'and but because although unless if und aber sondern weil wenn obwohl et mais ou car si y pero sino porque aunque e ed ma perche se anche'.split(
		' ',
	),
);
/** Beside the function words: what says nothing of its own beside a negation. */
const FILLERS = new Set(
	(
		'longer anymore yet ever mehr noch mal auch plus encore cependant toutefois ete du tout mas aun todavia piu ancora ' +
		'il lo gli i una di da in con su tra fra si ci e sono del della dei delle degli al alla ai alle nel nella che per ' +
		'se lo los al del hay ha han dann da dort hier schon then there here already luego entonces alli poi allora alors puis ihr ihre ihren ihrem ihrer sein seine seinen eigene eigenen eigenes sich wird werden wurde hat haben ist sind kann muss darf'
	).split(' '),
);
const saysSomething = (plain: string): boolean =>
	plain.length > 1 && !FUNCTION_WORDS.has(plain) && !FILLERS.has(plain) && !isNegation(plain);

/** "weder … noch" denies twice. */
const hasBefore = (tokens: readonly Token[], at: number, word: string): boolean =>
	tokens.slice(Math.max(0, at - 8), at).some(({ plain }) => plain === word);

/**
 * Places of the words that negations deny: up to three that say something behind each, as far as its clause goes, and where
 * nothing follows ("Die Kantine öffnet nicht") the one before.
 */
function negationScopes(text: string, tokens: readonly Token[]): Set<number> {
	const scopes = new Set<number>();
	const clauseEndsBehind = (at: number): boolean => {
		const [token, next] = [tokens[at], tokens[at + 1]];
		if (!token || !next) return true;
		return CONJUNCTIONS.has(next.plain) || CLAUSE_END.test(text.slice(token.at + token.text.length, next.at));
	};
	const seconds = new Set<number>();
	for (const [at, { plain }] of tokens.entries()) {
		if (seconds.has(at) || isSoftened(tokens, at)) continue;
		let found = 0;
		const deny = (place: number): void => {
			if (!saysSomething(bare(tokens[place]?.plain ?? ''))) return;
			scopes.add(place);
			found++;
		};
		let next = at;
		if (isFrenchFirst(plain)) {
			const behind = tokens.slice(at + 1, at + 1 + FRENCH_BETWEEN);
			const second = at + 1 + behind.findIndex((token) => FRENCH_SECOND.has(token.plain));
			if (second === at) continue;
			seconds.add(second);
			for (let verb = plain === 'ne' ? at + 1 : at; verb < second; verb++) deny(verb);
			next = second;
		} else if (!isNegation(plain) && !(plain === 'noch' && hasBefore(tokens, at, 'weder'))) continue;
		const last = next + REACH;
		while (next < last && found < (isFrenchFirst(plain) ? 1 : DENIED) && !clauseEndsBehind(next))
			deny(++next);
		for (let before = at - 1; found === 0 && before >= Math.max(0, at - REACH); before--) {
			if (clauseEndsBehind(before)) break;
			deny(before);
		}
	}
	return scopes;
}

function tokensOf(text: string): Token[] {
	return [...text.matchAll(TOKENS)].map(({ 0: word, index }) => ({
		text: word,
		plain: word.normalize('NFKD').replace(/\p{M}/gu, '').replace(/ß/g, 'ss').replace(/’/g, "'").toLowerCase(),
		at: index,
	}));
}

/**
 * Words that are names: a capital inside a sentence. A text in which every noun has a capital (German) shows it by its articles and adjectives: there only words
 * count that stand alone, behind another capital, or behind a preposition.
 */
function namesIn(text: string, tokens: readonly Token[]): Set<string> {
	const isGerman = tokens.filter(({ plain }) => GERMAN.has(plain)).length > tokens.length / 12;
	const names = new Set<string>();
	for (const [at, { text: word, plain, at: index }] of tokens.entries()) {
		if (!/^\p{Lu}/u.test(word) || TITLES.has(plain) || DATES.has(plain) || word.length < 2) continue;
		const before = tokens[at - 1];
		const next = tokens[at + 1];
		const capitalBefore =
			before !== undefined &&
			isCapital(before) &&
			text.slice(before.at + before.text.length, index).trim() === '';
		const capitalNext =
			next !== undefined && isCapital(next) && text.slice(index + word.length, next.at).trim() === '';
		const begins =
			before === undefined || /[.!?:]["”»)]?\s+$/u.test(text.slice(Math.max(0, index - 4), index));
		// "Como" is a town, "Mai" a month, and a sentence may begin with "How".
		if (FUNCTION_WORDS.has(plain) && (isGerman || begins || ALWAYS_CAPITAL.test(word))) continue;
		const isName = isGerman
			? (capitalBefore && !GERMAN.has(before.plain)) ||
				(capitalNext && !FUNCTION_WORDS.has(next.plain)) ||
				(!begins && before !== undefined && BEFORE_NAMES.has(before.plain))
			: !begins || (capitalNext && !FUNCTION_WORDS.has(next.plain));
		if (isName) names.add(stemOf(bare(plain)));
	}
	return names;
}

const ALWAYS_CAPITAL = /^(?:I|I['’].*|Sie|Ihr.*|Usted|Lei|Ella)$/;

const TITLES = new Set(
	'herr frau herrn mr mrs ms miss dr prof professor monsieur madame mme senor senora sr sra signor signora dottor'.split(
		' ',
	),
);

const isCapital = ({ text }: Token): boolean => /^\p{Lu}\p{Ll}/u.test(text);

const GERMAN = new Set(
	'der die das dem den des ein eine einen einem einer und ist sind war wird werden nicht mit von zu im am fur auf bei sich auch wurde hat'.split(
		' ',
	),
);
const BEFORE_NAMES = new Set(
	'in nach aus von bei herr frau herrn dr professor firma stadt mit durch an und'.split(' '),
);
