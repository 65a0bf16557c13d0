import { compact, mapAll, meanOf, quantile } from '../../support';
import { MEASURE_DEFAULTS } from '../defaults';
import type { Counters } from '../dialects/dialect';
import { EngineError } from '../errors';
import type { ChatRequest, ChatResult, Usage } from '../types/chat';
import type { MeasureEvent, MeasureOptions, MeasureReport, MeasureStep } from '../types/measure';
import type { CallOptions } from '../types/pool';
import { sumOfUsage } from '../usage';
import { measurePrompt } from './prompt';

/** Beyond this the sweep is a load test, not a measurement. */
const MOST_IN_FLIGHT = 64;
/** A step that gives less than this much more throughput than the one before has reached the engine's limit. */
const WORTH_MORE = 1.03;

type Complete = (request: ChatRequest, call: CallOptions) => Promise<ChatResult>;

/**
 * A bounded load sweep: for each concurrency N, requests with N always in flight, every prompt with its own beginning so
 * that no prefix cache helps. Ends with what the engine holds: by Little's law N = λ · W, the arrival rate λ at the highest
 * concurrency that kept the target is N divided by the mean time W of a request.
 *
 * @throws EngineError when not even one request succeeds.
 */
export async function* measure(
	complete: Complete,
	engine: string,
	options: MeasureOptions,
	call: CallOptions,
	counters: () => Promise<Counters | undefined> = () => Promise.resolve(undefined),
): AsyncGenerator<MeasureEvent, void> {
	const levels = [...(options.concurrency ?? MEASURE_DEFAULTS.concurrency)].sort((a, b) => a - b);
	if (
		levels.length === 0 ||
		levels.some((level) => !Number.isInteger(level) || level < 1 || level > MOST_IN_FLIGHT)
	) {
		throw new EngineError(
			'invalidRequest',
			`Concurrency is measured in whole numbers from 1 to ${MOST_IN_FLIGHT}.`,
		);
	}
	const budgetMs = options.budgetMs ?? MEASURE_DEFAULTS.budgetMs;
	const endAt = performance.now() + budgetMs;
	const steps: MeasureStep[] = [];
	const usages: Usage[] = [];
	const countedBefore = await counters();
	let prefixCache: MeasureReport['prefixCache'];
	let model = options.model ?? '';
	let stopped: string | undefined;
	// The first request loads the model and compiles kernels: it is not what later ones see.
	const within = Math.min(budgetMs, call.deadlines?.totalMs ?? budgetMs);
	try {
		const first = async (): Promise<ChatResult> =>
			await complete(requestOf(options, -1), {
				...call,
				engines: [engine],
				deadlines: { ...call.deadlines, totalMs: within },
			});
		const warm = await first();
		model = warm.model;
		if (performance.now() < endAt) prefixCache = await askAgain(warm, first, counters);
	} catch (error) {
		if (!(error instanceof EngineError) || error.kind !== 'timeout' || performance.now() < endAt) throw error;
		stopped = `the first request, which loads the model, took the whole budget of ${Math.round(budgetMs / 1000)} s`;
	}

	for (const concurrency of stopped === undefined ? levels : []) {
		const left = endAt - performance.now();
		if (left <= 0) {
			stopped = `the budget of ${Math.round(budgetMs / 1000)} s was used up before ${concurrency} in flight`;
			break;
		}
		const { results, errors, wallMs, cut } = await runStep(
			complete,
			engine,
			options,
			concurrency,
			endAt,
			call,
		);
		if (results.length === 0) {
			if (steps.length === 0 && errors[0] !== undefined) throw errors[0];
			stopped = cut
				? `the budget of ${Math.round(budgetMs / 1000)} s was used up at ${concurrency} in flight`
				: `every request failed at ${concurrency} in flight: ${errors[0]?.message ?? ''}`;
			break;
		}
		usages.push(...results.map(({ usage }) => usage));
		const step = summarise(concurrency, results, errors.length, wallMs, options);
		const before = steps.at(-1);
		steps.push(step);
		yield { type: 'step', step };
		if (cut)
			stopped = `the budget of ${Math.round(budgetMs / 1000)} s was used up at ${concurrency} in flight`;
		else if (options.target !== undefined && !step.meetsTarget)
			stopped = `the target was missed at ${concurrency} in flight`;
		else if (before !== undefined && step.tokensPerSecond < before.tokensPerSecond * WORTH_MORE) {
			stopped = `${concurrency} in flight gave no more tokens per second than ${before.concurrency}`;
		}
		if (stopped !== undefined) break;
	}
	const draftAcceptance = acceptanceOf(sumOfUsage(usages), countedBefore, await counters());
	yield {
		type: 'report',
		report: { ...report(engine, model, steps, stopped), ...compact({ prefixCache, draftAcceptance }) },
	};
}

/** The first request again: what of its prompt the engine still has. */
async function askAgain(
	warm: ChatResult,
	again: () => Promise<ChatResult>,
	counters: () => Promise<Counters | undefined>,
): Promise<MeasureReport['prefixCache']> {
	const before = await counters();
	const { usage, timings } = await again();
	const after = await counters();
	const cached = usage.cachedTokens ?? difference(before?.cachedTokens, after?.cachedTokens);
	const prompt =
		usage.cachedTokens === undefined
			? difference(before?.promptTokens, after?.promptTokens)
			: usage.promptTokens;
	if (cached === undefined || prompt === undefined || prompt === 0) return undefined;
	return {
		hitShare: Math.min(cached / prompt, 1),
		firstTokenMs: timings.firstTokenMs,
		firstTokenMsBefore: warm.timings.firstTokenMs,
	};
}

/** As the answers tell, else as the engine counted meanwhile. */
function acceptanceOf(
	usage: Usage,
	before: Counters | undefined,
	after: Counters | undefined,
): number | undefined {
	const drafted = usage.draftTokens ?? difference(before?.draftTokens, after?.draftTokens);
	const accepted =
		usage.acceptedDraftTokens ?? difference(before?.acceptedDraftTokens, after?.acceptedDraftTokens);
	if (drafted === undefined || accepted === undefined) return after?.draftAcceptance;
	return drafted === 0 ? undefined : accepted / drafted;
}

const difference = (before: number | undefined, after: number | undefined): number | undefined =>
	before === undefined || after === undefined || after < before ? undefined : after - before;

function report(
	engine: string,
	model: string,
	steps: readonly MeasureStep[],
	stopped: string | undefined,
): MeasureReport {
	const best = steps.findLast(({ meetsTarget }) => meetsTarget);
	return {
		engine,
		model,
		steps,
		...(best === undefined
			? {}
			: {
					capacity: {
						concurrency: best.concurrency,
						requestsPerSecond: best.concurrency / (best.requestMs.mean / 1000),
					},
				}),
		...(stopped === undefined ? {} : { stopped }),
	};
}

async function runStep(
	complete: Complete,
	engine: string,
	options: MeasureOptions,
	concurrency: number,
	endAt: number,
	call: CallOptions,
): Promise<{ results: ChatResult[]; errors: EngineError[]; wallMs: number; cut: boolean }> {
	const count = options.requestsPerStep ?? Math.max(4, concurrency * 2);
	const results: ChatResult[] = [];
	const errors: EngineError[] = [];
	let cut = false;
	const started = performance.now();
	await mapAll(Array(count).keys(), concurrency, async (sent) => {
		const left = endAt - performance.now();
		if (left <= 0) {
			cut = true;
			return;
		}
		const request = requestOf(options, concurrency * 10_000 + sent);
		try {
			results.push(
				await complete(request, {
					...call,
					engines: [engine],
					deadlines: { ...call.deadlines, totalMs: Math.min(left, call.deadlines?.totalMs ?? left) },
				}),
			);
		} catch (error) {
			if (!(error instanceof EngineError) || error.kind === 'cancelled') throw error;
			if (error.kind === 'timeout' && performance.now() >= endAt) cut = true;
			else errors.push(error);
		}
	});
	return { results, errors, wallMs: performance.now() - started, cut };
}

function requestOf(options: MeasureOptions, number: number): ChatRequest {
	return {
		...(options.model === undefined ? {} : { model: options.model }),
		messages: [
			{
				role: 'user',
				content: measurePrompt(options.prompt, options.promptTokens ?? MEASURE_DEFAULTS.promptTokens, number),
			},
		],
		maxTokens: options.maxTokens ?? MEASURE_DEFAULTS.maxTokens,
		temperature: 0,
	};
}

function summarise(
	concurrency: number,
	results: readonly ChatResult[],
	failed: number,
	wallMs: number,
	options: MeasureOptions,
): MeasureStep {
	const first = results.map(({ timings }) => timings.firstTokenMs);
	const each = results.flatMap(({ timings }) =>
		timings.perTokenMs === undefined ? [] : [timings.perTokenMs],
	);
	const whole = results.map(({ timings }) => timings.totalMs);
	const tokens = results.reduce((sum, { usage }) => sum + usage.completionTokens, 0);
	const tokensPerSecond = tokens / (wallMs / 1000);
	const firstTokenMs = spreadOf(first);
	const perTokenMs = spreadOf(each);
	const { target } = options;
	return {
		concurrency,
		requests: results.length,
		failed,
		firstTokenMs,
		perTokenMs,
		requestMs: {
			...spreadOf(whole),
			mean: whole.length === 0 ? 0 : meanOf(whole),
		},
		tokensPerSecond,
		requestsPerSecond: results.length / (wallMs / 1000),
		meetsTarget:
			failed === 0 &&
			firstTokenMs.p95 <= (target?.firstTokenMs ?? Number.POSITIVE_INFINITY) &&
			perTokenMs.p95 <= (target?.perTokenMs ?? Number.POSITIVE_INFINITY),
		...(options.pricePerHour === undefined || tokensPerSecond === 0
			? {}
			: { costPerMillionTokens: (options.pricePerHour / (tokensPerSecond * 3_600)) * 1e6 }),
	};
}

/** 0 for no values. */
function spreadOf(values: readonly number[]): { readonly p50: number; readonly p95: number } {
	if (values.length === 0) return { p50: 0, p95: 0 };
	return { p50: quantile(values, 0.5), p95: quantile(values, 0.95) };
}
