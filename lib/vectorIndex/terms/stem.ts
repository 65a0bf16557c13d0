/*
 * What the forms of a word have in common, for every language by the same rule: its first five letters. Measured on the
 * twelve languages of XQuAD against plain words, character 4-grams and beginnings of four and six letters
 * (docs/vector-index.md): as good as 4-grams in all but German compounds, at half of their size, and there is no language
 * to detect, which goes wrong on a question of three words.
 */

const LETTERS = 5;
/** Where a word begins with its article, or is written mostly without vowels, fewer letters say as much. */
const CONSONANTS = 4;
const INDIC_CONSONANTS = 3;
/** "testing", "planning", "stopped": forms of short verbs do not have their first five letters in common. */
const VERB_ENDINGS = ['ing', 'ed'];
const VOWEL = /[aeiouy]/;
const DOUBLED = /([bdgmnprt])\1$/;
const SHORT_VERB = { least: 3, most: 4 };
export const LONGEST_FORM = 8;
/** "рубль" and "рубли": a word of five letters is mostly a short one with its ending. */
const ENDING = /[аеиоуыэюяьйіїєαεηιουω]$/;
const [ASCII_END, ARABIC, ARABIC_END, INDIC, INDIC_END] = [0x80, 0x600, 0x700, 0x900, 0xe00];
/** Hebrew writes "and", "the", "in", "to", "that", "as" and "from" onto the word, several of them in a row. */
const [HEBREW, HEBREW_END] = [0x590, 0x600];
const PREFIXES: ReadonlySet<string> = new Set('והבלשכמ');
const LEAST_HEBREW = 3;
const MARKS = /\p{M}/gu;
/** "And", then prepositions with the article (Larkey, Ballesteros and Connell, SIGIR 2002, "light" stemming). */
const AND = 'و';
const ARTICLES = ['بال', 'كال', 'فال', 'ال', 'لل'];
/** "In" and "to": a longer word that begins so has mostly one of them. */
const PREPOSITIONS: ReadonlySet<string> = new Set('بل');
const LEAST_PREFIXED = 6;
/** Plurals, cases and articles, which Bengali writes onto the word; those of one letter only behind a vowel. */
const BENGALI_SUFFIX =
	/(?<=[\u0980-\u09ff]\p{M}?[\u0980-\u09ff]\p{M}?)(?:গুলো|গুলি|দের|টি|টা|কে|ের|েরা|(?<=\p{M})(?:র|রা|তে|য\u09bc))$/u;

/** The beginning of a folded word that its other forms share; the word itself where it has no more. */
export function stemOf(word: string): string {
	const script = word.charCodeAt(0);
	if (script < ASCII_END) return stemOfAscii(word);
	if (script >= ARABIC && script < ARABIC_END) return first(withoutPrefix(word), CONSONANTS);
	if (script >= HEBREW && script < HEBREW_END) return first(withoutPrefixes(word), CONSONANTS);
	// Scripts whose vowels are marks on the consonants; forms of a word differ in them.
	if (script >= INDIC && script < INDIC_END) {
		const consonants = first(withoutBengaliSuffixes(word).replace(MARKS, ''), INDIC_CONSONANTS);
		return consonants.length > 1 ? consonants : word;
	}
	return word.length === LETTERS ? word.replace(ENDING, '') : first(word, LETTERS);
}

function stemOfAscii(word: string): string {
	if (isShortPlural(word)) return word.slice(0, -1);
	return verbOf(word) ?? first(word, LETTERS);
}

/** The short verb of one of its forms; undefined for other words, and for "closed", whose verb may have lost an e. */
function verbOf(word: string): string | undefined {
	const ending = VERB_ENDINGS.find((each) => word.endsWith(each));
	if (ending === undefined || word.length > LONGEST_FORM) return undefined;
	const base = word.slice(0, -ending.length);
	const isDoubled = DOUBLED.test(base);
	if (!VOWEL.test(base) || (!isDoubled && ending === 'ed')) return undefined;
	const verb = isDoubled ? base.slice(0, -1) : base;
	return verb.length >= SHORT_VERB.least && verb.length <= SHORT_VERB.most ? verb : undefined;
}

/** "fees", "jobs", "casas": the words whose beginning is all of them. */
function isShortPlural(word: string): boolean {
	return word.length >= 4 && word.length <= LETTERS && /[^siu]s$/.test(word);
}

function withoutPrefix(word: string): string {
	const bare = word.length > 3 && word.startsWith(AND) ? word.slice(1) : word;
	const article = ARTICLES.find((each) => bare.startsWith(each) && bare.length - each.length >= 2);
	const noun = article === undefined ? bare : bare.slice(article.length);
	return noun.length >= LEAST_PREFIXED && PREPOSITIONS.has(noun.charAt(0)) ? noun.slice(1) : noun;
}

function withoutBengaliSuffixes(word: string): string {
	let bare = word;
	for (let next = bare.replace(BENGALI_SUFFIX, ''); next !== bare; next = bare.replace(BENGALI_SUFFIX, ''))
		bare = next;
	return bare;
}

function withoutPrefixes(word: string): string {
	let bare = word;
	while (bare.length > LEAST_HEBREW && PREFIXES.has(bare.charAt(0))) bare = bare.slice(1);
	return bare;
}

function first(word: string, letters: number): string {
	let end = 0;
	for (let count = 0; count < letters && end < word.length; count++)
		end += (word.codePointAt(end) ?? 0) > 0xffff ? 2 : 1;
	return word.slice(0, end);
}
