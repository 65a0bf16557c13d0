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
	[20, 'twenty zwanzig vingt veinte venti'],
	[30, 'thirty dreissig dreißig trente treinta trenta'],
	[40, 'forty vierzig quarante cuarenta quaranta'],
	[50, 'fifty funfzig cinquante cincuenta cinquanta'],
	[60, 'sixty sechzig soixante sesenta sessanta'],
	[70, 'seventy siebzig septante setenta settanta'],
	[80, 'eighty achtzig octante ochenta ottanta'],
	[90, 'ninety neunzig nonante noventa novanta'],
	[100, 'hundred hundert cent cien ciento cento'],
	[1e3, 'thousand tausend mille mil mila'],
	[1e6, 'million millions millionen millones millon milione milioni'],
	[1e9, 'billion billions milliarde milliarden milliard milliards miliardo miliardi'],
];
const VALUES = new Map(
	UNITS.flatMap(([value, words]) => words.split(' ').map((word) => [word, value] as const)),
);

/** Value of a word, also of two in one as Germans write them ("fünfundzwanzig", "dreihundert"). `word` is in lower case without accents. */
export function valueOfWord(word: string): number | undefined {
	const value = VALUES.get(word);
	if (value !== undefined) return value;
	const and = word.indexOf('und');
	const [ones, tens] = [VALUES.get(one(word.slice(0, and))), VALUES.get(word.slice(and + 3))];
	if (and > 0 && ones !== undefined && tens !== undefined && ones < 10 && tens >= 20) return ones + tens;
	for (const scale of ['hundert', 'tausend']) {
		const factor = word.endsWith(scale) ? VALUES.get(one(word.slice(0, -scale.length))) : undefined;
		if (factor !== undefined && factor < 1000) return factor * (VALUES.get(scale) ?? 1);
	}
	return undefined;
}

const one = (word: string): string => (word === 'ein' ? 'eins' : word);

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
