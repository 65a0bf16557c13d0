import type { JsonSchema, ToolChoice, ToolDefinition } from '../../engine';
import { isObject, parseJson } from '../../support';
import { GatewayError } from '../errors';

export interface WireTool {
	readonly type: string;
	readonly name?: string;
	readonly description?: string | null;
	readonly parameters?: JsonSchema | null;
	readonly strict?: boolean | null;
	/** Of a namespace. */
	readonly tools?: readonly WireTool[] | null;
}

export interface AllowedTools {
	readonly type: 'allowed_tools';
	readonly mode: 'auto' | 'required';
	readonly tools: ReadonlyArray<{ readonly name?: string }>;
}

export type WireToolChoice = string | { readonly type: string; readonly name?: string } | AllowedTools;

/** How a client calls a tool that a model knows under one name. */
export interface ClientTool {
	readonly name: string;
	/** The group of tools that it is in, such as an MCP server of Codex. */
	readonly namespace?: string;
	/** Takes text instead of JSON. */
	readonly custom?: true;
}

/** Models know functions only: a tool that takes text becomes a function with this one argument. */
const CUSTOM_INPUT = 'input';
const CUSTOM_PARAMETERS: JsonSchema = {
	type: 'object',
	properties: {
		[CUSTOM_INPUT]: { type: 'string', description: 'The whole input of the tool, as plain text' },
	},
	required: [CUSTOM_INPUT],
	additionalProperties: false,
};

/** The name under which a model knows a tool of a namespace. */
const flatName = (namespace: string | undefined, name: string): string =>
	namespace === undefined ? name : `${namespace}__${name}`;

interface Offered {
	readonly client: ClientTool;
	readonly definition: ToolDefinition;
}

function offeredOf(tool: WireTool, namespace?: string): Offered[] {
	const { type, name, description, parameters, strict } = tool;
	if (type === 'namespace' && namespace === undefined && name)
		return (tool.tools ?? []).flatMap((inner) => offeredOf(inner, name));
	if ((type !== 'function' && type !== 'custom') || !name) return [];
	const custom = type === 'custom';
	return [
		{
			client: {
				name,
				...(namespace === undefined ? {} : { namespace }),
				...(custom ? { custom: true as const } : {}),
			},
			definition: {
				name: flatName(namespace, name),
				...(description ? { description } : {}),
				parameters: custom ? CUSTOM_PARAMETERS : (parameters ?? { type: 'object', properties: {} }),
				...(strict ? { strict } : {}),
			},
		},
	];
}

/**
 * The tools of a request as functions. Tools that OpenAI runs itself (web search, code interpreter) are not offered to the
 * model; `dropped` names them.
 *
 * @throws GatewayError `invalidRequest` for a choice that is none
 */
export function toolsOf(
	tools: readonly WireTool[] | null | undefined,
	choice: WireToolChoice | null | undefined,
): {
	readonly tools: readonly ToolDefinition[];
	readonly choice?: ToolChoice;
	readonly dropped: readonly string[];
} {
	const all = (tools ?? []).map((tool) => ({ tool, offered: offeredOf(tool) }));
	const allowed =
		typeof choice === 'object' && choice !== null && 'tools' in choice
			? new Set(choice.tools.map(({ name }) => name))
			: undefined;
	const offered = all
		.flatMap((one) => one.offered)
		.filter(
			({ client }) => allowed === undefined || allowed.has(client.name) || allowed.has(client.namespace),
		);
	const dropped = all.flatMap((one) => (one.offered.length === 0 ? [`tools.${one.tool.type}`] : []));
	return {
		tools: offered.map(({ definition }) => definition),
		choice: choiceOf(choice),
		dropped: [...new Set(dropped)],
	};
}

function choiceOf(choice: WireToolChoice | null | undefined): ToolChoice | undefined {
	if (choice === undefined || choice === null) return undefined;
	if (choice === 'auto' || choice === 'none' || choice === 'required') return choice;
	if (typeof choice === 'object' && 'tools' in choice) return choice.mode;
	if (typeof choice === 'object' && (choice.type === 'function' || choice.type === 'custom') && choice.name)
		return { name: choice.name };
	throw new GatewayError('invalidRequest', '"tool_choice" must be auto, none, required or a function.', {
		param: 'tool_choice',
	});
}

/** What the client calls the tools of its request, by the names that models know. */
export function clientTools(body: object): ReadonlyMap<string, ClientTool> {
	const { tools } = body as { readonly tools?: readonly WireTool[] | null };
	return new Map(
		(tools ?? []).flatMap((tool) =>
			offeredOf(tool).map(({ client, definition }) => [definition.name, client] as const),
		),
	);
}

/** What a model wrote as the arguments of a tool that takes text; the text itself where it is no JSON. */
export function customInput(args: string): string {
	const read = parseJson(args);
	const input = isObject(read) ? read[CUSTOM_INPUT] : undefined;
	return typeof input === 'string' ? input : args;
}

/** A call as the model knows it, of a call in a client's conversation. */
export const modelCall = (
	{ name, namespace, custom }: ClientTool,
	written: string,
): { readonly name: string; readonly arguments: string } => ({
	name: flatName(namespace, name),
	arguments: custom === true ? JSON.stringify({ [CUSTOM_INPUT]: written }) : written,
});
