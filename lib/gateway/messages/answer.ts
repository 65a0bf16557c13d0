import { isObject, parseJson } from '../../support';
import type { ChatEvent, ChatResult, FinishReason, Usage } from '../../engine';
import type { WireError } from '../errors';
import type { ExchangeLog } from '../exchange';
import { namedEvent, type StreamWriter } from '../protocol';

const STOP_REASONS: { readonly [reason in FinishReason]: string } = {
	stop: 'end_turn',
	length: 'max_tokens',
	toolCalls: 'tool_use',
	filtered: 'refusal',
};

/** The whole answer as a message of Anthropic's API. */
export function toMessage(result: ChatResult, log: ExchangeLog): object {
	const { text, reasoning, toolCalls, model, finishReason, usage } = result;
	return {
		...messageHead(log, model),
		content: [
			...(reasoning === '' ? [] : [{ type: 'thinking', thinking: reasoning, signature: '' }]),
			...(text === '' ? [] : [{ type: 'text', text }]),
			...toolCalls.map(({ id, name, arguments: args }) => ({
				type: 'tool_use',
				id,
				name,
				input: inputOf(args),
			})),
		],
		stop_reason: STOP_REASONS[finishReason],
		usage: toUsage(usage),
	};
}

/** Arguments that the model did not write as an object are handed on as they are, under a name of their own. */
function inputOf(args: string): object {
	const input = parseJson(args === '' ? '{}' : args);
	return isObject(input) ? input : { arguments: args };
}

const messageHead = ({ id }: ExchangeLog, model: string) => ({
	id,
	type: 'message',
	role: 'assistant',
	model,
	content: [],
	stop_reason: null,
	stop_sequence: null,
});

/** Anthropic counts the tokens that came from the cache apart. */
function toUsage({ promptTokens, completionTokens, cachedTokens = 0 }: Usage): object {
	return {
		input_tokens: Math.max(0, promptTokens - cachedTokens),
		output_tokens: completionTokens,
		cache_creation_input_tokens: 0,
		cache_read_input_tokens: cachedTokens,
	};
}

/** Writes an answer as the events of Anthropic's Messages API: blocks one after the other. */
export class MessageWriter implements StreamWriter {
	private blocks = 0;
	private open: string | undefined;

	constructor(private readonly log: ExchangeLog) {}

	write(event: ChatEvent): string {
		switch (event.type) {
			case 'start': {
				const usage = toUsage({ promptTokens: 0, completionTokens: 0 });
				return namedEvent('message_start', { message: { ...messageHead(this.log, event.model), usage } });
			}
			case 'reasoning':
				return (
					this.block('thinking', { type: 'thinking', thinking: '', signature: '' }) +
					this.delta({ type: 'thinking_delta', thinking: event.text })
				);
			case 'text':
				return (
					this.block('text', { type: 'text', text: '' }) +
					this.delta({ type: 'text_delta', text: event.text })
				);
			case 'toolCall': {
				const { index, id, name, argumentsDelta } = event;
				return (
					this.block(`tool ${index}`, { type: 'tool_use', id, name, input: {} }) +
					(argumentsDelta === ''
						? ''
						: this.delta({ type: 'input_json_delta', partial_json: argumentsDelta }))
				);
			}
			case 'end': {
				const delta = { stop_reason: STOP_REASONS[event.finishReason], stop_sequence: null };
				return (
					this.close() +
					namedEvent('message_delta', { delta, usage: toUsage(event.usage) }) +
					namedEvent('message_stop', {})
				);
			}
		}
	}

	fail(error: WireError): string {
		return `event: error\ndata: ${JSON.stringify(messageError(error))}\n\n`;
	}

	/** Goes on with the open block, or ends it and begins this one. */
	private block(kind: string, block: object): string {
		if (this.open === kind) return '';
		const closed = this.close();
		this.open = kind;
		return closed + namedEvent('content_block_start', { index: this.blocks, content_block: block });
	}

	private delta(delta: object): string {
		return namedEvent('content_block_delta', { index: this.blocks, delta });
	}

	private close(): string {
		if (this.open === undefined) return '';
		const signed = this.open === 'thinking' ? this.delta({ type: 'signature_delta', signature: '' }) : '';
		this.open = undefined;
		return signed + namedEvent('content_block_stop', { index: this.blocks++ });
	}
}

const ERROR_TYPES: { readonly [status: number]: string } = {
	400: 'invalid_request_error',
	401: 'authentication_error',
	403: 'permission_error',
	404: 'not_found_error',
	413: 'request_too_large',
	429: 'rate_limit_error',
	503: 'overloaded_error',
	504: 'timeout_error',
};

/** An error in Anthropic's shape. */
export function messageError({ status, body: { error } }: WireError): object {
	return {
		type: 'error',
		error: {
			type: ERROR_TYPES[status] ?? (status < 500 ? 'invalid_request_error' : 'api_error'),
			message: error.message,
		},
	};
}
