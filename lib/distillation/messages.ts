import { createHash } from 'node:crypto';
import { asString, compact, isJsonObject, isObject } from '../support';
import { DistillationError } from './errors';
import type { Answer, FinishReason, Message, ToolCall, ToolDefinition } from './types';

const ROLES: { readonly [name: string]: Message['role'] } = {
	system: 'system',
	developer: 'system',
	user: 'user',
	human: 'user',
	assistant: 'assistant',
	ai: 'assistant',
	gpt: 'assistant',
	model: 'assistant',
	tool: 'tool',
	function: 'tool',
};

const FINISH: { readonly [name: string]: FinishReason } = {
	stop: 'stop',
	end_turn: 'stop',
	eos: 'stop',
	length: 'length',
	max_tokens: 'length',
	tool_calls: 'toolCalls',
	toolCalls: 'toolCalls',
	tool_use: 'toolCalls',
	function_call: 'toolCalls',
	content_filter: 'filtered',
	filtered: 'filtered',
};

function invalid(reason: string): DistillationError {
	return new DistillationError('invalidRecord', reason);
}

/** What an engine or a log calls the end of an answer, in our five words. */
export function readFinishReason(value: unknown): FinishReason {
	return typeof value === 'string' ? (FINISH[value] ?? 'unknown') : 'unknown';
}

/** Text of a message: a string, null, or a list of text parts. Anything else (images, audio) is refused, never dropped. */
export function readContent(value: unknown): string {
	if (typeof value === 'string') return value;
	if (value === null || value === undefined) return '';
	if (!Array.isArray(value)) throw invalid('a message content is neither text nor a list of text parts');
	return value
		.map((part: unknown) => {
			if (typeof part === 'string') return part;
			if (isObject(part) && typeof part.text === 'string' && (part.type ?? 'text') === 'text')
				return part.text;
			const type = isObject(part) ? String(part.type) : typeof part;
			throw invalid(`a content part of type "${type}" cannot be kept: only text can`);
		})
		.join('');
}

function readToolCall(value: unknown, position: number): ToolCall {
	if (!isObject(value)) throw invalid('a tool call is not an object');
	const inner = isObject(value.function) ? value.function : value;
	const name = asString(inner.name);
	if (name === undefined || name === '') throw invalid('a tool call has no name');
	const given = inner.arguments ?? inner.args ?? inner.input;
	return {
		id: asString(value.id) ?? `call_${position}`,
		name,
		arguments: typeof given === 'string' ? given : JSON.stringify(given ?? {}),
	};
}

export function readToolCalls(value: unknown): readonly ToolCall[] | undefined {
	if (value === undefined || value === null) return undefined;
	if (!Array.isArray(value)) throw invalid('tool calls are not a list');
	return value.length === 0 ? undefined : value.map(readToolCall);
}

/** A message in our shape or in OpenAI's (`tool_calls`, `tool_call_id`, `reasoning_content`, roles of other dialects). */
export function readMessage(value: unknown): Message {
	if (!isObject(value)) throw invalid('a message is not an object');
	const role = typeof value.role === 'string' ? ROLES[value.role] : undefined;
	if (role === undefined)
		throw invalid(`a message has the role "${String(value.role)}", which is none of ours`);
	return compact({
		role,
		content: readContent(value.content),
		name: asString(value.name),
		reasoning: asString(value.reasoning) ?? asString(value.reasoning_content),
		toolCalls: readToolCalls(value.toolCalls ?? value.tool_calls),
		toolCallId: asString(value.toolCallId) ?? asString(value.tool_call_id),
	});
}

export function readMessages(value: unknown): readonly Message[] {
	if (typeof value === 'string') return [{ role: 'user', content: value }];
	if (!Array.isArray(value) || value.length === 0) throw invalid('there are no messages');
	return value.map(readMessage);
}

export function readTools(value: unknown): readonly ToolDefinition[] | undefined {
	if (value === undefined || value === null) return undefined;
	// `datasets` before 4.7 keeps tools as a JSON string.
	const list: unknown = typeof value === 'string' ? JSON.parse(value) : value;
	if (!Array.isArray(list)) throw invalid('tools are not a list');
	if (list.length === 0) return undefined;
	return list.map((entry: unknown) => {
		const tool = isObject(entry) && isObject(entry.function) ? entry.function : entry;
		if (!isObject(tool) || typeof tool.name !== 'string') throw invalid('a tool has no name');
		const parameters = tool.parameters;
		if (parameters !== undefined && !isJsonObject(parameters)) {
			throw invalid(`the parameters of tool "${tool.name}" are not an object`);
		}
		return compact({ name: tool.name, description: asString(tool.description), parameters });
	});
}

/** The assistant's turn as an answer. */
export function answerOf(message: Message, finishReason?: FinishReason): Answer {
	return compact({
		content: message.content,
		reasoning: message.reasoning,
		toolCalls: message.toolCalls,
		finishReason: finishReason ?? (message.toolCalls === undefined ? 'stop' : 'toolCalls'),
	});
}

/** The answer as the assistant's turn. */
export function messageOfAnswer(answer: Answer): Message {
	const { content, reasoning, toolCalls } = answer;
	// Most answers are text alone; this runs for every row of an export.
	if (reasoning === undefined && toolCalls === undefined) return { role: 'assistant', content };
	return compact({ role: 'assistant' as const, content, reasoning, toolCalls });
}

/** A conversation that ends with the assistant, cut into prompt and answer; one that does not has no answer. */
export function splitConversation(messages: readonly Message[]): {
	readonly prompt: readonly Message[];
	readonly answer?: Message;
} {
	const last = messages.at(-1);
	return last?.role === 'assistant' && messages.length > 1
		? { prompt: messages.slice(0, -1), answer: last }
		: { prompt: messages };
}

/** SHA-256 of the prompt: the same question has the same hash whoever asked it. */
export function promptHash(messages: readonly Message[]): string {
	const hash = createHash('sha256');
	for (const message of messages) {
		hash.update(`${message.role}\u0000${message.content}\u0000`);
		for (const call of message.toolCalls ?? []) hash.update(`${call.name}\u0000${call.arguments}\u0000`);
	}
	return hash.digest('hex');
}

/** All words of a message that a model reads or writes. */
export function textOf(message: Message): string {
	const calls = message.toolCalls ?? [];
	return calls.length === 0
		? message.content
		: [message.content, ...calls.map((call) => `${call.name} ${call.arguments}`)].join('\n');
}

/** The exchange as one text without the system prompt, which all records of a flow share and which would make them look alike. */
export function exchangeText(messages: readonly Message[], answer: Answer | undefined): string {
	let text = '';
	for (const message of messages) {
		if (message.role !== 'system') text += `${textOf(message)}\n`;
	}
	return answer === undefined ? text : text + textOf(messageOfAnswer(answer));
}
