import type { Answer, ExchangeRecord } from '../types';
import { toAnswer, toRequestMessages } from './teacher';
import type { GenerateOptions, Prompt } from './types';

/** All samples of one prompt. */
export interface Sampled {
	readonly answers: readonly Answer[];
	readonly tokens: number;
	readonly engine: string;
	readonly model: string;
	readonly usage: ExchangeRecord['usage'];
	readonly latencyMs: number;
}

/** Asks the teacher as often as the options say. */
export async function sample(
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
