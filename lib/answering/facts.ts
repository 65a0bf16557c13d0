import { readingsOf, valueOfWord } from './numbers';
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
	/** Whether it denies something. */
	readonly negated: boolean;
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
/** Also other words: they are dates beside a number only. */
const DOUBTFUL = new Set('may mai mars march jan dec mar'.split(' '));

const NEGATIONS = new Set(
	(
		'not no never none nobody nothing neither nor without cannot ' +
		'nicht kein keine keinen keinem keiner keines nie niemals niemand niemandem niemanden nichts weder ohne ' +
		'ne pas jamais aucun aucune rien sans nulle ' +
		'nunca jamas ningun ninguna ninguno nadie nada sin tampoco ' +
		'non mai nessun nessuno nessuna niente nulla senza ' +
		'niet geen nooit zonder nao sem nenhum nenhuma не нет никогда никто ничего без degil yok'
	).split(' '),
);
/** Words with which a negation denies nothing: "not only", "no later than", "nicht nur". */
const SOFTENED: ReadonlySet<string> = new Set(
	[
		...['not only', 'no later', 'no more', 'no less', 'no fewer', 'not until', 'not later'],
		...[
			'nicht nur',
			'nicht mehr als',
			'nicht zuletzt',
			'non seulement',
			'pas seulement',
			'no solo',
			'non solo',
			'no sólo',
		],
		...['sin embargo', 'no obstante', 'ohne weiteres', 'not least'],
	].map((each) => each.split(' ').slice(0, 2).join(' ')),
);

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
	let negated = false;
	for (const [at, { text: written, plain }] of tokens.entries()) {
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
		stems.add(stemOf(bare(plain)));
		if (isNegation(plain) && !SOFTENED.has(`${plain} ${tokens[at + 1]?.plain ?? ''}`)) negated = true;
		const date = DATES.get(plain);
		if (
			date &&
			(!DOUBTFUL.has(plain) || [at - 1, at + 1].some((side) => /^\d/.test(tokens[side]?.text ?? '')))
		) {
			dates.add(date);
			continue;
		}
		const value = valueOfWord(plain);
		if (value === undefined || value >= 1000) continue;
		// "hundred" behind a number was counted with it; a lone "once" or "cent" may be another word.
		if (value === 100 && /^\d/.test(tokens[at - 1]?.text ?? '')) continue;
		(AMBIGUOUS.has(plain) ? doubtful : numbers).push(scaled({ written, values: [value] }, tokens[at + 1]));
	}
	return { numbers, doubtful, dates, names: namesIn(text, tokens), stems, negated };
}

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

const isNegation = (plain: string): boolean =>
	NEGATIONS.has(plain) || plain.endsWith("n't") || plain.startsWith("n'");

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
		if (
			!/^\p{Lu}/u.test(word) ||
			FUNCTION_WORDS.has(plain) ||
			TITLES.has(plain) ||
			DATES.has(plain) ||
			word.length < 2
		)
			continue;
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
		const isName = isGerman
			? (capitalBefore && !GERMAN.has(before.plain)) ||
				(capitalNext && !FUNCTION_WORDS.has(next.plain)) ||
				(!begins && before !== undefined && BEFORE_NAMES.has(before.plain))
			: !begins || (capitalNext && !FUNCTION_WORDS.has(next.plain));
		if (isName) names.add(stemOf(bare(plain)));
	}
	return names;
}

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
