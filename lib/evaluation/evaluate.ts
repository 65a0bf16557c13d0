import { bootstrapMean, messageOf, type BootstrapOptions, type CallContext, type Estimate } from '../support';
import { corpusMean } from './corpusMean';
import { pairedDifference } from './pairedDifference';
import { EvaluationError } from './errors';
import { gradeByPassages, precisionOmega, scorePassages } from './passages';
import { annRecallAt, ndcgAt, precisionAt, recallAt, reciprocalRank } from './ranking';
import type { Passage, Question, RetrievedHit } from './types';

/** What a search returned for one question. `exact`: ids of the same search without the approximate index. */
export interface SearchAnswer {
	readonly hits: readonly RetrievedHit[];
	readonly exact?: readonly string[];
}

export interface EvaluateOptions extends BootstrapOptions {
	/** How many hits count; for questions that expect sources, how many different sources. Default 5, as in the chunking study. */
	readonly k?: number;
	/** All chunks of the index. Given, questions with passages also get nDCG over chunks and precision-omega. */
	readonly chunks?: ReadonlyArray<Passage & { readonly id: string }>;
	/** Name of the corpus of a question. Given, each metric is the mean over the questions of a corpus, then over the corpora. */
	readonly corpusOf?: (question: Question) => string;
}

/**
 * The metrics in the order reports show them.
 * `recall`, `precision`, `mrr`, `ndcg`: by source, for questions that expect sources. `passageRecall`, `passagePrecision`,
 * `passageIou`, `passageHit` (whether a part of the answer was found), `passageMrr`, and with `chunks` `passageNdcg`,
 * `precisionOmega`: for questions that expect passages.
 * `annRecall`: what the approximate index kept of the exact answer, whatever its worth.
 */
export const METRIC_NAMES = [
	'recall',
	'precision',
	'mrr',
	'ndcg',
	'passageRecall',
	'passagePrecision',
	'passageIou',
	'passageHit',
	'passageMrr',
	'passageNdcg',
	'precisionOmega',
	'annRecall',
] as const;

export type MetricName = (typeof METRIC_NAMES)[number];

export type Scores = Partial<Record<MetricName, number>>;

export interface EvaluationReport {
	readonly k: number;
	/** Only the metrics that at least one question could be scored by. */
	readonly metrics: Partial<Record<MetricName, Estimate>>;
	readonly questions: ReadonlyArray<{ readonly id: string; readonly scores: Scores }>;
	/** Questions that could not be searched or scored. They are in no mean: read the means together with this list. */
	readonly failed: ReadonlyArray<{ readonly id: string; readonly reason: string }>;
}

/**
 * Runs every question through `search` and scores the answers. One question after another, so that an engine behind the
 * search is not loaded by its own examination.
 *
 * @throws EvaluationError `invalidData` when two questions share an id or no question could be scored
 * @example
 * const report = await evaluateRetrieval(questions, async (q) => ({ hits: await index.search({ text: q.text, mode: 'keyword', limit: 5 }) }));
 * report.metrics.recall; // { mean: 0.82, low: 0.77, high: 0.87, n: 220 }
 */
export async function evaluateRetrieval(
	questions: readonly Question[],
	search: (question: Question) => Promise<SearchAnswer>,
	options: EvaluateOptions = {},
	call: CallContext = {},
): Promise<EvaluationReport> {
	const { k = 5, chunks } = options;
	if (new Set(questions.map(({ id }) => id)).size < questions.length)
		throw new EvaluationError('invalidData', 'Two questions have the same id; give each its own.');
	const scored: Scored[] = [];
	const failed: Array<{ id: string; reason: string }> = [];
	for (const question of questions) {
		call.signal?.throwIfAborted();
		try {
			const scores = scoreQuestion(question, await search(question), k, chunks);
			scored.push({ id: question.id, corpus: options.corpusOf?.(question) ?? '', scores });
		} catch (error) {
			call.signal?.throwIfAborted();
			failed.push({ id: question.id, reason: messageOf(error) });
		}
		call.onProgress?.({ done: scored.length + failed.length, total: questions.length });
	}
	if (scored.length === 0) {
		const why = failed[0] ? ` The first failure: ${failed[0].reason}` : '';
		throw new EvaluationError('invalidData', `None of ${questions.length} questions could be scored.${why}`);
	}
	return {
		k,
		metrics: await summarize(scored, options, call),
		questions: scored.map(({ id, scores }) => ({ id, scores })),
		failed,
	};
}

interface Scored {
	readonly id: string;
	readonly corpus: string;
	readonly scores: Scores;
}

/**
 * Paired differences `b - a` of every metric both reports have, over the questions both scored.
 *
 * @throws EvaluationError `invalidData` when the reports have no question in common
 */
export async function compareReports(
	a: EvaluationReport,
	b: EvaluationReport,
	options: BootstrapOptions = {},
	call: CallContext = {},
): Promise<Partial<Record<MetricName, Estimate>>> {
	const before = new Map(a.questions.map(({ id, scores }) => [id, scores]));
	const pairs = b.questions.flatMap(({ id, scores }) => {
		const old = before.get(id);
		return old ? [{ old, scores }] : [];
	});
	if (pairs.length === 0)
		throw new EvaluationError(
			'invalidData',
			'The two reports have no question in common, so nothing can be compared.',
		);
	const differences: Partial<Record<MetricName, Estimate>> = {};
	for (const metric of METRIC_NAMES) {
		const both = pairs.flatMap(({ old, scores }) => {
			const [from, to] = [old[metric], scores[metric]];
			return from === undefined || to === undefined ? [] : [{ from, to }];
		});
		if (both.length === 0) continue;
		differences[metric] = await pairedDifference(
			both.map(({ from }) => from),
			both.map(({ to }) => to),
			options,
			call,
		);
	}
	return differences;
}

function scoreQuestion(
	question: Question,
	answer: SearchAnswer,
	k: number,
	chunks: EvaluateOptions['chunks'],
): Scores {
	const hits = answer.hits.slice(0, k);
	const scores: Scores = {};
	if (!question.sources && !question.passages)
		throw new EvaluationError(
			'invalidData',
			`Question "${question.id}" expects neither sources nor passages.`,
		);
	// All hits, because several of one source are one place in the ranking.
	if (question.sources) Object.assign(scores, scoreSources(question.sources, answer.hits, k));
	if (question.passages)
		Object.assign(scores, scoreByPassages(question.passages, hits.map(requireOffsets), k, chunks));
	if (answer.exact)
		scores.annRecall = annRecallAt(
			hits.map(({ id }) => id),
			answer.exact,
			k,
		);
	return scores;
}

function scoreSources(
	sources: readonly string[] | ReadonlyMap<string, number>,
	hits: readonly RetrievedHit[],
	k: number,
): Scores {
	const grades: ReadonlyMap<string, number> =
		sources instanceof Map ? sources : new Map([...sources.values()].map((source) => [String(source), 1]));
	const relevant = new Set([...grades].filter(([, grade]) => grade > 0).map(([source]) => source));
	const ranked = hits.map(({ source }) => source);
	return {
		recall: recallAt(ranked, relevant, k),
		precision: precisionAt(ranked, relevant, k),
		mrr: reciprocalRank(ranked, relevant, k),
		ndcg: ndcgAt(ranked, grades, k),
	};
}

function scoreByPassages(
	passages: readonly Passage[],
	hits: ReadonlyArray<Passage & { readonly id: string }>,
	k: number,
	chunks: EvaluateOptions['chunks'],
): Scores {
	const { recall, precision, iou } = scorePassages(hits, passages);
	const ranked = hits.map(({ id }) => id);
	const found = gradeByPassages(hits, passages);
	const scores: Scores = {
		passageRecall: recall,
		passagePrecision: precision,
		passageIou: iou,
		passageHit: Number(recall > 0),
		passageMrr: found.size === 0 ? 0 : reciprocalRank(ranked, new Set(found.keys()), k),
	};
	if (!chunks) return scores;
	const grades = gradeByPassages(chunks, passages);
	return {
		...scores,
		passageNdcg: grades.size === 0 ? 0 : ndcgAt(ranked, grades, k),
		precisionOmega: precisionOmega(chunks, passages),
	};
}

function requireOffsets(hit: RetrievedHit): Passage & { readonly id: string } {
	const { id, source, start, end } = hit;
	if (start === undefined || end === undefined)
		throw new EvaluationError(
			'invalidData',
			`The hit "${id}" of "${source}" has no offsets, so it cannot be compared with passages. Ask for expected sources instead.`,
		);
	return { id, source, start, end };
}

async function summarize(
	scored: readonly Scored[],
	options: EvaluateOptions,
	call: CallContext,
): Promise<Partial<Record<MetricName, Estimate>>> {
	const metrics: Partial<Record<MetricName, Estimate>> = {};
	for (const metric of METRIC_NAMES) {
		const values = new Map<string, number[]>();
		for (const { corpus, scores } of scored) {
			const value = scores[metric];
			if (value === undefined) continue;
			const group = values.get(corpus);
			if (group) group.push(value);
			else values.set(corpus, [value]);
		}
		const groups = [...values.values()];
		if (groups.length === 0) continue;
		metrics[metric] = options.corpusOf
			? await corpusMean(groups, call)
			: await bootstrapMean(groups.flat(), options, call);
	}
	return metrics;
}
