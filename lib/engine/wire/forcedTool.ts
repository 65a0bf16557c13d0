import { asObject, asString, isObject, parseJson } from '../../support';
import type { ChatRequest } from '../types/chat';
import type { ToolDefinition } from '../types/messages';
import type { JsonObject } from './json';
import { plain } from './plain';

/**
 * A tool that must be called, for an engine that has schemas but no such choice (Ollama): the answer is held to the schema of
 * a call, and read back as one.
 */
export function forcedTools({ tools = [], toolChoice }: ChatRequest): readonly ToolDefinition[] {
	if (toolChoice === 'required') return tools;
	return typeof toolChoice === 'object' ? tools.filter(({ name }) => name === toolChoice.name) : [];
}

/**
 * The schema of a call of one of these tools. Ollama since 0.30 has properties written in the order of the alphabet: the tool must be
 * named before what it is called with.
 */
export function callSchema(tools: readonly ToolDefinition[]): JsonObject {
	const calls = tools.map(({ name, parameters }) => ({
		type: 'object',
		properties: { name: { type: 'string', enum: [name] }, parameters: plain(parameters) },
		required: ['name', 'parameters'],
	}));
	const [only] = calls;
	return only !== undefined && calls.length === 1 ? only : { anyOf: calls };
}

/** The call in an answer that was held to that schema; undefined where it was cut off. */
export function callIn(text: string): { readonly name: string; readonly arguments: string } | undefined {
	const json = asObject(parseJson(text));
	const name = asString(json?.name);
	if (name === undefined || !isObject(json?.parameters)) return undefined;
	return { name, arguments: JSON.stringify(json.parameters) };
}
