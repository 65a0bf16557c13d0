import { phrases, says, spaced } from './phrases';

// What kind of answer a question asks for, and whether a sentence holds one of that kind. By the words that questions are asked with,
// in the languages that most people write in; where no word is known, a sentence of any kind will do.

export type AnswerKind = 'amount' | 'count' | 'share' | 'time' | 'duration' | 'person' | 'any';

type Phrases = ReturnType<typeof phrases>;

const HOW_MUCH = phrases('how much, wie viel, wieviel, combien, cuanto, quanto');
const MONEY_ASKED = phrases(
	'cost*, pay*, paid, price*, fee, fees, spend, spent, worth, charge*, owe, earn*, money',
	'kostet, kosten, bezahl*, zahl*, verdien*, geld, euro, cout*, paie*, prix, cuesta*, pag*, vale, costa, custa',
);

/** The first that matches is taken, so the narrower ones stand first. */
const ASKED: ReadonlyArray<readonly [kind: AnswerKind, list: Phrases]> = [
	[
		'share',
		phrases(
			'what percent*, how many percent, what share, what proportion, what fraction, prozent*, welcher anteil',
			'pourcentage, quelle part, porcentaje, percentuale, yuzde kac, процент*',
		),
	],
	[
		'amount',
		phrases(
			'what is the price, what is the cost, what is the fee, what are the fees, what does it cost, was kostet, was kosten',
			'quel est le prix, quanto costa, quanto custa, сколько стоит',
		),
	],
	[
		'duration',
		phrases(
			'how long, how old, wie lange, wie alt, combien de temps, pendant combien, cuanto tiempo, quanto tempo',
			'hoe lang*, как долго, сколько времени, ne kadar sur*, jak dlugo, ~多久, ~多长时间, ~どのくらいの期間',
		),
	],
	[
		'time',
		phrases(
			'^when, ^since when, ^until when, ^and when, what year, which year, what date, which date, what day, which day, what month, which month, what time, what century',
			'wann, welchem jahr, welches jahr, welchem tag, welcher tag, welchem monat, wie viel uhr',
			'quand, quelle annee, quelle date, quel jour, quel mois, quelle heure, cuando, que ano, que fecha, que dia, que mes, que hora',
			'quando, che anno, che data, che ora, quale anno, wanneer, ne zaman, hangi yil, hangi tarih, когда, каком году, коли, ποτε, kiedy',
			'~متى, ~कब, ~เมื่อ, ~언제, ~什么时候, ~何时, ~哪一年, ~いつ, ~何年',
		),
	],
	[
		'count',
		phrases(
			'how many, how much, how often, how far, how high, how large, how big, how tall, how deep, how fast, how heavy, how wide',
			'what number, what amount, what quantity, what size, what distance, what height',
			'wie viel*, wieviel*, wie oft, wie hoch, wie gross, wie weit, wie schnell, wie schwer, wie tief, wie breit, hoeveel',
			'combien, cuanto, cuanta, cuantos, cuantas, quanto, quanta, quanti, quante, quantos, quantas, kac, ile, сколько, скільки, ποσ*',
			'~كم, ~कितन, ~กี่, ~몇, ~多少, ~几, ~幾, ~何人, ~何時, ~何日, ~何歳, ~何円, ~いくつ',
		),
	],
	[
		'person',
		phrases(
			'^who, ^and who, ^by whom, ^whose, ^whom, wer, wem, wen, wessen, ^qui, ^et qui, ^a qui, ^par qui, quien, quienes, ^chi, ^e chi',
			'кто, ^kim, kto, ~誰, ~谁, ~누가, ~누구',
		),
	],
];

const NUMBER_WORDS = phrases(
	'two, three, four, five, six, seven, eight, nine, ten, eleven, twelve, thirteen, fourteen, fifteen, sixteen, seventeen, eighteen, nineteen',
	'twenty, thirty, forty, fifty, sixty, seventy, eighty, ninety, hundred, thousand, million, billion, trillion, half, dozen, twice, double',
	'zwei, drei, vier, fünf, sechs, sieben, acht, neun, zehn, elf, zwölf, fünfzehn, zwanzig, dreissig, vierzig, fünfzig, hundert, tausend, millionen, milliarde*, doppelt',
	'deux, trois, quatre, cinq, sept, huit, neuf, dix, onze, douze, quinze, vingt, trente, quarante, cinquante, cent, mille, millions, milliard*, moitié',
	'dos, tres, cuatro, cinco, siete, ocho, nueve, diez, doce, quince, veinte, treinta, cuarenta, cincuenta, cien, mil, millon*, mitad',
	'due, tre, quattro, cinque, sei, sette, otto, nove, dieci, quindici, venti, trenta, cento, milion*, miliard*',
	'два, две, три, четыре, пять, шесть, семь, восемь, девять, десять, сто, тысяч*, миллион*, iki, üç, dört, beş, altı, yedi, sekiz, dokuz, yüz, bin, milyon, milyar',
	'~百, ~千, ~万, ~億, ~亿',
);
const DIGIT = /\p{N}/u;
const TIMES = phrases(
	'january, february, march, april, june, july, august, september, october, november, december, monday, tuesday, wednesday, thursday, friday, saturday, sunday',
	'today, yesterday, tomorrow, morning, tonight, century, year, years, januar, februar, märz, mai, juni, juli, oktober, dezember, montag*, dienstag*, mittwoch*',
	'donnerstag*, freitag*, samstag*, sonntag*, heute, gestern, jahr*, uhr, janvier, février, mars, avril, juin, juillet, août, septembre, octobre, novembre, décembre',
	'lundi, mardi, mercredi, jeudi, vendredi, samedi, dimanche, hier, siècle, enero, febrero, marzo, abril, mayo, junio, julio, agosto, septiembre, octubre',
	'noviembre, diciembre, lunes, martes, miércoles, jueves, viernes, sábado, domingo, hoy, ayer, siglo, año*, gennaio, febbraio, aprile, maggio, giugno, luglio',
	'settembre, ottobre, dicembre, lunedì, martedì, mercoledì, giovedì, venerdì, sabato, domenica, oggi, ieri, secolo, anno, anni',
	'январ*, феврал*, март*, апрел*, май, мая, июн*, июл*, август*, сентябр*, октябр*, ноябр*, декабр*, год*, ~年, ~月, ~日, ~時, ~时',
);
const UNITS_OF_TIME = phrases(
	'second, seconds, minute*, hour, hours, day, days, week, weeks, month, months, year, years, decade*, century, centuries, sekunde*, minute*, stunde*, tag, tage*, woche*, monat*, jahr*',
	'seconde*, heure*, jour, jours, semaine*, mois, an, ans, année*, segundo*, minuto*, hora, horas, día, días, semana*, mes, meses, año, años, ora, ore, giorn*, settiman*, mese, mesi, anno, anni',
	'лет, год*, дн*, недел*, месяц*, час*, gün, hafta, ay, yıl, saat, ~年, ~月, ~日, ~週, ~周, ~時間, ~小时',
);
const MONEY = phrases(
	'dollar*, euro, euros, cent, cents, pound, pounds, franc*, crown, crowns, kronen, peso, pesos, yen, usd, eur, gbp, chf, рубл*, lira, ~元, ~円',
);
const SIGN_OF_MONEY = /\p{Sc}/u;
const SHARES = phrases(
	'percent, per cent, prozent, pour cent, pourcent, por ciento, per cento, процент*, half, third, quarter, hälfte, drittel, viertel, moitié, tiers, mitad, tercio, metà',
);
const SIGN_OF_SHARE = /[%٪％]/u;
const CAPITAL = /^\p{Lu}/u;
const WITHOUT_CAPITALS =
	/[\p{Script=Han}\p{Script=Katakana}\p{Script=Hangul}\p{Script=Arabic}\p{Script=Thai}\p{Script=Devanagari}]/u;

/** The kind of answer that a question asks for; `any` where nothing tells it. */
export function kindOf(question: string): AnswerKind {
	const asked = spaced(question);
	if (says(asked, HOW_MUCH) && says(asked, MONEY_ASKED)) return 'amount';
	return ASKED.find(([, list]) => says(asked, list))?.[0] ?? 'any';
}

const hasNumber = (text: string, words = spaced(text)): boolean =>
	DIGIT.test(text) || says(words, NUMBER_WORDS);

const HOLDS: { readonly [kind in AnswerKind]: (text: string, words: string) => boolean } = {
	amount: (text, words) => hasNumber(text, words) && (SIGN_OF_MONEY.test(text) || says(words, MONEY)),
	count: hasNumber,
	share: (text, words) => SIGN_OF_SHARE.test(text) || says(words, SHARES),
	time: (text, words) => /\d{4}|\d[.:/-]\d/.test(text) || says(words, TIMES),
	duration: (text, words) => hasNumber(text, words) && says(words, UNITS_OF_TIME),
	person: (text) => hasName(text),
	any: () => true,
};

/** Whether a sentence holds something of that kind. */
export const holdsKind = (kind: AnswerKind, text: string): boolean => HOLDS[kind](text, spaced(text));

/** A word with a capital that is not the first; where a script has none, any text may hold a name. */
function hasName(text: string): boolean {
	const [first = '', second = '', ...others] = text.match(/[\p{L}\p{M}]+/gu) ?? [];
	return (
		WITHOUT_CAPITALS.test(text) ||
		[second, ...others].some((word) => CAPITAL.test(word)) ||
		(CAPITAL.test(first) && CAPITAL.test(second))
	);
}

/** How one asks for a number of things. */
const HOW_MANY = [
	...['how many', 'what number of', 'wie viele', 'wieviele', 'hoeveel', 'combien de', 'combien d'],
	...['cuantos', 'cuantas', 'quanti', 'quante', 'quantos', 'quantas'],
];
/** The thing with its adjectives, before or behind it. */
const MOST_WORDS = 4;

/**
 * The words for what is to be counted: "new", "jobs" of "How many new jobs were created?"; where some of them have a capital, as German nouns do, only
 * those. None where the question asks for something else.
 */
export function countedThings(question: string, isContent: (word: string) => boolean): string[] {
	const asked = spaced(question);
	const found = HOW_MANY.find((each) => asked.includes(` ${each} `));
	if (found === undefined) return [];
	const from = asked
		.slice(0, asked.indexOf(` ${found} `) + 1 + found.length)
		.trim()
		.split(' ').length;
	const rest = (question.normalize('NFC').match(/[\p{L}\p{N}\p{M}]+/gu) ?? []).slice(from, from + MOST_WORDS);
	const end = rest.findIndex((word) => !isContent(word));
	const things = rest.slice(0, end < 0 ? rest.length : end);
	const capitals = things.filter((word) => CAPITAL.test(word));
	return capitals.length > 0 ? capitals : things;
}

/** Words behind a number that are looked at: "fifteen million new jobs". */
const BEHIND = 4;

/**
 * How exactly a sentence counts things, 0–1: the share of the things' words that stand behind a number, divided by one more than the other
 * words among them. For "new jobs", "fifteen million new jobs" has 1, "eight hundred new manufacturing jobs" and "fifteen jobs" 0.5.
 *
 * @param things terms of the things
 * @param termsOf terms of a word
 */
export function countOf(
	text: string,
	things: ReadonlySet<string>,
	termsOf: (word: string) => Iterable<string>,
): number {
	if (things.size === 0) return 0;
	const words = text.match(/[\p{L}\p{M}]+|\p{N}+/gu) ?? [];
	let best = 0;
	for (const [at, word] of words.entries()) {
		if (!hasNumber(word)) continue;
		const found = new Set<string>();
		let others = 0;
		for (const behind of words.slice(at + 1, at + 1 + BEHIND)) {
			const terms = [...termsOf(behind)].filter((term) => things.has(term));
			for (const term of terms) found.add(term);
			if (terms.length > 0) best = Math.max(best, found.size / things.size / (1 + others));
			else if (!hasNumber(behind)) others++;
		}
	}
	return best;
}
