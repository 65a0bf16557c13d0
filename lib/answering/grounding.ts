import { type CallContext, cosine, type CosineLimits, createSlicer } from '../support';
import { GROUNDING_THRESHOLDS } from './defaults';
import { AnsweringError } from './errors';
import { splitSentences, type Sentence } from './sentences';
import { type Differences, differencesOf } from './differences';
import { type Facts, factsOf } from './facts';
import { rarityIn, readSentence, type SentenceParts, shareOf } from './words';

export interface GroundingPassage {
	readonly text: string;
	/** What the answer cites it by: "2" for "[2]". Default: its position from 1. */
	readonly label?: string;
}

export interface SentenceMeaning extends NonNullable<CosineLimits['statements']> {
	/** Vectors, one a text, in order. */
	readonly embed: (texts: readonly string[], call?: CallContext) => Promise<readonly Float32Array[]>;
}

export interface GroundingServices {
	/** A model that compares meanings. Without it only words are compared. */
	readonly meaning?: SentenceMeaning;
}

export interface GroundingOptions {
	/** Score from which a sentence counts as supported. Default {@link GROUNDING_THRESHOLDS}. */
	readonly threshold?: number;
	/** Hold a sentence with citations against the cited passages only. Default true. */
	readonly citedOnly?: boolean;
}

export interface SentenceVerdict extends Differences {
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

/** Weight of the meaning beside that of the shared words; chosen as GROUNDING_THRESHOLDS. */
const MEANING = 2 / 3;
/** What a missing number, date or name or a differing negation leaves of a score: less than any threshold asks for. */
const CONTRADICTION_FACTOR = 0.3;
/** What a name leaves that stands in another sentence of the passage: "she" and "the firm" refer to it. */
const BORROWED_FACTOR = 0.9;
/** Bounds the work: some 250,000 tokens, beyond what a model is handed for one answer. */
const MOST_CHARACTERS = 1_000_000;
/** Each sentence is held against each window: a long answer against 12,000 sentences of passages is a twentieth of this. */
const MOST_COMPARISONS = 20_000_000;

/** Sentences of passages whose vectors are asked for: those with most words of the answer. A model takes some ten seconds for them. */
const MOST_EMBEDDED = 400;

interface Window {
	readonly passage: number;
	readonly start: number;
	readonly end: number;
	/** The one or two sentences in it, counted over all passages. */
	readonly sentences: readonly number[];
	/** The windows of its single sentences; none for one of them. */
	readonly parts: readonly Window[];
	readonly stems: ReadonlySet<string>;
	readonly facts: Facts;
}

/**
 * Holds each sentence of an answer against the passages it was written from. Evidence is looked for in windows of one and two
 * neighbouring sentences. A window's score is made of two figures: the share of the sentence's content words that it holds,
 * rare words counting more (inverse document frequency over all windows), and how much both mean the same by the cosine of their
 * vectors; numbers, dates and names that it lacks, and what one of the two denies and the other says, only lower it (in English,
 * German, French, Spanish and Italian). A false statement made of the passage's own words it may miss. Measured in docs/answers.md.
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
		options.threshold ?? (services.meaning ? GROUNDING_THRESHOLDS.embedded : GROUNDING_THRESHOLDS.wordsOnly);
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
	const texts: string[] = [];
	for (const [passage, { text }] of passages.entries()) {
		for (const window of windowsOf(text, passage, texts)) {
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
	const labels = labelsOf(passages);
	const rarity = rarityIn(windows.map(({ stems }) => stems));
	const claims = sentences.map((sentence) => readClaim(sentence, labels));
	const known = passages.map((_, at) => {
		const stems = windows.filter(({ passage }) => passage === at).flatMap(({ facts }) => [...facts.stems]);
		return new Set(stems);
	});
	const similarityOf = await similarities(claims, windows, texts, services, call);

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
		const allowed = windows.filter(
			({ passage }) => !citedOnly || cited.length === 0 || cited.includes(labels[passage] ?? ''),
		);
		const fits = new Map(
			allowed.map((window) => {
				const overlap = shareOf(parts.stems, window.stems, rarity);
				const similarity = similarityOf?.(index, window);
				return [window, similarity === undefined ? overlap : MEANING * similarity + (1 - MEANING) * overlap];
			}),
		);
		let best: (Differences & Pick<SentenceVerdict, 'score' | 'evidence'>) | undefined;
		for (const [window, fit] of fits) {
			const main = window.parts.reduce(
				(a, b) => ((fits.get(b) ?? 0) > (fits.get(a) ?? 0) ? b : a),
				window.parts[0] ?? window,
			);
			const { borrowed, ...differences } = differencesOf(facts, {
				facts: window.facts,
				main: main.facts,
				shared: shareOf(parts.stems, main.stems, rarity),
				known: known[window.passage] ?? window.stems,
			});
			let score = Math.min(1, fit);
			for (const differs of Object.values(differences))
				if (differs === true || (Array.isArray(differs) && differs.length > 0)) score *= CONTRADICTION_FACTOR;
			if (borrowed) score *= BORROWED_FACTOR;
			if (best && score <= best.score) continue;
			const { passage, start, end } = window;
			best = { ...differences, score, evidence: { passage, start, end } };
		}
		const found = best ?? {
			score: 0,
			...NOTHING_MISSING,
			missingNumbers: facts.numbers.map(({ written }) => written),
		};
		verdicts.push({ ...base, ...found, state: found.score >= threshold ? 'supported' : 'unsupported' });
	}
	return reportOf(verdicts);
}

/** Counts verdicts together. */
export function reportOf(sentences: readonly SentenceVerdict[]): GroundingReport {
	const count = (wanted: SentenceVerdict['state']): number =>
		sentences.filter(({ state }) => state === wanted).length;
	const [supported, unsupported] = [count('supported'), count('unsupported')];
	return {
		sentences,
		supported,
		unsupported,
		share: supported + unsupported === 0 ? 1 : supported / (supported + unsupported),
		grounded: unsupported === 0,
	};
}

/** What an answer cites each passage by. */
export const labelsOf = (passages: readonly GroundingPassage[]): string[] =>
	passages.map(({ label }, index) => label ?? String(index + 1));

const NOTHING_MISSING = { missingNumbers: [], missingDates: [], missingNames: [], negationDiffers: false };

export interface Claim {
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

/** A sentence of an answer without its citation marks, and what it states. @param labels of the passages */
export function readClaim(sentence: Sentence, labels: readonly string[]): Claim {
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

/** Every sentence, and every two neighbours: a statement often rests on both. @param texts the sentences are added to it */
function* windowsOf(text: string, passage: number, texts: string[]): Generator<Window> {
	let previous: Window | undefined;
	for (const { text: own, start, end } of splitSentences(text)) {
		const at = texts.push(own) - 1;
		const windowFrom = (from: number, sentences: readonly number[], parts: readonly Window[]): Window => {
			const part = text.slice(from, end);
			const stems = new Set(readSentence(part).stems);
			return { passage, start: from, end, sentences, parts, stems, facts: factsOf(part) };
		};
		const single = windowFrom(start, [at], []);
		yield single;
		if (previous) yield windowFrom(previous.start, [at - 1, at], [previous, single]);
		previous = single;
	}
}

/**
 * How much a claim and a window mean the same: 0 as sentences about something else, 1 as the same in other words. The vector of two sentences is the mean of
 * theirs, so each is embedded once.
 */
async function similarities(
	claims: readonly Claim[],
	windows: readonly Window[],
	texts: readonly string[],
	{ meaning }: GroundingServices,
	call: CallContext,
): Promise<((claim: number, window: Window) => number) | undefined> {
	if (!meaning) return undefined;
	const chosen = mostShared(claims, windows, texts.length);
	const wanted = [...claims.map(({ bare }) => bare), ...chosen.map((at) => texts[at] ?? '')];
	const vectors = await meaning.embed(wanted, call);
	if (vectors.length !== wanted.length)
		throw new AnsweringError(
			'badAnswer',
			`The embedding gave ${vectors.length} vectors for ${wanted.length} texts.`,
		);
	const own = new Map(chosen.map((sentence, at) => [sentence, vectors[claims.length + at]]));
	const { other, same } = meaning;
	return (claim, { sentences: [first = 0, second] }) => {
		const vector = second === undefined ? own.get(first) : meanOf(own.get(first), own.get(second));
		if (!vector) return 0;
		return Math.min(1, Math.max(0, (cosine(vectors[claim], vector) - other) / (same - other)));
	};
}

/** The sentences that share most words with the answer; all, where they are few. */
function mostShared(claims: readonly Claim[], windows: readonly Window[], count: number): number[] {
	const all = Array.from({ length: count }, (_, at) => at);
	if (count <= MOST_EMBEDDED) return all;
	const wanted = new Set(claims.flatMap(({ parts }) => parts.stems));
	const shared = new Map<number, number>();
	for (const { sentences, stems } of windows) {
		const [only, second] = sentences;
		if (only === undefined || second !== undefined) continue;
		let found = 0;
		for (const stem of stems) if (wanted.has(stem)) found++;
		shared.set(only, found);
	}
	return all.sort((a, b) => (shared.get(b) ?? 0) - (shared.get(a) ?? 0)).slice(0, MOST_EMBEDDED);
}

function meanOf(a: Float32Array | undefined, b: Float32Array | undefined): Float32Array | undefined {
	return a && b ? a.map((value, at) => value + (b[at] ?? 0)) : undefined;
}
