import type { ChatRequest, ChatResult } from '../../../lib/engine';
import type { Complete } from '../../../lib/distillation';

/** A `complete` that answers by a function, as an engine's pool would: 10 prompt and 5 completion tokens each. */
export function teacher(answer: (request: ChatRequest) => Partial<ChatResult>): Complete {
	return async (request) => ({
		text: '',
		reasoning: '',
		toolCalls: [],
		engine: 'test',
		model: request.model ?? 'model',
		dialect: 'openai',
		finishReason: 'stop',
		usage: { promptTokens: 10, completionTokens: 5 },
		timings: { queueMs: 0, firstTokenMs: 1, totalMs: 2 },
		attempts: [],
		...answer(request),
	});
}

/** Text of the last message of a request. */
export function asked(request: ChatRequest): string {
	const content = request.messages.at(-1)?.content;
	return typeof content === 'string' ? content : '';
}
