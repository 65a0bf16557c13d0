import { messageOf, parseJson, sha256, type CallContext, type JsonObject } from '../../support';
import { DistillationError, throwIfCancelled } from '../errors';
import { promptHash } from '../messages';
import { toRecord } from '../record';
import type { Answer, ExchangeRecord, Lineage, Message, RecordStore, ToolDefinition } from '../types';
import type { JudgeOptions } from './judge';
import { byConsistency, byJudge } from './selectAnswers';
import { forbids, toAnswer, toRequestMessages, type Complete } from './teacher';

/** What the teacher is asked. */
export interface Prompt {
	readonly messages: readonly Message[];
	readonly tools?: readonly ToolDefinition[];
	/** Records of one source document stay together in a split. */
	readonly source?: string;
	readonly conversation?: string;
	readonly labels?: { readonly [name: string]: string };
	readonly lineage?: Partial<Lineage>;
}

export interface GenerateOptions {
	readonly complete: Complete;
	/** The teacher's model name; part of a record's id, so another teacher gives other records. */
	readonly model?: string;
	/** Licence of the teacher's answers. */
	readonly licence?: string;
	/** The user has read the licence and takes it upon himself. */
	readonly licenceConfirmed?: boolean;
	/** Samples for each prompt, 1–16. Default 1. */
	readonly samples?: number;
	/** Temperature of each sample in turn, repeated as needed. Default 0.7, and 0 for a single sample. */
	readonly temperatures?: readonly number[];
	readonly maxTokens?: number;
	/** Alternatives per token to keep, 1–20, where the engine gives them. */
	readonly logprobs?: number;
	/** The answer has to be JSON of this schema; samples that are not are dropped. */
	readonly schema?: JsonObject;
	/** How the samples are weighed: by a judge, by what most of them say, or not at all (default). */
	readonly select?: 'judge' | 'consistency' | 'none';
	readonly judge?: Omit<JudgeOptions, 'complete'> & { readonly complete?: Complete };
	/** Rejection sampling: a prompt whose best sample is below this is dropped. Default 0.5 with `select`. */
	readonly minScore?: number;
	/** Prompts at once. Default 4. */
	readonly concurrency?: number;
	/** No new prompt is begun once so many tokens (prompts, answers and judging) are used. */
	readonly maxTotalTokens?: number;
	/** No new prompt is begun after so long. */
	readonly maxMs?: number;
	/** Makes a run resumable: prompts whose record is there already are passed over. */
	readonly store?: Pick<RecordStore, 'get' | 'append'>;
}

export interface Generated {
	/** Position of the prompt, from 0. */
	readonly position: number;
	readonly outcome: 'answered' | 'known' | 'rejected' | 'failed';
	readonly record?: ExchangeRecord;
	/** For `rejected` and `failed`. */
	readonly reason?: string;
}

export interface GenerateReport {
	readonly answered: number;
	readonly known: number;
	readonly rejected: number;
	readonly failed: number;
	readonly tokens: number;
	/** Why it ended before the prompts did. */
	readonly stopped?: 'tokens' | 'time';
}

interface Sampled {
	readonly answers: readonly Answer[];
	readonly tokens: number;
	readonly engine: string;
	readonly model: string;
	readonly usage: ExchangeRecord['usage'];
	readonly latencyMs: number;
}

function check(options: GenerateOptions): void {
	const why = options.licence === undefined ? undefined : forbids(options.licence);
	if (why !== undefined && options.licenceConfirmed !== true) {
		throw new DistillationError(
			'licence',
			`The teacher's licence "${options.licence}" does not allow this: ${why}. Use another teacher, or confirm that you have permission.`,
		);
	}
	const { samples = 1, concurrency = 4 } = options;
	if (!Number.isInteger(samples) || samples < 1 || samples > 16) {
		throw new DistillationError(
			'invalidOptions',
			`Samples must be a whole number from 1 to 16, not ${samples}.`,
		);
	}
	if (!Number.isInteger(concurrency) || concurrency < 1 || concurrency > 64) {
		throw new DistillationError(
			'invalidOptions',
			`Prompts at once must be a whole number from 1 to 64, not ${concurrency}.`,
		);
	}
	if (options.select === 'judge' && options.judge === undefined) {
		throw new DistillationError('invalidOptions', 'Selecting by a judge needs a judge with a rubric.');
	}
	if (options.select === 'consistency' && samples < 3) {
		throw new DistillationError(
			'invalidOptions',
			'Self-consistency needs at least 3 samples to have a majority.',
		);
	}
}

/** The record's id says what was asked of whom: asking again finds it. */
function recordId(prompt: Prompt, options: GenerateOptions): string {
	const asked = JSON.stringify([
		options.samples ?? 1,
		options.temperatures ?? null,
		options.schema ?? null,
		prompt.tools ?? null,
		// Answers without alternatives are not what was asked for; at the end, so that older ids stay as they are.
		...(options.logprobs === undefined ? [] : [options.logprobs]),
	]);
	return `gen-${sha256(promptHash(prompt.messages), options.model ?? '', asked).slice(0, 32)}`;
}

async function sample(
	prompt: Prompt,
	options: GenerateOptions,
	signal: AbortSignal | undefined,
): Promise<Sampled> {
	const { samples = 1, complete } = options;
	const temperatures = options.temperatures ?? (samples === 1 ? [0] : [0.7]);
	const started = performance.now();
	const answers: Answer[] = [];
	let promptTokens = 0;
	let completionTokens = 0;
	let engine = '';
	let model = '';
	// One after the other: samples of one prompt share the engine's prefix cache, and other prompts run beside them.
	for (let number = 0; number < samples; number++) {
		const temperature = temperatures[number % temperatures.length];
		const result = await complete(
			{
				messages: toRequestMessages(prompt.messages),
				...(options.model === undefined ? {} : { model: options.model }),
				...(prompt.tools === undefined
					? {}
					: {
							tools: prompt.tools.map((tool) => ({
								...tool,
								parameters: tool.parameters ?? { type: 'object', properties: {} },
							})),
						}),
				...(temperature === undefined ? {} : { temperature }),
				...(options.maxTokens === undefined ? {} : { maxTokens: options.maxTokens }),
				...(options.logprobs === undefined ? {} : { logprobs: options.logprobs }),
				...(options.schema === undefined
					? {}
					: {
							responseFormat: {
								type: 'jsonSchema' as const,
								schema: options.schema,
								fallback: 'prompt' as const,
							},
						}),
				seed: number,
			},
			{ ...(signal === undefined ? {} : { signal }) },
		);
		answers.push(toAnswer(result, temperature));
		promptTokens += result.usage.promptTokens;
		completionTokens += result.usage.completionTokens;
		({ engine, model } = result);
	}
	return {
		answers,
		tokens: promptTokens + completionTokens,
		engine,
		model,
		usage: { promptTokens, completionTokens },
		latencyMs: performance.now() - started,
	};
}

class Generation {
	tokens = 0;
	readonly counts = { answered: 0, known: 0, rejected: 0, failed: 0 };
	stopped: 'tokens' | 'time' | undefined;
	readonly #started = performance.now();
	readonly #controller = new AbortController();
	readonly #signal: AbortSignal;

	constructor(
		private readonly options: GenerateOptions,
		private readonly call: CallContext,
	) {
		const own = this.#controller.signal;
		this.#signal = call.signal === undefined ? own : AbortSignal.any([call.signal, own]);
	}

	/** Ends the requests that still run: nobody waits for them any more. */
	end(): void {
		this.#controller.abort();
	}

	/** May another prompt be begun? */
	mayBegin(): boolean {
		if (this.tokens >= (this.options.maxTotalTokens ?? Infinity)) this.stopped = 'tokens';
		else if (performance.now() - this.#started >= (this.options.maxMs ?? Infinity)) this.stopped = 'time';
		return this.stopped === undefined;
	}

	async answer(prompt: Prompt, position: number): Promise<Generated> {
		const generated = await this.#answer(prompt, position);
		this.counts[generated.outcome]++;
		return generated;
	}

	async #answer(prompt: Prompt, position: number): Promise<Generated> {
		const { store } = this.options;
		const id = recordId(prompt, this.options);
		const known = await store?.get(id);
		if (known !== undefined) return { position, outcome: 'known', record: known };
		let sampled: Sampled;
		let answers: Answer[];
		try {
			sampled = await sample(prompt, this.options, this.#signal);
			this.tokens += sampled.tokens;
			const usable = sampled.answers.filter((answer) => this.#isUsable(answer));
			if (usable.length === 0)
				return { position, outcome: 'rejected', reason: 'no sample is a finished answer in the wanted form' };
			answers = await this.#select(prompt, usable);
		} catch (thrown) {
			throwIfCancelled(this.call.signal);
			return { position, outcome: 'failed', reason: messageOf(thrown) };
		}
		const least = this.options.minScore ?? 0.5;
		const best = answers[0];
		if (best?.score !== undefined && best.score < least) {
			return {
				position,
				outcome: 'rejected',
				reason: `the best sample scores ${best.score.toFixed(2)}, below ${least}`,
			};
		}
		const record = toRecord({
			...prompt,
			id,
			answers,
			engine: sampled.engine,
			model: sampled.model,
			licence: this.options.licence,
			schema: this.options.schema,
			usage: sampled.usage,
			latencyMs: sampled.latencyMs,
		});
		await store?.append([record]);
		return { position, outcome: 'answered', record };
	}

	#isUsable(answer: Answer): boolean {
		if (answer.finishReason !== 'stop' && answer.finishReason !== 'toolCalls') return false;
		if (answer.content.trim() === '' && answer.toolCalls === undefined) return false;
		return this.options.schema === undefined || parseJson(answer.content) !== undefined;
	}

	async #select(prompt: Prompt, answers: readonly Answer[]): Promise<Answer[]> {
		const { select = 'none', judge, complete } = this.options;
		if (select === 'consistency') return byConsistency(answers);
		if (select !== 'judge' || judge === undefined) return [...answers];
		const judged = await byJudge(prompt.messages, answers, { complete, ...judge }, this.#signal);
		this.tokens += judged.tokens;
		return judged.answers;
	}
}

/**
 * A teacher answers prompts. Yields what became of each prompt as it is done (not in order) and returns the totals.
 * Prompts are taken from the source only as they are begun; a failed one is reported and loses nothing else; with a
 * `store` every record is durable before it is yielded, and a run after a kill goes on where it stopped.
 * Errors: `licence`, `invalidOptions`, `cancelled`, `store`.
 */
export async function* generate(
	prompts: AsyncIterable<Prompt> | Iterable<Prompt>,
	options: GenerateOptions,
	call: CallContext = {},
): AsyncGenerator<Generated, GenerateReport> {
	check(options);
	const generation = new Generation(options, call);
	const running = new Map<number, Promise<Generated>>();
	const limit = options.concurrency ?? 4;
	let position = 0;
	const next = async (): Promise<Generated> => {
		const done = await Promise.race(running.values());
		running.delete(done.position);
		call.onProgress?.({
			done: Object.values(generation.counts).reduce((sum, count) => sum + count),
			note: `${generation.tokens} tokens`,
		});
		return done;
	};
	try {
		for await (const prompt of prompts) {
			throwIfCancelled(call.signal);
			while (running.size >= limit) yield await next();
			if (!generation.mayBegin()) break;
			running.set(position, generation.answer(prompt, position));
			position++;
		}
		while (running.size > 0) yield await next();
	} finally {
		generation.end();
		await Promise.allSettled(running.values());
	}
	return {
		...generation.counts,
		tokens: generation.tokens,
		...(generation.stopped === undefined ? {} : { stopped: generation.stopped }),
	};
}
