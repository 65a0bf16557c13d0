import { createSlicer, dot, toUnit, type CallContext } from '../support';
import { GROUNDING_THRESHOLDS } from './defaults';
import { AnsweringError } from './errors';
import { splitSentences, type Sentence } from './sentences';
import { type Facts, factsOf } from './facts';
import { fitOf } from './similarity';
import { rarityIn, readSentence, type SentenceParts, shareOf } from './words';

export interface GroundingPassage {
	readonly text: string;
	/** What the answer cites it by: "2" for "[2]". Default: its position from 1. */
	readonly label?: string;
}

export interface GroundingServices {
	/** Unit vectors, one a text, in order. Without it only words are compared. */
	readonly embed?: (texts: readonly string[], call?: CallContext) => Promise<readonly Float32Array[]>;
}

export interface GroundingOptions {
	/** Score from which a sentence counts as supported. Default {@link GROUNDING_THRESHOLDS}. */
	readonly threshold?: number;
	/** Hold a sentence with citations against the cited passages only. Default true. */
	readonly citedOnly?: boolean;
}

export interface SentenceVerdict {
	readonly text: string;
	/** UTF-16 offsets in the answer. */
	readonly start: number;
	readonly end: number;
	/** `noClaim`: nothing to check (a question, a heading, a phrase without content words). */
	readonly state: 'supported' | 'unsupported' | 'noClaim';
	/** 0–1: how well the best place of a passage carries the sentence. */
	readonly score: number;
	/** Where that place is. */
	readonly evidence?: { readonly passage: number; readonly start: number; readonly end: number };
	/** Numbers of the sentence that the evidence does not hold, as the sentence writes them. */
	readonly missingNumbers: readonly string[];
	/** Months and days of the week, and beginnings of names, that it does not hold. */
	readonly missingDates: readonly string[];
	readonly missingNames: readonly string[];
	/** One of the two denies what the other says. */
	readonly negationDiffers: boolean;
	/** Labels cited in the sentence. */
	readonly cited: readonly string[];
}

export interface GroundingReport {
	readonly sentences: readonly SentenceVerdict[];
	readonly supported: number;
	readonly unsupported: number;
	/** Supported share of the sentences that claim something; 1 when none does. */
	readonly share: number;
	/** No sentence is unsupported. */
	readonly grounded: boolean;
}

/** What a missing number or a differing negation leaves of a score; chosen as GROUNDING_THRESHOLDS. */
const CONTRADICTION_FACTOR = 0.5;
/** Bounds the work: some 250,000 tokens, beyond what a model is handed for one answer. */
const MOST_CHARACTERS = 1_000_000;
/** Each sentence is held against each window: a long answer against 12,000 sentences of passages is a twentieth of this. */
const MOST_COMPARISONS = 20_000_000;

interface Window {
	readonly passage: number;
	readonly start: number;
	readonly end: number;
	readonly text: string;
	readonly parts: SentenceParts;
	readonly stems: ReadonlySet<string>;
	readonly facts: Facts;
}

/**
 * Holds each sentence of an answer against the passages it was written from. Evidence is looked for in windows of one and two
 * neighbouring sentences. A window's score is the mean of two figures: the share of the sentence's content words that it holds,
 * rare words counting more (inverse document frequency over all windows), and the cosine of their embeddings; numbers, dates and names that the
 * window lacks and a negation on one side only lower it (in English, German, French, Spanish and Italian). This finds what is not said; a false statement made of the passage's own
 * words it may miss. Measured in docs/retrieval.md.
 *
 * @throws AnsweringError `invalidRequest` without passages, or when answer and passages are longer than a million characters
 */
export async function checkGrounding(
	answer: string,
	passages: readonly GroundingPassage[],
	services: GroundingServices = {},
	options: GroundingOptions = {},
	call: CallContext = {},
): Promise<GroundingReport> {
	const { citedOnly = true } = options;
	const threshold =
		options.threshold ?? (services.embed ? GROUNDING_THRESHOLDS.embedded : GROUNDING_THRESHOLDS.wordsOnly);
	if (passages.length === 0)
		throw new AnsweringError('invalidRequest', 'There are no passages to check the answer against.');
	if (!(threshold >= 0 && threshold <= 1))
		throw new AnsweringError('invalidRequest', `threshold must lie between 0 and 1, got ${threshold}.`);
	const length = passages.reduce((sum, { text }) => sum + text.length, answer.length);
	if (length > MOST_CHARACTERS)
		throw new AnsweringError(
			'invalidRequest',
			`Answer and passages have ${length} characters; at most ${MOST_CHARACTERS} are checked. Hand over only the passages the answer cites.`,
		);
	const turn = createSlicer();
	const windows: Window[] = [];
	for (const [passage, { text }] of passages.entries()) {
		for (const window of windowsOf(text, passage)) {
			windows.push(window);
			await turn();
		}
	}
	const sentences = [...splitSentences(answer)];
	if (sentences.length * windows.length > MOST_COMPARISONS)
		throw new AnsweringError(
			'invalidRequest',
			`The answer has ${sentences.length} sentences and the passages have ${Math.ceil(windows.length / 2)}: too many to compare. Check the answer in parts, or against the passages it cites.`,
		);
	const labels = passages.map(({ label }, index) => label ?? String(index + 1));
	const rarity = rarityIn(windows.map(({ stems }) => stems));
	const claims = sentences.map((sentence) => readClaim(sentence, labels));
	const vectors = await embedAll(
		[...claims.map(({ bare }) => bare), ...windows.map(({ text }) => text)],
		services,
		call,
	);

	const verdicts: SentenceVerdict[] = [];
	for (const [index, claim] of claims.entries()) {
		await turn();
		call.signal?.throwIfAborted();
		const { text, start, end, cited, parts, facts } = claim;
		const base = { text, start, end, cited };
		if (!claim.claims) {
			verdicts.push({ ...base, state: 'noClaim', score: 0, ...NOTHING_MISSING });
			continue;
		}
		let best: (Compared & Pick<SentenceVerdict, 'evidence'>) | undefined;
		for (const [at, window] of windows.entries()) {
			if (citedOnly && cited.length > 0 && !cited.includes(labels[window.passage] ?? '')) continue;
			const similarity = vectors ? dot(vectors[index] ?? [], vectors[claims.length + at] ?? []) : undefined;
			const scored = scoreWindow({ ...parts, facts }, window, rarity, similarity);
			if (best && scored.score <= best.score) continue;
			best = { ...scored, evidence: { passage: window.passage, start: window.start, end: window.end } };
		}
		const found = best ?? {
			score: 0,
			...NOTHING_MISSING,
			missingNumbers: facts.numbers.map(({ written }) => written),
		};
		verdicts.push({ ...base, ...found, state: found.score >= threshold ? 'supported' : 'unsupported' });
	}
	const supported = verdicts.filter(({ state }) => state === 'supported').length;
	const unsupported = verdicts.filter(({ state }) => state === 'unsupported').length;
	return {
		sentences: verdicts,
		supported,
		unsupported,
		share: supported + unsupported === 0 ? 1 : supported / (supported + unsupported),
		grounded: unsupported === 0,
	};
}

type Compared = Pick<
	SentenceVerdict,
	'score' | 'missingNumbers' | 'missingDates' | 'missingNames' | 'negationDiffers'
>;

function scoreWindow(
	claim: SentenceParts & { readonly facts: Facts },
	window: Window,
	rarity: (stem: string) => number,
	similarity: number | undefined,
): Compared {
	const overlap = shareOf(claim.stems, window.stems, rarity);
	const stated = claim.facts;
	const missingNumbers = stated.numbers
		.filter(
			({ values }) =>
				![...window.facts.numbers, ...window.facts.doubtful].some((other) =>
					values.some((value) => other.values.includes(value)),
				),
		)
		.map(({ written }) => written);
	const missingDates = [...stated.dates].filter((date) => !window.facts.dates.has(date));
	const missingNames = [...stated.names].filter((name) => !window.facts.stems.has(name));
	const negationDiffers = stated.negated !== window.facts.negated;
	let score = similarity === undefined ? overlap : fitOf(overlap, Math.max(0, similarity));
	for (const differs of [
		missingNumbers.length > 0,
		missingDates.length > 0,
		missingNames.length > 0,
		negationDiffers,
	])
		if (differs) score *= CONTRADICTION_FACTOR;
	return { score: Math.min(1, score), missingNumbers, missingDates, missingNames, negationDiffers };
}

const NOTHING_MISSING = { missingNumbers: [], missingDates: [], missingNames: [], negationDiffers: false };

interface Claim {
	readonly text: string;
	/** The sentence without its citation marks. */
	readonly bare: string;
	readonly start: number;
	readonly end: number;
	readonly cited: readonly string[];
	readonly parts: SentenceParts;
	readonly facts: Facts;
	readonly claims: boolean;
}

function readClaim(sentence: Sentence, labels: readonly string[]): Claim {
	const cited: string[] = [];
	const bare = sentence.text
		.replace(/\[([^[\]]{1,200})\]/g, (mark, inside: string) => {
			const named = inside.split(/[,;]/).map((part) => part.trim());
			if (!named.every((label) => labels.includes(label))) return mark;
			cited.push(...named);
			return ' ';
		})
		.trim();
	const parts = readSentence(bare);
	const claims =
		sentence.kind !== 'heading' && parts.stems.length + parts.numbers.length > 1 && !/[?？:：]$/.test(bare);
	return { ...sentence, bare, cited, parts, facts: factsOf(bare), claims };
}

/** Every sentence, and every two neighbours: a statement often rests on both. */
function* windowsOf(text: string, passage: number): Generator<Window> {
	let previous: Sentence | undefined;
	for (const sentence of splitSentences(text)) {
		const { end } = sentence;
		for (const start of previous ? [sentence.start, previous.start] : [sentence.start]) {
			const part = text.slice(start, end);
			const parts = readSentence(part);
			yield { passage, start, end, text: part, parts, stems: new Set(parts.stems), facts: factsOf(part) };
		}
		previous = sentence;
	}
}

/** Unit vectors, whatever length the model gives them: every sentence is compared with every window. */
async function embedAll(
	texts: readonly string[],
	{ embed }: GroundingServices,
	call: CallContext,
): Promise<readonly Float32Array[] | undefined> {
	if (!embed) return undefined;
	const vectors = await embed(texts, call);
	if (vectors.length !== texts.length)
		throw new AnsweringError(
			'badAnswer',
			`The embedding gave ${vectors.length} vectors for ${texts.length} texts.`,
		);
	return vectors.map(toUnit);
}
