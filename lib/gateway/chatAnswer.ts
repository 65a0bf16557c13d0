import type { ChatEvent, ChatResult, FinishReason, TokenLogprob, Usage } from '../engine';
import type { WireError } from './errors';
import type { ExchangeLog } from './exchange';
import type { StreamWriter } from './protocol';
import type { ChatAnswer } from './types';

/** The answer as a chat completion object of OpenAI's API. */
export function toCompletion(
	result: ChatResult,
	{ id, created }: Pick<ExchangeLog, 'id' | 'created'>,
): object {
	const { text, reasoning, toolCalls, logprobs } = result;
	return {
		id,
		object: 'chat.completion',
		created,
		model: result.model,
		choices: [
			{
				index: 0,
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
				finish_reason: FINISH_REASONS[result.finishReason],
			},
		],
		usage: toUsage(result.usage),
	};
}

/**
 * Turns the events of one answer into lines of a server-sent stream. The part of a chunk that never changes is built once.
 */
export class ChunkWriter implements StreamWriter {
	private head = '';
	private readonly toolsSeen = new Set<number>();

	constructor(
		private readonly id: string,
		private readonly created: number,
		private readonly includeUsage: boolean,
	) {}

	write(event: ChatEvent): string {
		switch (event.type) {
			case 'start':
				this.head =
					`data: {"id":${JSON.stringify(this.id)},"object":"chat.completion.chunk","created":${this.created},` +
					`"model":${JSON.stringify(event.model)},"choices":[`;
				return this.chunk('{"role":"assistant","content":""}');
			case 'text':
				return this.chunk(`{"content":${JSON.stringify(event.text)}}`, event.logprobs);
			case 'reasoning':
				return this.chunk(`{"reasoning_content":${JSON.stringify(event.text)}}`);
			case 'toolCall':
				return this.chunk(JSON.stringify({ tool_calls: [this.toolDelta(event)] }));
			case 'end':
				return (
					`${this.head}{"index":0,"delta":{},"logprobs":null,"finish_reason":"${FINISH_REASONS[event.finishReason]}"}]}\n\n` +
					(this.includeUsage ? `${this.head}],"usage":${JSON.stringify(toUsage(event.usage))}}\n\n` : '') +
					'data: [DONE]\n\n'
				);
		}
	}

	fail({ body }: WireError): string {
		return `data: ${JSON.stringify(body)}\n\n`;
	}

	private chunk(delta: string, logprobs?: readonly TokenLogprob[]): string {
		const probabilities = logprobs
			? JSON.stringify({ content: logprobs.map(toLogprob), refusal: null })
			: 'null';
		return `${this.head}{"index":0,"delta":${delta},"logprobs":${probabilities},"finish_reason":null}]}\n\n`;
	}

	private toolDelta({ index, id, name, argumentsDelta }: ChatEvent & { type: 'toolCall' }): object {
		if (this.toolsSeen.has(index)) return { index, function: { arguments: argumentsDelta } };
		this.toolsSeen.add(index);
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
