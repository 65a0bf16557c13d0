import type {
	BaseLanguageModelInput,
	StructuredOutputMethodOptions,
} from '@langchain/core/language_models/base';
import type { AIMessageChunk, BaseMessage } from '@langchain/core/messages';
import { JsonOutputParser, StructuredOutputParser } from '@langchain/core/output_parsers';
import { JsonOutputKeyToolsParser } from '@langchain/core/output_parsers/openai_tools';
import { type Runnable, RunnablePassthrough, RunnableSequence } from '@langchain/core/runnables';
import { toJsonSchema } from '@langchain/core/utils/json_schema';
import { type InteropZodType, isInteropZodSchema } from '@langchain/core/utils/types';
import type { JsonSchema } from '../../../lib/engine';
import { InputError } from '../runtime/errors';
import type { ChatModelCallOptions } from './callOptions';

/** A zod schema, whose checks are run on the answer, or a JSON Schema. */
export type OutputSchema<RunOutput> = InteropZodType<RunOutput> | object;

/** As much of the model as this takes. */
interface Model {
	withConfig(
		config: Partial<ChatModelCallOptions>,
	): Runnable<BaseLanguageModelInput, AIMessageChunk, ChatModelCallOptions>;
}

type Parser<RunOutput> = Runnable<AIMessageChunk, RunOutput>;

/**
 * The model held to a schema while it writes (`jsonSchema`, the default), to any JSON (`jsonMode`), or to the arguments of a
 * tool (`functionCalling`), with its answer parsed.
 *
 * @throws InputError for a method that there is not
 */
export function structuredOutput<RunOutput extends Record<string, unknown>>(
	model: Model,
	schema: OutputSchema<RunOutput>,
	{ name, method = 'jsonSchema', includeRaw }: StructuredOutputMethodOptions<boolean> = {},
):
	| Runnable<BaseLanguageModelInput, RunOutput>
	| Runnable<BaseLanguageModelInput, { raw: BaseMessage; parsed: RunOutput }> {
	const zod: InteropZodType<RunOutput> | undefined = isInteropZodSchema(schema) ? schema : undefined;
	const json: JsonSchema = { ...(zod ? toJsonSchema(zod) : schema) };
	const called = name ?? (typeof json.title === 'string' ? json.title : 'extract');
	const traced = { ls_structured_output_format: { kwargs: { method }, schema: json } };
	const content = (): Parser<RunOutput> =>
		zod ? StructuredOutputParser.fromZodSchema(zod) : new JsonOutputParser<RunOutput>();
	switch (method) {
		case 'jsonSchema': {
			const json_schema = { name: called, schema: json };
			return piped(
				model.withConfig({ response_format: { type: 'json_schema', json_schema }, ...traced }),
				content(),
				includeRaw,
			);
		}
		case 'jsonMode':
			return piped(
				model.withConfig({ response_format: { type: 'json_object' }, ...traced }),
				content(),
				includeRaw,
			);
		case 'functionCalling': {
			const description = typeof json.description === 'string' ? json.description : 'The answer';
			const tool = { type: 'function', function: { name: called, description, parameters: json } };
			return piped(
				model.withConfig({ tools: [tool], tool_choice: called, ...traced }),
				new JsonOutputKeyToolsParser<RunOutput>({ keyName: called, returnSingle: true, zodSchema: zod }),
				includeRaw,
			);
		}
		default:
			throw new InputError(
				`There is no method "${method}" for structured output. Use jsonSchema, jsonMode or functionCalling.`,
			);
	}
}

function piped<RunOutput extends Record<string, unknown>>(
	model: Runnable<BaseLanguageModelInput, AIMessageChunk>,
	parser: Parser<RunOutput>,
	includeRaw: boolean | undefined,
) {
	if (!includeRaw) return model.pipe(parser);
	const parsed = RunnablePassthrough.assign({
		// An answer that cannot be parsed is still handed on raw (LangChain's types leave the null out).
		parsed: (input: { raw: AIMessageChunk }) => parser.invoke(input.raw).catch(() => null as never),
	});
	return RunnableSequence.from<BaseLanguageModelInput, { raw: BaseMessage; parsed: RunOutput }>([
		{ raw: model },
		parsed,
	]);
}
