// Numbers as texts write them, in figures and in English, German, French, Spanish and Italian words.

/** Words by their value; written without accents. */
const UNITS: ReadonlyArray<readonly [value: number, words: string]> = [
	[0, 'zero null zéro cero'],
	[1, 'one eins'],
	[2, 'two zwei deux dos due both beide les-deux ambos entrambi'],
	[3, 'three drei trois tres tre'],
	[4, 'four vier quatre cuatro quattro'],
	[5, 'five funf cinq cinco cinque'],
	[6, 'six sechs seis sei'],
	[7, 'seven sieben sept siete sette'],
	[8, 'eight acht huit ocho otto'],
	[9, 'nine neun neuf nueve nove'],
	[10, 'ten zehn dix diez dieci'],
	[11, 'eleven elf onze once undici'],
	[12, 'twelve zwolf douze doce dodici dozen dutzend docena dozzina douzaine'],
	[13, 'thirteen dreizehn treize trece tredici'],
	[14, 'fourteen vierzehn quatorze catorce quattordici'],
	[15, 'fifteen funfzehn quinze quince quindici'],
	[16, 'sixteen sechzehn seize dieciseis sedici'],
	[17, 'seventeen siebzehn diecisiete diciassette'],
	[18, 'eighteen achtzehn dieciocho diciotto'],
	[19, 'nineteen neunzehn diecinueve diciannove'],
	[20, 'twenty zwanzig vingt vingts veinte venti'],
	[30, 'thirty dreissig dreißig trente treinta trenta'],
	[40, 'forty vierzig quarante cuarenta quaranta'],
	[50, 'fifty funfzig cinquante cincuenta cinquanta'],
	[60, 'sixty sechzig soixante sesenta sessanta'],
	[70, 'seventy siebzig septante setenta settanta'],
	[80, 'eighty achtzig octante ochenta ottanta'],
	[90, 'ninety neunzig nonante noventa novanta'],
	[100, 'hundred hundert cent cents cien ciento cento'],
	[1e3, 'thousand tausend mille mil mila'],
	[1e6, 'million millions millionen millones millon milione milioni'],
	[1e9, 'billion billions milliarde milliarden milliard milliards miliardo miliardi'],
];
const VALUES = new Map(
	UNITS.flatMap(([value, words]) => words.split(' ').map((word) => [word, value] as const)),
);

/**
 * Value of a word, also of several in one as Germans, Italians and Spaniards write them ("fünfundzwanzig", "centoventi",
 * "veinticuatro"). `word` is in lower case without accents.
 */
export function valueOfWord(word: string): number | undefined {
	if (word.length > LONGEST_WORD) return undefined;
	return VALUES.get(word) ?? germanValue(word) ?? italianValue(word) ?? spanishValue(word);
}

/** "neunhundertneunundneunzigtausend" has 33 letters. */
const LONGEST_WORD = 40;

const one = (word: string): string => (word === 'ein' ? 'eins' : word);

function germanValue(word: string): number | undefined {
	for (const [name, scale] of GERMAN_SCALES) {
		const at = word.indexOf(name);
		if (at < 0) continue;
		const factor = at === 0 ? 1 : germanValue(one(word.slice(0, at)));
		const behind = word.slice(at + name.length).replace(/^und/, '');
		const rest = behind === '' ? 0 : germanValue(one(behind));
		return factor !== undefined && rest !== undefined && factor < 1000 && rest < scale
			? factor * scale + rest
			: undefined;
	}
	const and = word.indexOf('und');
	if (and <= 0) return VALUES.get(word);
	const [ones, tens] = [VALUES.get(one(word.slice(0, and))), VALUES.get(word.slice(and + 3))];
	return ones !== undefined && tens !== undefined && ones < 10 && tens >= 20 ? ones + tens : undefined;
}

const GERMAN_SCALES = [
	['tausend', 1000],
	['hundert', 100],
] as const;

function italianValue(word: string): number | undefined {
	if (word.endsWith('mila')) {
		const factor = italianValue(word.slice(0, -4));
		return factor !== undefined && factor < 1000 ? factor * 1000 : undefined;
	}
	const at = word.indexOf('cento');
	if (at >= 0) {
		const factor = at === 0 ? 1 : VALUES.get(word.slice(0, at));
		const rest = word.length === at + 5 ? 0 : italianValue(word.slice(at + 5));
		return factor !== undefined && factor < 10 && rest !== undefined && rest < 100
			? factor * 100 + rest
			: undefined;
	}
	const plain = VALUES.get(word);
	if (plain !== undefined) return plain;
	const tens = ITALIAN_TENS.find((each) => word.startsWith(each.slice(0, -1)));
	if (tens === undefined) return undefined;
	// "ventuno", "ventotto": the last vowel of the tens goes before another one.
	const ones = VALUES.get(word.slice(tens.length)) ?? ITALIAN_VOWELS.get(word.slice(tens.length - 1));
	return ones !== undefined && ones < 10 ? (VALUES.get(tens) ?? 0) + ones : undefined;
}

const ITALIAN_TENS = 'venti trenta quaranta cinquanta sessanta settanta ottanta novanta'.split(' ');
const ITALIAN_VOWELS = new Map([
	['uno', 1],
	['un', 1],
	['otto', 8],
]);

function spanishValue(word: string): number | undefined {
	const teen = /^(?:dieci|veinti)/.exec(word)?.[0];
	if (teen !== undefined) {
		const ones = word.slice(teen.length);
		const value = ones === 'un' || ones === 'uno' || ones === 'una' ? 1 : VALUES.get(ones);
		return value !== undefined && value < 10 ? (teen === 'veinti' ? 20 : 10) + value : undefined;
	}
	const factor = SPANISH_HUNDREDS.get(word.replace(/(?:os|as)$/, ''));
	return factor === undefined ? undefined : factor * 100;
}

const SPANISH_HUNDREDS = new Map(
	'doscient trescient cuatrocient quinient seiscient setecient ochocient novecient'
		.split(' ')
		.map((word, at) => [word, at + 2] as const),
);

/** Between two words of one number: "a hundred and five", "treinta y cinco", "vingt et un". */
const JOINS = new Set(['and', 'y', 'et', 'und']);
/** One, behind tens: elsewhere these are articles. */
const ONES = new Set(['un', 'une', 'uno', 'una', 'one']);

/**
 * The number that begins at a word and how many words it takes: "ninety-five" is 95 of two, "quatre-vingt-dix" 90 of three.
 *
 * @param words the words of a text in lower case without accents, figures among them
 * @returns undefined where no number in words begins
 */
export function numberAt(
	words: readonly string[],
	at: number,
): { readonly value: number; readonly length: number } | undefined {
	let [total, below] = [0, valueOfWord(words[at] ?? '')];
	if (below === undefined) return undefined;
	if (below >= 1000) [total, below] = [below, 0];
	let length = 1;
	for (;;) {
		const joined = JOINS.has(words[at + length] ?? '') ? 1 : 0;
		const word = words[at + length + joined] ?? '';
		const next: number | undefined =
			below >= 20 && below % 10 === 0 && ONES.has(word) ? 1 : valueOfWord(word);
		if (next === undefined) break;
		if (next >= 1000) {
			if (joined || below === 0 || total % next !== 0) break;
			[total, below] = [total + below * next, 0];
		} else {
			const sum = added(below, next, total > 0);
			if (sum === undefined) break;
			below = sum;
		}
		length += joined + 1;
	}
	return { value: total + below, length };
}

/** What a number below 1000 becomes with a further word; undefined where the word begins another number. */
function added(below: number, next: number, hasThousands: boolean): number | undefined {
	if (below === 0) return hasThousands ? next : undefined;
	if (next === 100) return below < 10 ? below * 100 : undefined;
	const end = below % 100;
	// "quatre-vingts"
	if (next === 20 && end === 4) return below + 76;
	if (end === 0) return below >= 100 ? below + next : undefined;
	if (next < 10 && next > 0 && end >= 20 && end % 10 === 0) return below + next;
	// "soixante-dix", "quatre-vingt-seize", and "dix-sept"
	if (next >= 10 && next < 20 && (end === 60 || end === 80)) return below + next;
	if (end % 20 === 10 && (end === 10 || end === 70 || end === 90) && next >= 7 && next < 10)
		return below + next;
	return undefined;
}

/**
 * What a figure may mean: "1.500" is 1500 for a German and 1.5 for an American; "12,50" is 12.5 for everybody. Longer than
 * thirty characters it is no number that anybody compares.
 */
export function readingsOf(figure: string): number[] {
	const plain = figure.replace(/[\u00a0\u202f' ]/g, '');
	if (plain.length > 30) return [];
	const readings = new Set<number>();
	const add = (text: string): void => {
		const value = Number(text);
		if (text !== '' && Number.isFinite(value)) readings.add(value);
	};
	if (/^\d+$/.test(plain)) add(plain);
	else {
		if (/^\d{1,3}(?:,\d{3})+(?:\.\d+)?$/.test(plain)) add(plain.replaceAll(',', ''));
		if (/^\d{1,3}(?:\.\d{3})+(?:,\d+)?$/.test(plain)) add(plain.replaceAll('.', '').replace(',', '.'));
		if (/^\d+[.,]\d+$/.test(plain)) add(plain.replace(',', '.'));
	}
	return [...readings];
}
