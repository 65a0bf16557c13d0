/*
 * What the forms of a word have in common, for every language by the same rule: its first five letters. Measured on the
 * twelve languages of XQuAD against plain words, character 4-grams and beginnings of four and six letters
 * (docs/vector-index.md): as good as 4-grams in all but German compounds, at half of their size, and there is no language
 * to detect, which goes wrong on a question of three words.
 */

const LETTERS = 5;
/** Where a word begins with its article, or is written mostly without vowels, fewer letters say as much. */
const CONSONANTS = 4;
const [ASCII_END, ARABIC, ARABIC_END, INDIC, INDIC_END] = [0x80, 0x600, 0x700, 0x900, 0xe00];
/** Hebrew writes "and", "the", "in", "to", "that", "as" and "from" onto the word, several of them in a row. */
const [HEBREW, HEBREW_END] = [0x590, 0x600];
const PREFIXES: ReadonlySet<string> = new Set('והבלשכמ');
const LEAST_HEBREW = 3;
const MARKS = /\p{M}/gu;
/** "And", then prepositions with the article (Larkey, Ballesteros and Connell, SIGIR 2002, "light" stemming). */
const AND = 'و';
const ARTICLES = ['بال', 'كال', 'فال', 'ال', 'لل'];

/** The beginning of a folded word that its other forms share; the word itself where it has no more. */
export function stemOf(word: string): string {
	const script = word.charCodeAt(0);
	if (script < ASCII_END) return isShortPlural(word) ? word.slice(0, -1) : first(word, LETTERS);
	if (script >= ARABIC && script < ARABIC_END) return first(withoutArticle(word), CONSONANTS);
	if (script >= HEBREW && script < HEBREW_END) return first(withoutPrefixes(word), CONSONANTS);
	// Scripts whose vowels are marks on the consonants; forms of a word differ in them.
	if (script >= INDIC && script < INDIC_END) {
		const consonants = first(word.replace(MARKS, ''), CONSONANTS);
		return consonants.length > 1 ? consonants : word;
	}
	return first(word, LETTERS);
}

/** "fees", "jobs", "casas": the words whose beginning is all of them. */
function isShortPlural(word: string): boolean {
	return word.length >= 4 && word.length <= LETTERS && /[^siu]s$/.test(word);
}

function withoutArticle(word: string): string {
	const bare = word.length > 3 && word.startsWith(AND) ? word.slice(1) : word;
	const article = ARTICLES.find((each) => bare.startsWith(each) && bare.length - each.length >= 2);
	return article === undefined ? bare : bare.slice(article.length);
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
