import { bootstrapMean, formatPercent, mapAll, wilson, type CallContext, type Estimate } from '../support';
import { MIN_QUESTIONS } from '../experiment';
import { DistillationError, throwIfCancelled } from './errors';
import { compareAnswers, scoreAnswer, type Comparison, type JudgeOptions } from './generate/judge';
import { messageOfAnswer, textOf } from './messages';
import { toAnswer, toRequestMessages, type Complete } from './generate/teacher';
import { isSame, schemaProblem } from './sameAnswer';
import type { Answer, ExchangeRecord } from './types';

/** Prices in any currency per million tokens; a machine of your own costs what its hours cost. */
export interface Price {
	readonly prompt: number;
	readonly completion: number;
}

export interface CompareOptions {
	/** The student's `complete`; its answers are made now. */
	readonly student: { readonly complete: Complete; readonly model?: string; readonly price?: Price };
	/** The teacher's `complete`; absent: the recorded first answers stand for it. */
	readonly teacher?: { readonly complete: Complete; readonly model?: string };
	readonly teacherPrice?: Price;
	readonly judge?: JudgeOptions;
	readonly maxTokens?: number;
	/** Records at once. Default 4. */
	readonly concurrency?: number;
	/** Good enough: the student may lose at most so much of the judge's preference (0–1 below an even split). Default 0.05. */
	readonly margin?: number;
	readonly seed?: number;
}

export interface SideReport {
	/** Share of answers that equal the reference (the recorded answer), whitespace and JSON spelling aside. */
	readonly exact: Estimate;
	/** Of records with a schema: share of answers that keep it. */
	readonly schema?: Estimate;
	/** Mean judge score, 0–1. */
	readonly judge?: Estimate;
	/** Of the answers that say how long they took. */
	readonly latencyMs?: Estimate;
	readonly tokens: number;
	readonly cost?: number;
	readonly failed: number;
}

export interface CompareReport {
	readonly records: number;
	readonly teacher: SideReport;
	readonly student: SideReport;
	/** Judged side by side, in both orders; ties count half. 0.5 is an even match. */
	readonly studentPreferred?: Estimate;
	/** Share of pairs where the judge kept its verdict when the places were swapped. */
	readonly consistent?: Estimate;
	/** Records that the judge gave no readable verdict on, or that neither side answered. They decide nothing. */
	readonly unjudged: number;
	readonly verdict: 'good enough' | 'not good enough' | 'undecided' | 'too few to say';
	/** The verdict in words. */
	readonly explanation: string;
}

interface SideResult {
	readonly answer?: Answer;
	readonly latencyMs?: number;
	readonly promptTokens: number;
	readonly completionTokens: number;
	readonly score?: number;
}

interface Pair {
	readonly record: ExchangeRecord;
	readonly teacher: SideResult;
	readonly student: SideResult;
	readonly preference?: Comparison;
}

async function answer(
	record: ExchangeRecord,
	complete: Complete,
	model: string | undefined,
	options: CompareOptions,
	signal: AbortSignal | undefined,
): Promise<SideResult> {
	try {
		const result = await complete(
			{
				messages: toRequestMessages(record.messages),
				...(model === undefined ? {} : { model }),
				...(record.tools === undefined
					? {}
					: {
							tools: record.tools.map((tool) => ({
								...tool,
								parameters: tool.parameters ?? { type: 'object', properties: {} },
							})),
						}),
				...(record.schema === undefined
					? {}
					: {
							responseFormat: {
								type: 'jsonSchema' as const,
								schema: record.schema,
								fallback: 'prompt' as const,
							},
						}),
				...(options.maxTokens === undefined ? {} : { maxTokens: options.maxTokens }),
				temperature: 0,
			},
			signal === undefined ? {} : { signal },
		);
		return {
			answer: toAnswer(result, 0),
			latencyMs: result.timings.totalMs,
			promptTokens: result.usage.promptTokens,
			completionTokens: result.usage.completionTokens,
		};
	} catch {
		throwIfCancelled(signal);
		// A failed answer counts against the side that failed; the comparison goes on.
		return { promptTokens: 0, completionTokens: 0 };
	}
}

function recorded(record: ExchangeRecord): SideResult {
	const [first] = record.answers;
	return {
		...(first === undefined ? {} : { answer: first }),
		...(record.latencyMs === undefined ? {} : { latencyMs: record.latencyMs }),
		promptTokens: record.usage?.promptTokens ?? 0,
		completionTokens: record.usage?.completionTokens ?? 0,
	};
}

async function comparePair(
	record: ExchangeRecord,
	options: CompareOptions,
	signal: AbortSignal | undefined,
): Promise<Pair> {
	const call = signal === undefined ? {} : { signal };
	const student = await answer(record, options.student.complete, options.student.model, options, signal);
	const teacher =
		options.teacher === undefined
			? recorded(record)
			: await answer(record, options.teacher.complete, options.teacher.model, options, signal);
	const { judge } = options;
	if (judge === undefined) return { record, teacher, student };
	const [first, second] = [teacher.answer, student.answer];
	const decided = { consistent: true, judged: true, tokens: 0 } as const;
	if (!given(first)) return { record, teacher, student };
	// No answer is worse than any.
	if (!given(second)) return { record, teacher, student, preference: { better: 'first', ...decided } };
	const [a, b] = [shown(first), shown(second)];
	const teacherScore = await scoreAnswer(record.messages, a, judge, call);
	const studentScore = await scoreAnswer(record.messages, b, judge, call);
	const preference: Comparison = isSame(first, second)
		? { better: 'tie', ...decided }
		: await compareAnswers(record.messages, a, b, judge, call);
	return {
		record,
		teacher: { ...teacher, ...(teacherScore.judged && { score: teacherScore.score }) },
		student: { ...student, ...(studentScore.judged && { score: studentScore.score }) },
		...(preference.judged && { preference }),
	};
}

/** Whether there is an answer: a text, or calls of tools. */
function given(answer: Answer | undefined): answer is Answer {
	return answer !== undefined && (answer.content.trim() !== '' || (answer.toolCalls?.length ?? 0) > 0);
}

/** The answer as a judge reads it, with its calls of tools. */
function shown(answer: Answer): string {
	return textOf(messageOfAnswer(answer));
}

async function sideReport(
	pairs: readonly Pair[],
	side: 'teacher' | 'student',
	price: Price | undefined,
	options: CompareOptions,
	call: CallContext,
): Promise<SideReport> {
	const results = pairs.map((pair) => ({ record: pair.record, ...pair[side] }));
	const withReference = results.filter(({ record }) => record.answers[0] !== undefined);
	const exact = withReference.filter(
		({ record, answer }) =>
			given(answer) && record.answers[0] !== undefined && isSame(answer, record.answers[0]),
	);
	const withSchema = results.filter(({ record }) => record.schema !== undefined);
	let keepSchema = 0;
	for (const { record, answer } of withSchema) {
		throwIfCancelled(call.signal);
		const problem = await schemaProblem(record.schema ?? {}, answer?.content ?? '');
		if (problem === undefined) keepSchema++;
	}
	const scores = results.flatMap(({ score }) => (score === undefined ? [] : [score]));
	const latencies = results.flatMap(({ latencyMs }) => (latencyMs === undefined ? [] : [latencyMs]));
	const meanFrom = async (values: readonly number[]) =>
		values.length === 0 ? undefined : await bootstrapMean(values, { seed: options.seed }, call);
	const [judge, latencyMs] = [await meanFrom(scores), await meanFrom(latencies)];
	const promptTokens = results.reduce((sum, result) => sum + result.promptTokens, 0);
	const completionTokens = results.reduce((sum, result) => sum + result.completionTokens, 0);
	return {
		exact: wilson(exact.length, withReference.length),
		...(withSchema.length === 0 ? {} : { schema: wilson(keepSchema, withSchema.length) }),
		...(judge && { judge }),
		...(latencyMs && { latencyMs }),
		tokens: promptTokens + completionTokens,
		...(price === undefined
			? {}
			: { cost: (promptTokens * price.prompt + completionTokens * price.completion) / 1e6 }),
		failed: results.filter(({ answer }) => !given(answer)).length,
	};
}

/** Decided by the interval, not by the mean: an interval on both sides of the line decides nothing. */
function decide(
	measure: Estimate,
	line: number,
	what: string,
): Pick<CompareReport, 'verdict' | 'explanation'> {
	if (measure.n < MIN_QUESTIONS) {
		return {
			verdict: 'too few to say',
			explanation: `${measure.n} records are too few to say anything. Compare over at least ${MIN_QUESTIONS}; a small difference needs a hundred or more.`,
		};
	}
	const found = `${what} is ${formatPercent(measure.mean)} (95 % interval ${formatPercent(measure.low)}–${formatPercent(measure.high)}, n = ${measure.n}); the line is ${formatPercent(line)}.`;
	if (measure.low >= line)
		return { verdict: 'good enough', explanation: `${found} Even the lower end is above it.` };
	if (measure.high < line)
		return { verdict: 'not good enough', explanation: `${found} Even the upper end is below it.` };
	return {
		verdict: 'undecided',
		explanation: `${found} The interval holds the line: compare over more records.`,
	};
}

/** Says of how many records nothing is known, and why that may be. */
function withUnjudged<T extends { readonly explanation: string }>(decision: T, unjudged: number): T {
	if (unjudged === 0) return decision;
	const words = `${unjudged} more records are not counted: the judge gave no verdict that can be read, or there is no teacher’s answer. Use a judge that can answer in JSON.`;
	return { ...decision, explanation: `${decision.explanation} ${words}` };
}

/**
 * Is the student good enough? Both answer the same held-out records; exact match, schema, judge (scores, and side by side
 * in both orders), latency and cost are reported with 95 % intervals (Wilson's for shares and preferences, bootstrap for means).
 * The verdict rests on the judge's preference, without a judge on the exact matches against the teacher. A student that gives no
 * answer loses; what the judge gave no verdict on counts for nobody.
 * Errors: `invalidOptions` (no records), `cancelled`; engines' errors count as failed answers.
 */
export async function compare(
	records: readonly ExchangeRecord[],
	options: CompareOptions,
	call: CallContext = {},
): Promise<CompareReport> {
	if (records.length === 0)
		throw new DistillationError('invalidOptions', 'There are no records to compare over.');
	let done = 0;
	const pairs = await mapAll(records, Math.max(1, options.concurrency ?? 4), async (record) => {
		throwIfCancelled(call.signal);
		const pair = await comparePair(record, options, call.signal);
		call.onProgress?.({ done: ++done, total: records.length });
		return pair;
	});
	const teacher = await sideReport(pairs, 'teacher', options.teacherPrice, options, call);
	const student = await sideReport(pairs, 'student', options.student.price, options, call);
	const margin = options.margin ?? 0.05;
	const preferences = pairs.flatMap(({ preference }) => (preference === undefined ? [] : [preference]));
	const unjudged = options.judge === undefined ? 0 : pairs.length - preferences.length;
	const base = { records: records.length, teacher, student, unjudged };
	if (options.judge === undefined) {
		return {
			...base,
			...decide(student.exact, teacher.exact.mean - margin, 'The student’s share of exact answers'),
		};
	}
	const worth = { first: 0, tie: 0.5, second: 1 };
	// Wilson's interval, with a tie as half a success: few judgements that all agree leave a bootstrap no width at all.
	const studentPreferred = wilson(
		preferences.reduce((sum, { better }) => sum + worth[better], 0),
		preferences.length,
	);
	const consistent = wilson(
		preferences.filter((preference) => preference.consistent).length,
		preferences.length,
	);
	return {
		...base,
		studentPreferred,
		consistent,
		...withUnjudged(
			decide(studentPreferred, 0.5 - margin, 'The judge’s preference for the student'),
			unjudged,
		),
	};
}
