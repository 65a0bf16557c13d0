import { countedThings, countOf, holdsKind, kindOf } from './kinds';
import { rarityIn, shareOf, termsOf } from './words';

/*
 * How well a sentence answers a question, without a model that reads. Likeness and shared words carry most of it; docs/answers.md says
 * what each part gained and what was tried without a gain.
 */

/** A sentence that may be quoted, as far as its fit needs it. */
export interface Candidate {
	readonly text: string;
	/** Position of its passage. */
	readonly passage: number;
	/** Cosine with the question on the scale on which unrelated texts have 0. */
	readonly likeness: number;
}

export interface FitPassage {
	readonly text: string;
	readonly source?: string;
	readonly title?: string;
}

export interface RankedCandidate<T extends Candidate> {
	readonly candidate: T;
	/** Comparable between the sentences of one question. */
	readonly fit: number;
	/** Comparable between questions and corpora: it decides whether the best sentence is an answer. */
	readonly sureness: number;
}

/** The cosine of e5 and the share of words in the proportion found on three other corpora: 46.4 · cosine + 7.5 · share. */
const LIKENESS = 46.4 * 0.26;
const SHARE = 7.5;
/** The share of words by how few passages have them, and with the sentences on both sides. */
const RARE = 2;
const NEAR = 2;
/** What the first passage is worth; the second is worth half of it, and so on: whoever searched found it nearer to the question. */
const PLACE = 1;
/** Whether the sentence holds the kind of answer that is asked for, and a number beside the thing to be counted. */
const KIND = 1;
const COUNTS = 6;
/**
 * How much the average sentence of the passages counts against the best one. In a corpus whose passages all speak of the question's
 * subject every sentence fits somewhat; the limit follows it.
 */
const AVERAGE = 0.5;
/** Weight of the words found, by how few of the passages have them, summed up: three rare words are surer than one. */
const FOUND = 1;

/**
 * What is taken off for words of a short question that no passage has, by how much they count: of two or three words none can be missing ("the
 * emperor of Japan" is not answered by what is said about Japan). A long question has words that an answer does without.
 */
const MISSING_OF_FEW = 8;
/** Likeness from which a sentence may say the missing word in other words ("eat": "soup, bread and cake"). */
const LIKE_ENOUGH = 0.3;
const FEW = 3;

/**
 * Sureness from which the best sentence is quoted. With the 220 questions of the Chroma chunking study: `usual` is where half of the questions
 * are refused whose answer was taken out of the passages, `sure` where four in five are.
 */
const LIMITS = { usual: 8.2, sure: 10.8 };

export const limitOf = (onlyWhenSure = false): number => (onlyWhenSure ? LIMITS.sure : LIMITS.usual);

/**
 * The candidates, best first. Those of one passage stand together, in their order.
 *
 * @param passages all that were given, also those of which no sentence is a candidate
 */
export function rankedByFit<T extends Candidate>(
	question: string,
	passages: readonly FitPassage[],
	candidates: readonly T[],
): Array<RankedCandidate<T>> {
	const wanted = termsOf(question);
	const kind = kindOf(question);
	const things = new Set(
		countedThings(question, (word) => termsOf(word).size > 0).flatMap((word) => [...termsOf(word)]),
	);
	const terms = candidates.map(({ text }) => termsOf(text));
	const rarity = rarityIn(terms);
	const rarityOfPassages = passageRarity(passages);
	const fits = candidates.map(({ text, passage, likeness }, at) => {
		const own = terms[at] ?? NO_TERMS;
		const near = new Set(own);
		for (const side of [at - 1, at + 1])
			if (candidates[side]?.passage === passage) for (const term of terms[side] ?? NO_TERMS) near.add(term);
		return (
			LIKENESS * likeness +
			SHARE * shareOf(wanted, own, rarity) +
			NEAR * shareOf(wanted, near, rarity) +
			RARE * shareOf(wanted, own, rarityOfPassages) +
			PLACE / (1 + passage) +
			KIND * (kind === 'any' ? 0.5 : Number(holdsKind(kind, text))) +
			COUNTS * countOf(text, things, termsOf)
		);
	});
	const missing =
		wanted.size > FEW ? 0 : MISSING_OF_FEW * (1 - shareOf(wanted, allTerms(passages), rarityOfPassages));
	const average = averageOf(fits);
	return candidates
		.map((candidate, at) => {
			const fit = fits[at] ?? 0;
			let found = 0;
			for (const term of wanted) if (terms[at]?.has(term)) found += rarityOfPassages(term);
			const unsaid = missing * Math.max(0, 1 - candidate.likeness / LIKE_ENOUGH);
			return { candidate, fit, sureness: fit - AVERAGE * average + FOUND * found - unsaid };
		})
		.sort((a, b) => b.fit - a.fit);
}

/** What six passages usually have: fewer are taken for that many, or one short passage would be surer or less sure than six. */
const USUAL_PASSAGES = 6;
const USUAL_SENTENCES = 30;
const USUAL_FIT = 5;

/** Of fits, filled up with usual ones. */
function averageOf(fits: readonly number[]): number {
	const filled = Math.max(0, USUAL_SENTENCES - fits.length);
	return (fits.reduce((sum, fit) => sum + fit, 0) + filled * USUAL_FIT) / (fits.length + filled);
}

const NO_TERMS: ReadonlySet<string> = new Set();

const termsOfPassage = ({ text, source = '', title = '' }: FitPassage): ReadonlySet<string> =>
	termsOf(`${source} ${title} ${text}`);

const allTerms = (passages: readonly FitPassage[]): ReadonlySet<string> =>
	new Set(passages.flatMap((passage) => [...termsOfPassage(passage)]));

/** How much a term counts by how few of the passages have it; little where all have it. The name of a document says what it is about. */
function passageRarity(passages: readonly FitPassage[]): (term: string) => number {
	const frequency = new Map<string, number>();
	for (const { text, source = '', title = '' } of passages)
		for (const term of termsOf(`${source} ${title} ${text}`))
			frequency.set(term, (frequency.get(term) ?? 0) + 1);
	return (term) =>
		Math.log((Math.max(passages.length, USUAL_PASSAGES) + 1) / (0.5 + (frequency.get(term) ?? 0)));
}
