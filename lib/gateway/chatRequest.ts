import type { ChatMessage, ChatRequest, ContentPart, ResponseFormat, ToolChoice } from '../engine';
import { effortOf, given, ignorable, imageOf, passedOn } from './chatFields';
import { GatewayError } from './errors';
import type { ParsedChat } from './protocol';
import { isObject, parseJson } from '../support';
import { checkChat, type WireChat, type WireMessage } from './chatWire';

/**
 * Reads a chat completion request of OpenAI's API.
 *
 * @throws GatewayError `invalidRequest` naming the field; also for what would change the meaning of the answer if it were left
 * out (several choices, the old `functions`, audio)
 */
export function parseChat(body: object): ParsedChat {
	const wire = checkChat(body);
	refuseUnsupported(wire);
	const extra = passedOn(
		{ ...wire, chat_template_kwargs: undefined, ...toTemplate(wire.chat_template_kwargs) },
		KNOWN,
		HARMLESS,
	);
	const maxTokens = wire.max_completion_tokens ?? wire.max_tokens ?? 0;
	const request: ChatRequest = {
		...(wire.model ? { model: wire.model } : {}),
		messages: wire.messages.map(toMessage),
		...(wire.tools?.length
			? {
					tools: wire.tools.map(({ function: { name, description, parameters, strict } }) => ({
						name,
						description,
						parameters: parameters ?? { type: 'object', properties: {} },
						...(strict ? { strict } : {}),
					})),
				}
			: {}),
		...(wire.tool_choice ? { toolChoice: toToolChoice(wire.tool_choice) } : {}),
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
		ignored: ignorable(wire),
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
	if (typeof wire.n === 'number' && wire.n !== 1)
		refuse('n', 'This gateway gives one choice an answer; ask n times.');
	if ((wire.functions ?? null) !== null || (wire.function_call ?? null) !== null)
		refuse('functions', '"functions" is the old form; send "tools" instead.');
	if (wire.audio !== undefined && wire.audio !== null) refuse('audio', 'This gateway answers in text only.');
}

function toMessage(message: WireMessage, index: number): ChatMessage {
	const where = `messages.${index}`;
	switch (message.role) {
		case 'system':
		case 'developer':
			return { role: 'system', content: textOf(message.content, where) };
		case 'user':
			return { role: 'user', content: toContent(message.content, where) };
		case 'function':
			// The old form of a tool's answer has a name and no id.
			return {
				role: 'tool',
				toolCallId: message.name ?? '',
				...(message.name === undefined ? {} : { name: message.name }),
				content: textOf(message.content, where),
			};
		case 'tool':
			if (message.tool_call_id === undefined)
				throw new GatewayError(
					'invalidRequest',
					`"${where}" is an answer of a tool and needs tool_call_id.`,
					{
						param: `${where}.tool_call_id`,
					},
				);
			return {
				role: 'tool',
				toolCallId: message.tool_call_id,
				...(message.name === undefined ? {} : { name: message.name }),
				content: textOf(message.content, where),
			};
		case 'assistant': {
			const reasoning = message.reasoning_content ?? message.reasoning;
			return {
				role: 'assistant',
				content: textOf(message.content, where),
				...(reasoning ? { reasoning } : {}),
				...(message.tool_calls?.length
					? {
							toolCalls: message.tool_calls.map(({ id, function: { name, arguments: args } }) => ({
								id,
								name,
								arguments: args,
							})),
						}
					: {}),
			};
		}
	}
}

function textOf(content: WireMessage['content'], where: string): string {
	if (content === undefined || content === null) return '';
	if (typeof content === 'string') return content;
	return content
		.map((part, index) => {
			const words = part.type === 'refusal' ? part.refusal : part.text;
			if ((part.type === 'text' || part.type === 'refusal') && words !== undefined) return words;
			throw new GatewayError('invalidRequest', `"${where}.content.${index}" must be text here.`, {
				param: `${where}.content.${index}`,
			});
		})
		.join('');
}

function toContent(content: WireMessage['content'], where: string): string | readonly ContentPart[] {
	if (content === undefined || content === null) return '';
	if (typeof content === 'string') return content;
	if (content.every(({ type }) => type === 'text')) return textOf(content, where);
	return content.map((part, index): ContentPart => {
		if (part.type === 'text' && part.text !== undefined) return { type: 'text', text: part.text };
		if (part.type === 'image_url' && part.image_url)
			return imageOf(part.image_url.url, `${where}.content.${index}`);
		throw new GatewayError(
			'invalidRequest',
			`"${where}.content.${index}" is of a kind (${part.type}) no engine here reads.`,
			{
				param: `${where}.content.${index}`,
			},
		);
	});
}

function toToolChoice(choice: NonNullable<WireChat['tool_choice']>): ToolChoice {
	return typeof choice === 'string' ? choice : { name: choice.function.name };
}

function toResponseFormat(format: WireChat['response_format']): { responseFormat?: ResponseFormat } {
	if (!format || format.type === 'text') return {};
	if (format.type === 'json_object') return { responseFormat: { type: 'json' } };
	const { name, schema = {} } = format.json_schema ?? {};
	return { responseFormat: { type: 'jsonSchema', schema, fallback: 'prompt', ...(name ? { name } : {}) } };
}

/** The words of llama.cpp (`json_schema`) and of vLLM and SGLang (`structured_outputs`, and `guided_…` before it). */
function toConstraint(wire: WireChat): { responseFormat?: ResponseFormat } {
	const outputs = wire.structured_outputs ?? {};
	const schema = outputs.json ?? wire.guided_json ?? wire.json_schema;
	const pattern = outputs.regex ?? wire.guided_regex ?? wire.regex;
	const options = outputs.choice ?? wire.guided_choice;
	const grammar = outputs.grammar ?? wire.guided_grammar ?? wire.ebnf ?? wire.grammar;
	const read: unknown = typeof schema === 'string' ? parseJson(schema) : schema;
	if (isObject(read)) return { responseFormat: { type: 'jsonSchema', schema: read, fallback: 'prompt' } };
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
	if (template?.enable_thinking === undefined) return {};
	return { reasoning: template.enable_thinking ? 'on' : 'off', reasoningIsWish: true };
}

/** Arguments of the chat template besides the switch for thinking, which is a field of the neutral request. */
function toTemplate(template: WireChat['chat_template_kwargs']): { chat_template_kwargs?: object } {
	const { enable_thinking: _, ...rest } = template ?? {};
	return Object.keys(rest).length === 0 ? {} : { chat_template_kwargs: rest };
}
