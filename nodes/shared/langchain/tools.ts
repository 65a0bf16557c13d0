// Tools, tool choice and answer formats as LangChain and OpenAI write them, in the terms of lib/engine.
import type {
	BindToolsInput,
	ToolChoice as LangChainChoice,
} from '@langchain/core/language_models/chat_models';
import { convertToOpenAITool } from '@langchain/core/utils/function_calling';
import { isObject, type UnknownObject } from '../../../lib/support';
import type { JsonSchema, ResponseFormat, ToolChoice, ToolDefinition } from '../../../lib/engine';
import { InputError } from '../runtime/errors';

/**
 * A tool in any of the forms that LangChain's models take: a tool object, a runnable as tool, or OpenAI's JSON.
 *
 * @throws InputError for tools that only their own provider can run (such as a web search of a cloud model)
 */
export function toToolDefinition(tool: BindToolsInput): ToolDefinition {
	const wire: unknown = convertToOpenAITool(tool);
	const named = isObject(wire) && isObject(wire.function) ? wire.function : undefined;
	if (typeof named?.name !== 'string') {
		const type = isObject(wire) && typeof wire.type === 'string' ? ` of the type "${wire.type}"` : '';
		throw new InputError(
			`A tool${type} is no function that a local model can call. Connect a tool node instead.`,
		);
	}
	const { name, description, parameters, strict } = named;
	return {
		name,
		...(typeof description === 'string' && { description }),
		parameters: isObject(parameters) ? parameters : { type: 'object', properties: {} },
		...(strict === true && { strict }),
	};
}

/** The same in OpenAI's form, which is what LangChain's tracing shows. */
export const toWireTool = ({ name, description, parameters, strict }: ToolDefinition): UnknownObject => ({
	type: 'function',
	function: {
		name,
		...(description !== undefined && { description }),
		parameters,
		...(strict === true && { strict }),
	},
});

/** `any` and `required` mean the same; any other word or object names one tool. */
export function toToolChoice(choice: LangChainChoice | undefined): ToolChoice | undefined {
	if (choice === undefined || choice === 'auto' || choice === 'none') return choice;
	if (choice === 'any' || choice === 'required') return 'required';
	if (typeof choice === 'string') return { name: choice };
	const named: unknown = isObject(choice.function) ? choice.function.name : choice.name;
	if (typeof named === 'string') return { name: named };
	throw new InputError(
		`The tool choice ${JSON.stringify(choice)} is not understood. Use auto, none, any or the name of a tool.`,
	);
}

/** OpenAI's `response_format`. An engine without constrained decoding gets the schema as an instruction. */
export function toResponseFormat(format: UnknownObject | undefined): ResponseFormat | undefined {
	if (format === undefined || format.type === 'text') return undefined;
	if (format.type === 'json_object') return { type: 'json' };
	const { json_schema: named } = format;
	if (format.type === 'json_schema' && isObject(named) && isObject(named.schema)) {
		const { name, schema } = named;
		return jsonSchemaFormat(schema, typeof name === 'string' ? name : undefined);
	}
	throw new InputError('The response format should be text, json_object, or json_schema with a schema.');
}

export const jsonSchemaFormat = (schema: JsonSchema, name?: string): ResponseFormat => ({
	type: 'jsonSchema',
	schema,
	fallback: 'prompt',
	...(name !== undefined && { name }),
});
