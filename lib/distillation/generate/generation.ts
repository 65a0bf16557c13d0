import { messageOf, sha256, type CallContext } from '../../support';
import { DistillationError, throwIfCancelled } from '../errors';
import { promptHash } from '../messages';
import { toRecord } from '../record';
import { schemaProblem } from '../sameAnswer';
import type { Answer } from '../types';
import { sample } from './sample';
import { byConsistency, byJudge } from './selectAnswers';
import type { Generated, GenerateOptions, Prompt } from './types';

/** The state of one run: what it has used and what became of its prompts. */
export class Generation {
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
		const generated = await this.#answer(prompt, position).catch((thrown: unknown): Generated => {
			throwIfCancelled(this.call.signal);
			// What cannot be stored ends the run; what is wrong with one prompt or its answer does not.
			if (thrown instanceof DistillationError && thrown.kind !== 'invalidRecord') throw thrown;
			return { position, outcome: 'failed', reason: messageOf(thrown) };
		});
		this.counts[generated.outcome]++;
		return generated;
	}

	async #answer(prompt: Prompt, position: number): Promise<Generated> {
		const { store } = this.options;
		const id = recordId(prompt, this.options);
		const known = await store?.get(id);
		if (known !== undefined) return { position, outcome: 'known', record: known };
		const sampled = await sample(prompt, this.options, this.#signal);
		this.tokens += sampled.tokens;
		const problems = await Promise.all(sampled.answers.map((answer) => this.#problemOf(answer)));
		const usable = sampled.answers.filter((_, at) => problems[at] === undefined);
		if (usable.length === 0) {
			const reason = `no sample is a finished answer in the wanted form: ${problems[0] ?? 'there is none'}`;
			return { position, outcome: 'rejected', reason };
		}
		const answers = await this.#select(prompt, usable);
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

	/** Why an answer cannot be learned from; undefined when it can. */
	async #problemOf({ finishReason, content, toolCalls }: Answer): Promise<string | undefined> {
		if (finishReason !== 'stop' && finishReason !== 'toolCalls') return `it ended with "${finishReason}"`;
		if (content.trim() === '' && toolCalls === undefined) return 'it is empty';
		const { schema } = this.options;
		return schema === undefined ? undefined : await schemaProblem(schema, content);
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
