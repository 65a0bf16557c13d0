import type { ChatRequest, JsonSchema, ResponseFormat, ToolChoice } from '../engine';
import { effortOf, given, ignorable, leadingSystemAsOne, passedOn } from './chatFields';
import { messagesOf } from './chatMessages';
import { nTimes } from './choices';
import { GatewayError } from './errors';
import type { ParsedChat } from './protocol';
import { isObject, parseJson } from '../support';
import { checkChat, type WireChat, type WireToolChoice } from './chatWire';

/**
 * Reads a chat completion request of OpenAI's API.
 *
 * @throws GatewayError `invalidRequest` naming the field; also for what would change the meaning of the answer if it were left
 * out (the old `functions`, audio)
 */
export function parseChat(body: object): ParsedChat {
	const wire = checkChat(body);
	refuseUnsupported(wire);
	const extra = passedOn(
		{ ...wire, chat_template_kwargs: undefined, ...toTemplate(wire.chat_template_kwargs) },
		KNOWN,
		HARMLESS,
	);
	const tools = toTools(wire);
	const maxTokens = wire.max_completion_tokens ?? wire.max_tokens ?? 0;
	const request: ChatRequest = {
		...(wire.model ? { model: wire.model } : {}),
		messages: leadingSystemAsOne(messagesOf(wire.messages)),
		...tools.asked,
		...toConstraint(wire),
		...toResponseFormat(wire.response_format),
		...(wire.stop?.length ? { stop: typeof wire.stop === 'string' ? [wire.stop] : wire.stop } : {}),
		...given('seed', wire.seed),
		...given('temperature', wire.temperature),
		...given('topP', wire.top_p),
		// -1 and 0 say "no bound", as llama.cpp has it.
		...(maxTokens > 0 ? { maxTokens } : {}),
		...(wire.logprobs ? { logprobs: wire.top_logprobs ?? 0 } : {}),
		...toReasoning(wire),
		...extra,
	};
	return {
		request,
		stream: wire.stream === true,
		includeUsage: wire.stream_options?.include_usage === true,
		ignored: [...tools.dropped, ...ignorable(wire)],
		further: nTimes(request, wire.n ?? 1).slice(1),
	};
}

const KNOWN = [
	'model',
	'messages',
	'stream',
	'stream_options',
	'tools',
	'tool_choice',
	'response_format',
	'stop',
	'seed',
	'temperature',
	'top_p',
	'max_tokens',
	'max_completion_tokens',
	'logprobs',
	'top_logprobs',
	'reasoning_effort',
	'n',
	'functions',
	'function_call',
	'audio',
	...['structured_outputs', 'guided_json', 'guided_regex', 'guided_choice', 'guided_grammar'],
	...['json_schema', 'regex', 'ebnf', 'grammar'],
];
/** Fields that only label the request, or ask for what is so in any case. */
const HARMLESS = [
	'user',
	'metadata',
	'store',
	'service_tier',
	'safety_identifier',
	'prompt_cache_key',
	'prompt_cache_retention',
	'verbosity',
	'api_key',
];

function refuseUnsupported(wire: WireChat): void {
	const refuse = (param: string, why: string): never => {
		throw new GatewayError('invalidRequest', why, { param });
	};
	if ((wire.functions ?? null) !== null || (wire.function_call ?? null) !== null)
		refuse('functions', '"functions" is the old form; send "tools" instead.');
	if (wire.audio !== undefined && wire.audio !== null) refuse('audio', 'This gateway answers in text only.');
}

/** Tools of other kinds than functions are not offered to the model. */
function toTools({ tools: wire, tool_choice: choice }: WireChat): {
	readonly asked: Pick<ChatRequest, 'tools' | 'toolChoice'>;
	readonly dropped: readonly string[];
} {
	const all = wire ?? [];
	const only =
		typeof choice === 'object' && choice !== null && 'allowed_tools' in choice
			? new Set(choice.allowed_tools.tools.map((tool) => tool.function?.name))
			: undefined;
	const tools = all.flatMap(({ type, function: offered }) => {
		if (type !== 'function' || offered === undefined || only?.has(offered.name) === false) return [];
		const { name, description, parameters, strict } = offered;
		return [
			{
				name,
				...(description ? { description } : {}),
				parameters: parameters ?? { type: 'object', properties: {} },
				...(strict ? { strict } : {}),
			},
		];
	});
	const dropped = new Set(all.filter(({ type }) => type !== 'function').map(({ type }) => `tools.${type}`));
	return {
		asked: {
			...(tools.length > 0 ? { tools } : {}),
			...(choice ? { toolChoice: toToolChoice(choice) } : {}),
		},
		dropped: [...dropped],
	};
}

function toToolChoice(choice: WireToolChoice): ToolChoice {
	if (choice === 'any') return 'required';
	if (typeof choice === 'string') return choice;
	return 'allowed_tools' in choice ? choice.allowed_tools.mode : { name: choice.function.name };
}

function toResponseFormat(format: WireChat['response_format']): { responseFormat?: ResponseFormat } {
	if (!format || format.type === 'text') return {};
	if (format.type === 'json_object')
		return { responseFormat: format.schema ? schemaOf(format.schema) : { type: 'json' } };
	const { name, schema = {} } = format.json_schema ?? {};
	return { responseFormat: { ...schemaOf(schema), ...(name ? { name } : {}) } };
}

const schemaOf = (schema: JsonSchema) =>
	({ type: 'jsonSchema', schema, fallback: 'prompt' }) as const satisfies ResponseFormat;

/** The words of llama.cpp (`json_schema`) and of vLLM and SGLang (`structured_outputs`, and `guided_…` before it). */
function toConstraint(wire: WireChat): { responseFormat?: ResponseFormat } {
	const outputs = wire.structured_outputs ?? {};
	const schema = outputs.json ?? wire.guided_json ?? wire.json_schema;
	const pattern = outputs.regex ?? wire.guided_regex ?? wire.regex;
	const options = outputs.choice ?? wire.guided_choice;
	const grammar = outputs.grammar ?? wire.guided_grammar ?? wire.ebnf ?? wire.grammar;
	const read: unknown = typeof schema === 'string' ? parseJson(schema) : schema;
	if (isObject(read)) return { responseFormat: schemaOf(read) };
	if (typeof pattern === 'string') return { responseFormat: { type: 'regex', pattern } };
	if (Array.isArray(options) && options.every((option) => typeof option === 'string'))
		return { responseFormat: { type: 'choice', options, fallback: 'prompt' } };
	return typeof grammar === 'string' ? { responseFormat: { type: 'grammar', grammar } } : {};
}

function toReasoning({
	reasoning_effort: effort,
	chat_template_kwargs: template,
}: WireChat): Pick<ChatRequest, 'reasoning' | 'reasoningIsWish'> {
	if (effort) return effortOf(effort, 'reasoning_effort');
	if (typeof template?.enable_thinking !== 'boolean') return {};
	return { reasoning: template.enable_thinking ? 'on' : 'off', reasoningIsWish: true };
}

/** Arguments of the chat template besides the switch for thinking, which is a field of the neutral request. */
function toTemplate(template: WireChat['chat_template_kwargs']): { chat_template_kwargs?: object } {
	const { enable_thinking: _, ...rest } = template ?? {};
	return Object.keys(rest).length === 0 ? {} : { chat_template_kwargs: rest };
}
