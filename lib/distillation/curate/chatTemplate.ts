import { estimateTokens, tokensOfBytes } from '../../support';
import { messageOfAnswer, textOf } from '../messages';
import type { Answer, CountTokens, ExchangeRecord, Message } from '../types';

/**
 * What the student's tokenizer will see: turns between the markers of ChatML (Qwen, and close in length to Llama 3's and
 * Mistral's), tools as JSON before them. For another template hand in `render`.
 */
export function renderChatMl(messages: readonly Message[], tools: ExchangeRecord['tools']): string {
	let text = tools === undefined ? '' : `<|im_start|>system\n${JSON.stringify(tools)}<|im_end|>\n`;
	for (const message of messages) {
		text += `<|im_start|>${message.role}\n`;
		if (message.reasoning !== undefined) text += `<think>\n${message.reasoning}\n</think>\n`;
		text += message.content;
		for (const call of message.toolCalls ?? []) {
			text += `\n<tool_call>\n{"name": "${call.name}", "arguments": ${call.arguments}}\n</tool_call>`;
		}
		text += '<|im_end|>\n';
	}
	return text;
}

export type RenderChat = (messages: readonly Message[], tools: ExchangeRecord['tools']) => string;

/** A template that sets each turn between two markers, tools as JSON in a system turn before them. */
function framed(start: (role: Message['role']) => string, end: string, begin = ''): RenderChat {
	return (messages, tools) => {
		const turns = tools === undefined ? [] : [start('system') + JSON.stringify(tools) + end];
		for (const message of messages) {
			const thought = message.reasoning === undefined ? '' : `${message.reasoning}\n`;
			turns.push(start(message.role) + thought + textOf(message) + end);
		}
		return begin + turns.join('');
	};
}

/** Templates of the model families that are mostly trained, by name; the lengths are what counts here, not every blank. */
export const CHAT_TEMPLATES = {
	chatml: renderChatMl,
	llama3: framed(
		(role) => `<|start_header_id|>${role}<|end_header_id|>\n\n`,
		'<|eot_id|>',
		'<|begin_of_text|>',
	),
	mistral: framed((role) => (role === 'assistant' ? ' ' : '[INST] '), '</s>', '<s>'),
	gemma: framed(
		(role) => `<start_of_turn>${role === 'assistant' ? 'model' : 'user'}\n`,
		'<end_of_turn>\n',
		'<bos>',
	),
} as const satisfies { readonly [name: string]: RenderChat };
export type ChatTemplate = keyof typeof CHAT_TEMPLATES;

const byteLength = (text: string): number => Buffer.byteLength(text);

/** Bytes of one turn's markers beside its role, and the frames of reasoning and tool calls. */
const TURN = byteLength(renderChatMl([{ role: 'user', content: '' }], undefined)) - 'user'.length;
const THINK = '<think>\n\n</think>\n'.length;
const CALL = '\n<tool_call>\n{"name": "", "arguments": }\n</tool_call>'.length;

function turnBytes(role: string, { content, reasoning, toolCalls }: Message | Answer): number {
	let bytes = TURN + role.length + byteLength(content);
	if (reasoning !== undefined) bytes += THINK + byteLength(reasoning);
	if (toolCalls !== undefined) {
		for (const call of toolCalls) bytes += CALL + byteLength(call.name) + byteLength(call.arguments);
	}
	return bytes;
}

/** Bytes of the exchange in ChatML without writing it out: they are asked for at every gate, figure and exported row. */
function chatMlBytes({ messages, tools }: ExchangeRecord, answer: Answer | undefined): number {
	let bytes = tools === undefined ? 0 : byteLength(renderChatMl([], tools));
	for (const message of messages) bytes += turnBytes(message.role, message);
	return answer === undefined ? bytes : bytes + turnBytes('assistant', answer);
}

/** Tokens of prompt and answer after the chat template; estimated where neither tokenizer nor template is given. */
export function countExchange(
	record: ExchangeRecord,
	answer: Answer | undefined,
	countTokens?: CountTokens,
	render?: RenderChat,
): number {
	if (countTokens === undefined && render === undefined) return tokensOfBytes(chatMlBytes(record, answer));
	const turns = answer === undefined ? record.messages : [...record.messages, messageOfAnswer(answer)];
	return (countTokens ?? estimateTokens)((render ?? renderChatMl)(turns, record.tools));
}
