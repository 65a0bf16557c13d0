import { messageOfAnswer } from '../messages';
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

export type RenderChat = typeof renderChatMl;

/** A token is about four bytes of English; used, and said so, where no tokenizer is handed in. */
export const estimateTokens: CountTokens = (text) => Math.ceil(text.length / 4);

/** Tokens of prompt and answer after the chat template. */
export function countExchange(
	record: ExchangeRecord,
	answer: Answer | undefined,
	countTokens: CountTokens = estimateTokens,
	render: RenderChat = renderChatMl,
): number {
	const turns = answer === undefined ? record.messages : [...record.messages, messageOfAnswer(answer)];
	return countTokens(render(turns, record.tools));
}
