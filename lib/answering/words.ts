// What two texts say in common: the one comparison of words behind the built-in answerer, the built-in reranker and the
// grounding check. The endings are those of English; function words are known in four languages, other words are compared as they stand.

/** What a sentence says, reduced to comparable parts. */
export interface SentenceParts {
	/** Stems of content words, each once. */
	readonly stems: readonly string[];
	/** Numbers and years, normalised: "1,500" → "1500", "three" → "3". */
	readonly numbers: readonly string[];
	/** Any negation: "neither … nor" is one, not two that cancel. */
	readonly negated: boolean;
}

/** Reads a sentence; `stems` hold no function words and no numbers. */
export function readSentence(text: string): SentenceParts {
	const numbers = new Set<string>();
	const stems = new Set<string>();
	let negated = false;
	for (const word of wordsOf(text)) {
		const number = numberOf(word);
		if (number !== undefined) numbers.add(number);
		else if (NEGATIONS.has(word) || word.endsWith("n't")) negated = true;
		else for (const part of word.split("'").flatMap(pairsOf)) if (isContent(part)) stems.add(stemOf(part));
	}
	return { stems: [...stems], numbers: [...numbers], negated };
}

/** The terms that a text can share with another: its stems and its numbers. */
export function termsOf(text: string): ReadonlySet<string> {
	const { stems, numbers } = readSentence(text);
	return new Set([...stems, ...numbers]);
}

/** How much a term counts: inverse document frequency over the texts at hand. */
export function rarityIn(texts: readonly ReadonlySet<string>[]): (term: string) => number {
	const frequency = new Map<string, number>();
	for (const terms of texts) for (const term of terms) frequency.set(term, (frequency.get(term) ?? 0) + 1);
	return (term) => Math.log(1 + (texts.length + 1) / (1 + (frequency.get(term) ?? 0)));
}

/** Share of the wanted terms that a text has, rare terms weighing more; 0 when none is wanted. */
export function shareOf(
	wanted: Iterable<string>,
	terms: ReadonlySet<string>,
	rarity: (term: string) => number,
): number {
	let held = 0;
	let all = 0;
	for (const term of wanted) {
		const weight = rarity(term);
		all += weight;
		if (terms.has(term)) held += weight;
	}
	return all === 0 ? 0 : held / all;
}

/** Words in lower case, without accents, with an apostrophe inside ("don't", "l'eau"). */
function wordsOf(text: string): string[] {
	const plain = text
		.normalize('NFKD')
		.replace(/\p{M}/gu, '')
		.toLowerCase()
		.replace(/[‘’]/g, "'")
		.replace(/(?<=\d),(?=\d{3})/g, '');
	return plain.match(/\d+(?:\.\d+)?|\p{L}+(?:'\p{L}+)?/gu) ?? [];
}

/** Scripts without blanks between words are compared by pairs of characters. */
function pairsOf(word: string): string[] {
	if (word.length < 3 || !UNSPACED.test(word)) return [word];
	return Array.from({ length: word.length - 1 }, (_, at) => word.slice(at, at + 2));
}

const UNSPACED =
	/[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}]/u;

function numberOf(word: string): string | undefined {
	if (/^\d/.test(word)) return String(Number(word));
	const index = NUMBER_WORDS.indexOf(word);
	return index < 0 ? undefined : String(index);
}

/** The words of a text that say something, as they are written, each once. */
export function contentWordsOf(text: string): string[] {
	const words = text.match(/[\p{L}\p{N}][\p{L}\p{M}\p{N}'’-]*/gu) ?? [];
	return [...new Set(words)].filter((word) => termsOf(word).size > 0);
}

/** A single letter says nothing, a single Chinese character does. */
function isContent(word: string): boolean {
	return !FUNCTION_WORDS.has(word) && (word.length > 1 || /\p{Script=Han}/u.test(word));
}

/**
 * A light stem: the inflections of regular English words, then at most six letters ("investigated" and "investigation" meet, at the
 * price of a few false meetings). Enough for an overlap; no lemma is promised.
 */
export function stemOf(word: string): string {
	const base =
		word.length > 4 ? word.replace(/(?:ies|ied)$/, 'y').replace(/(?:ing|ed|es|e|s|ly)$/, '') : word;
	return base.slice(0, 6);
}

const NUMBER_WORDS = 'zero one two three four five six seven eight nine ten eleven twelve'.split(' ');

const NEGATIONS = new Set('not no never none nobody nothing neither nor without cannot'.split(' '));

/** English, German, French and Spanish, without accents. Left out is what has a meaning in another of them: "war", "man", "hat". */
export const FUNCTION_WORDS = new Set(
	(
		'a about above after again all also am an and any many much are as at be because been before being below between both but by can could did do ' +
		'does doing down during each few for from further had has have having he her here hers herself him himself his how i if in into is it ' +
		'its itself just ll may me more most my myself of off on once only or other our ours out over own re same she should so some such than ' +
		'that the their theirs them themselves then there these they this those through to too under until up us ve very was we were what when ' +
		'where which while who whom why will with would you your yours ' +
		'der die das ein eine einer eines einem einen und oder von zu zum zur im auf fur mit bei aus ist sind waren wie wer wo wann warum wieviel ' +
		'nicht kein keine den dem des es er sie wir ihr ' +
		'le la les un une et ou de du en dans sur pour avec par est sont qui que quoi quand comment combien pas ' +
		'el los las uno una unos y o del con por para es son quien cuando como cuanto cuanta cuantos cuantas'
	).split(' '),
);
