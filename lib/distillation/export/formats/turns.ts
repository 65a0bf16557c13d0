import { isJsonObject, parseJson, type JsonObject, type JsonValue } from '../../../support';
import { messageOfAnswer } from '../../messages';
import type { Answer, ExchangeRecord, Message, ToolCall, ToolDefinition } from '../../types';
import type { Columns } from '../types';

// Turns as OpenAI writes them; TRL, OpenAI and Axolotl share the shape.

/** How a tool call carries its arguments: as text (OpenAI) or as an object (chat templates of Hugging Face). */
export type Arguments = 'text' | 'object';

function toolCall(call: ToolCall, how: Arguments): JsonObject {
	const parsed: unknown = how === 'object' ? parseJson(call.arguments) : undefined;
	const value: JsonValue = isJsonObject(parsed) ? parsed : call.arguments;
	return { id: call.id, type: 'function', function: { name: call.name, arguments: value } };
}

function isTextAlone(message: Message): boolean {
	return (
		message.toolCalls === undefined &&
		message.name === undefined &&
		message.reasoning === undefined &&
		message.toolCallId === undefined
	);
}

export function turn(message: Message, how: Arguments = 'text'): JsonObject {
	// Absent properties are left out, not set to undefined: rows are written and compared as JSON. Most turns are text.
	if (isTextAlone(message)) return { role: message.role, content: message.content };
	const row: { [name: string]: JsonValue } = { role: message.role, content: message.content };
	if (message.name !== undefined) row.name = message.name;
	if (message.reasoning !== undefined) row.reasoning_content = message.reasoning;
	if (message.toolCalls !== undefined) row.tool_calls = message.toolCalls.map((call) => toolCall(call, how));
	if (message.toolCallId !== undefined) row.tool_call_id = message.toolCallId;
	return row;
}

export function turns(messages: readonly Message[], how: Arguments = 'text'): JsonObject[] {
	// Loops, not `map`: this runs for every row of an export, and a function for each row is most of what it would cost.
	const rows: JsonObject[] = [];
	for (const message of messages) rows.push(turn(message, how));
	return rows;
}

export function answerTurn(answer: Answer, how: Arguments = 'text'): JsonObject {
	const { content, reasoning, toolCalls } = answer;
	return reasoning === undefined && toolCalls === undefined
		? { role: 'assistant', content }
		: turn(messageOfAnswer(answer), how);
}

/** Prompt and first answer as one conversation. */
export function conversation(record: ExchangeRecord, answer: Answer, how: Arguments = 'text'): JsonObject[] {
	const rows = turns(record.messages, how);
	rows.push(answerTurn(answer, how));
	return rows;
}

/**
 * `{"messages": conversation}` as JSON text, made directly where every turn is text alone, as most are; else undefined.
 * Half the time of building the turns and handing them to JSON.stringify (bench distillation).
 */
export function conversationLine({ messages, tools }: ExchangeRecord, answer: Answer): string | undefined {
	if (tools !== undefined || answer.reasoning !== undefined || answer.toolCalls !== undefined)
		return undefined;
	let text = '{"messages":[';
	for (const message of messages) {
		if (!isTextAlone(message)) return undefined;
		text += `{"role":"${message.role}","content":${JSON.stringify(message.content)}},`;
	}
	return `${text}{"role":"assistant","content":${JSON.stringify(answer.content)}}]}`;
}

export function toolRows(tools: readonly ToolDefinition[]): JsonObject[] {
	return tools.map((tool) => ({
		type: 'function',
		function: {
			name: tool.name,
			...(tool.description === undefined ? {} : { description: tool.description }),
			parameters: tool.parameters ?? { type: 'object', properties: {} },
		},
	}));
}

/** Tools as one JSON text: `datasets` before 4.7 cannot hold objects of different shape in a column. */
export function toolText(record: ExchangeRecord): { tools: string } | Record<string, never> {
	return record.tools === undefined ? {} : { tools: JSON.stringify(toolRows(record.tools)) };
}

export const TURN_COLUMNS: Columns = {
	role: 'string',
	content: 'string',
	name: 'string',
	reasoning_content: 'string',
	tool_calls: { list: { id: 'string', type: 'string', function: { name: 'string', arguments: 'string' } } },
	tool_call_id: 'string',
};
