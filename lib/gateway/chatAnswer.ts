import {
	sumOfUsage,
	type ChatEvent,
	type ChatResult,
	type FinishReason,
	type TokenLogprob,
	type Usage,
} from '../engine';
import type { WireError } from './errors';
import type { ExchangeLog } from './exchange';
import type { StreamWriter } from './protocol';
import type { ChatAnswer } from './types';

/** The answers to one request as a chat completion object of OpenAI's API. */
export function toCompletion(
	result: ChatResult,
	{ id, created }: Pick<ExchangeLog, 'id' | 'created'>,
	_body: object,
	further: readonly ChatResult[],
): object {
	const all = [result, ...further];
	return {
		id,
		object: 'chat.completion',
		created,
		model: result.model,
		choices: all.map(toChoice),
		usage: toUsage(sumOfUsage(all.map(({ usage }) => usage))),
	};
}

function toChoice({ text, reasoning, toolCalls, logprobs, finishReason }: ChatResult, index: number): object {
	return {
		index,
		message: {
			role: 'assistant',
			content: text === '' && toolCalls.length > 0 ? null : text,
			refusal: null,
			...(reasoning === '' ? {} : { reasoning_content: reasoning }),
			...(toolCalls.length === 0
				? {}
				: {
						tool_calls: toolCalls.map((call) => ({
							id: call.id,
							type: 'function',
							function: { name: call.name, arguments: call.arguments },
						})),
					}),
		},
		logprobs: logprobs ? { content: logprobs.map(toLogprob), refusal: null } : null,
		finish_reason: FINISH_REASONS[finishReason],
	};
}

/** What ends a stream of several answers: the usage of all of them, after the last. */
export class StreamEnd {
	private readonly usages: Usage[] = [];

	constructor(private readonly choices: number) {}

	/** The usage of all answers when this was the last one to end. */
	ended(usage: Usage): Usage | undefined {
		this.usages.push(usage);
		return this.usages.length === this.choices ? sumOfUsage(this.usages) : undefined;
	}
}

/**
 * Turns the events of the answers into lines of a server-sent stream. The part of a chunk that never changes is built once.
 */
export class ChunkWriter implements StreamWriter {
	private head = '';
	private readonly toolsSeen = new Set<string>();
	private readonly end: StreamEnd;

	constructor(
		private readonly id: string,
		private readonly created: number,
		private readonly includeUsage: boolean,
		choices: number,
	) {
		this.end = new StreamEnd(choices);
	}

	write(event: ChatEvent, choice: number): string {
		switch (event.type) {
			case 'start':
				this.head =
					`data: {"id":${JSON.stringify(this.id)},"object":"chat.completion.chunk","created":${this.created},` +
					`"model":${JSON.stringify(event.model)},"choices":[`;
				return this.chunk(choice, '{"role":"assistant","content":""}');
			case 'text':
				return this.chunk(choice, `{"content":${JSON.stringify(event.text)}}`, event.logprobs);
			case 'reasoning':
				return this.chunk(choice, `{"reasoning_content":${JSON.stringify(event.text)}}`);
			case 'toolCall':
				return this.chunk(choice, JSON.stringify({ tool_calls: [this.toolDelta(event, choice)] }));
			case 'end': {
				const usage = this.end.ended(event.usage);
				return (
					`${this.head}{"index":${choice},"delta":{},"logprobs":null,"finish_reason":"${FINISH_REASONS[event.finishReason]}"}]}\n\n` +
					(usage && this.includeUsage ? `${this.head}],"usage":${JSON.stringify(toUsage(usage))}}\n\n` : '') +
					(usage ? 'data: [DONE]\n\n' : '')
				);
			}
		}
	}

	fail({ body }: WireError): string {
		return `data: ${JSON.stringify(body)}\n\n`;
	}

	private chunk(choice: number, delta: string, logprobs?: readonly TokenLogprob[]): string {
		const probabilities = logprobs
			? JSON.stringify({ content: logprobs.map(toLogprob), refusal: null })
			: 'null';
		return `${this.head}{"index":${choice},"delta":${delta},"logprobs":${probabilities},"finish_reason":null}]}\n\n`;
	}

	private toolDelta(
		{ index, id, name, argumentsDelta }: ChatEvent & { type: 'toolCall' },
		choice: number,
	): object {
		const call = `${choice} ${index}`;
		if (this.toolsSeen.has(call)) return { index, function: { arguments: argumentsDelta } };
		this.toolsSeen.add(call);
		return { index, id, type: 'function', function: { name, arguments: argumentsDelta } };
	}
}

/** Puts the events of a stream together again, for the record of the exchange. */
export class AnswerCollector {
	private text = '';
	private reasoning = '';
	private finishReason?: FinishReason;
	private readonly logprobs: TokenLogprob[] = [];
	private readonly toolCalls: Array<{ id: string; name: string; arguments: string }> = [];

	add(event: ChatEvent): void {
		switch (event.type) {
			case 'start':
				break;
			case 'text':
				this.text += event.text;
				if (event.logprobs) this.logprobs.push(...event.logprobs);
				break;
			case 'reasoning':
				this.reasoning += event.text;
				break;
			case 'toolCall': {
				const { index, id, name, argumentsDelta } = event;
				const call = (this.toolCalls[index] ??= { id, name, arguments: '' });
				call.arguments += argumentsDelta;
				break;
			}
			case 'end':
				this.finishReason = event.finishReason;
		}
	}

	answer(): ChatAnswer {
		return {
			text: this.text,
			reasoning: this.reasoning,
			toolCalls: this.toolCalls.filter((call) => call !== undefined),
			...(this.finishReason ? { finishReason: this.finishReason } : {}),
			...(this.logprobs.length > 0 ? { logprobs: this.logprobs } : {}),
		};
	}
}

export const FINISH_REASONS: { readonly [reason in FinishReason]: string } = {
	stop: 'stop',
	length: 'length',
	toolCalls: 'tool_calls',
	filtered: 'content_filter',
};

export function toUsage(usage: Usage): object {
	const { promptTokens, completionTokens, cachedTokens, reasoningTokens } = usage;
	return {
		prompt_tokens: promptTokens,
		completion_tokens: completionTokens,
		total_tokens: promptTokens + completionTokens,
		...(cachedTokens === undefined ? {} : { prompt_tokens_details: { cached_tokens: cachedTokens } }),
		...(reasoningTokens === undefined
			? {}
			: { completion_tokens_details: { reasoning_tokens: reasoningTokens } }),
	};
}

export function toLogprob({ token, logprob, top = [] }: TokenLogprob): object {
	const bytes = [...Buffer.from(token)];
	return {
		token,
		logprob,
		bytes,
		top_logprobs: top.map((other) => ({ ...other, bytes: [...Buffer.from(other.token)] })),
	};
}
