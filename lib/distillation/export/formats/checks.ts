import { isObject, parseJson } from '../../../support';

// Rules that several formats share, each returning what is wrong.

const ROLES = new Set(['system', 'developer', 'user', 'assistant', 'tool']);

/** Problems of a list of turns, by the rules of OpenAI's chat format. */
export function checkTurns(value: unknown, where: string): string[] {
	if (!Array.isArray(value) || value.length === 0) return [`${where} must be a list of messages, not empty`];
	return value.flatMap((message: unknown, position) => checkTurn(message, `${where}[${position}]`));
}

function checkTurn(message: unknown, where: string): string[] {
	if (!isObject(message)) return [`${where} must be an object`];
	const problems: string[] = [];
	if (typeof message.role !== 'string' || !ROLES.has(message.role)) problems.push(`${where}.role is unknown`);
	const calls = message.tool_calls;
	if (typeof message.content !== 'string' && !(message.content === null && calls !== undefined)) {
		problems.push(`${where}.content must be text`);
	}
	if (calls !== undefined && calls !== null) {
		if (message.role !== 'assistant') problems.push(`${where}.tool_calls belong to the assistant`);
		problems.push(...checkToolCalls(calls, `${where}.tool_calls`));
	}
	if (message.role === 'tool' && typeof message.tool_call_id !== 'string')
		problems.push(`${where}.tool_call_id is missing`);
	return problems;
}

function checkToolCalls(value: unknown, where: string): string[] {
	if (!Array.isArray(value)) return [`${where} must be a list`];
	return value.flatMap((call: unknown, position) => {
		const inner = isObject(call) ? call.function : undefined;
		if (!isObject(inner) || typeof inner.name !== 'string')
			return [`${where}[${position}] has no function name`];
		const given = inner.arguments;
		const parsed = typeof given === 'string' ? parseJson(given) : given;
		return isObject(parsed) ? [] : [`${where}[${position}].arguments are not a JSON object`];
	});
}

/** Something must be learnt from: the last turn is the assistant's and says or calls something. */
export function checkEndsWithAssistant(value: unknown, where: string): string[] {
	const last: unknown = Array.isArray(value) ? value.at(-1) : undefined;
	if (!isObject(last) || last.role !== 'assistant') return [`${where} must end with an assistant message`];
	const says = typeof last.content === 'string' && last.content.trim() !== '';
	return says || (Array.isArray(last.tool_calls) && last.tool_calls.length > 0)
		? []
		: [`${where} ends with an empty assistant message`];
}

export function checkTools(value: unknown, where: string): string[] {
	if (value === undefined || value === null) return [];
	const list = typeof value === 'string' ? parseJson(value) : value;
	if (!Array.isArray(list)) return [`${where} must be a list of tools or its JSON`];
	return list.flatMap((tool: unknown, position) => {
		const inner = isObject(tool) ? tool.function : undefined;
		return isObject(inner) && typeof inner.name === 'string' && isObject(inner.parameters)
			? []
			: [`${where}[${position}] needs function.name and function.parameters`];
	});
}

export function checkKeys(row: { readonly [key: string]: unknown }, allowed: readonly string[]): string[] {
	return Object.keys(row)
		.filter((key) => !allowed.includes(key))
		.map((key) => `"${key}" is not a field of this format`);
}

export function isTextList(value: unknown): value is readonly string[] {
	return Array.isArray(value) && value.every((entry) => typeof entry === 'string');
}

export const NOT_AN_OBJECT = ['the row must be an object'] as const;
