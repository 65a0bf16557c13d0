import type {
	ChatMessage,
	ChatRequest,
	ContentPart,
	JsonSchema,
	ResponseFormat,
	ToolChoice,
} from '../engine';
import { GatewayError } from './errors';
import { lazyCheck } from './schema';

interface WirePart {
	readonly type: string;
	readonly text?: string;
	readonly refusal?: string;
	readonly image_url?: { readonly url: string };
}

interface WireToolCall {
	readonly id: string;
	readonly function: { readonly name: string; readonly arguments: string };
}

interface WireMessage {
	readonly role: 'system' | 'developer' | 'user' | 'assistant' | 'tool';
	readonly content?: string | readonly WirePart[] | null;
	readonly reasoning_content?: string | null;
	readonly reasoning?: string | null;
	readonly tool_calls?: readonly WireToolCall[] | null;
	readonly tool_call_id?: string;
	readonly name?: string;
}

/** The part of OpenAI's chat completion request that the engines can fulfil. */
interface WireChat {
	readonly model?: string;
	readonly messages: readonly WireMessage[];
	readonly stream?: boolean | null;
	readonly stream_options?: { readonly include_usage?: boolean } | null;
	readonly tools?: ReadonlyArray<{
		readonly function: {
			readonly name: string;
			readonly description?: string;
			readonly parameters?: JsonSchema;
			readonly strict?: boolean | null;
		};
	}> | null;
	readonly tool_choice?:
		| 'auto'
		| 'none'
		| 'required'
		| { readonly function: { readonly name: string } }
		| null;
	readonly response_format?: {
		readonly type: 'text' | 'json_object' | 'json_schema';
		readonly json_schema?: { readonly name?: string; readonly schema?: JsonSchema };
	} | null;
	readonly stop?: string | readonly string[] | null;
	readonly seed?: number | null;
	readonly temperature?: number | null;
	readonly top_p?: number | null;
	readonly max_tokens?: number | null;
	readonly max_completion_tokens?: number | null;
	readonly logprobs?: boolean | null;
	readonly top_logprobs?: number | null;
	readonly reasoning_effort?: string | null;
	readonly chat_template_kwargs?: { readonly enable_thinking?: boolean } | null;
	readonly [field: string]: unknown;
}

const TEXT = { type: 'string' };
const nullable = (schema: object) => ({ anyOf: [schema, { type: 'null' }] });
const NAMED = { type: 'object', required: ['name'], properties: { name: { type: 'string', minLength: 1 } } };

const checkChat = lazyCheck<WireChat>({
	type: 'object',
	required: ['messages'],
	properties: {
		model: TEXT,
		messages: {
			type: 'array',
			minItems: 1,
			items: {
				type: 'object',
				required: ['role'],
				properties: {
					role: { enum: ['system', 'developer', 'user', 'assistant', 'tool'] },
					content: {
						type: ['string', 'array', 'null'],
						items: {
							type: 'object',
							required: ['type'],
							properties: {
								type: TEXT,
								text: TEXT,
								refusal: TEXT,
								image_url: { type: 'object', required: ['url'], properties: { url: TEXT } },
							},
						},
					},
					reasoning_content: { type: ['string', 'null'] },
					reasoning: { type: ['string', 'null'] },
					tool_call_id: TEXT,
					name: TEXT,
					tool_calls: {
						type: ['array', 'null'],
						items: {
							type: 'object',
							required: ['id', 'function'],
							properties: {
								id: TEXT,
								function: {
									type: 'object',
									required: ['name', 'arguments'],
									properties: { name: TEXT, arguments: TEXT },
								},
							},
						},
					},
				},
			},
		},
		stream: { type: ['boolean', 'null'] },
		stream_options: { type: ['object', 'null'], properties: { include_usage: { type: 'boolean' } } },
		tools: {
			type: ['array', 'null'],
			items: {
				type: 'object',
				required: ['type', 'function'],
				properties: {
					type: { enum: ['function'] },
					function: {
						type: 'object',
						required: ['name'],
						properties: {
							name: { type: 'string', minLength: 1 },
							description: TEXT,
							parameters: { type: 'object' },
							strict: { type: ['boolean', 'null'] },
						},
					},
				},
			},
		},
		tool_choice: nullable({
			if: { type: 'string' },
			then: { enum: ['auto', 'none', 'required'] },
			else: { type: 'object', required: ['function'], properties: { function: NAMED } },
		}),
		response_format: {
			type: ['object', 'null'],
			required: ['type'],
			properties: {
				type: { enum: ['text', 'json_object', 'json_schema'] },
				json_schema: {
					type: 'object',
					required: ['schema'],
					properties: { name: TEXT, schema: { type: 'object' } },
				},
			},
			if: { type: 'object', properties: { type: { const: 'json_schema' } } },
			then: { required: ['json_schema'] },
		},
		stop: { type: ['string', 'array', 'null'], items: TEXT, maxItems: 16 },
		seed: { type: ['integer', 'null'] },
		temperature: { type: ['number', 'null'], minimum: 0 },
		top_p: { type: ['number', 'null'], minimum: 0, maximum: 1 },
		max_tokens: { type: ['integer', 'null'], minimum: 1 },
		max_completion_tokens: { type: ['integer', 'null'], minimum: 1 },
		logprobs: { type: ['boolean', 'null'] },
		top_logprobs: { type: ['integer', 'null'], minimum: 0, maximum: 20 },
		reasoning_effort: { type: ['string', 'null'] },
		chat_template_kwargs: { type: ['object', 'null'], properties: { enable_thinking: { type: 'boolean' } } },
	},
});

/** What a client asked for, in the terms of lib/engine. */
export interface ParsedChat {
	readonly request: ChatRequest;
	readonly stream: boolean;
	readonly includeUsage: boolean;
	/** Fields that would have changed the answer and cannot be passed on; told in the header `x-gateway-ignored`. */
	readonly ignored: readonly string[];
}

/**
 * Reads a chat completion request of OpenAI's API.
 *
 * @throws GatewayError `invalidRequest` naming the field; also for what would change the meaning of the answer if it were left
 * out (several choices, the old `functions`, audio)
 */
export function parseChat(body: object): ParsedChat {
	const wire = checkChat(body);
	refuseUnsupported(wire);
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
		...toResponseFormat(wire.response_format),
		...(wire.stop?.length ? { stop: typeof wire.stop === 'string' ? [wire.stop] : wire.stop } : {}),
		...given('seed', wire.seed),
		...given('temperature', wire.temperature),
		...given('topP', wire.top_p),
		...given('maxTokens', wire.max_completion_tokens ?? wire.max_tokens),
		...(wire.logprobs ? { logprobs: wire.top_logprobs ?? 0 } : {}),
		...toReasoning(wire),
	};
	return {
		request,
		stream: wire.stream === true,
		includeUsage: wire.stream_options?.include_usage === true,
		ignored: IGNORABLE.filter((field) => changesAnswer(wire[field])),
	};
}

/** Sampling wishes beyond the neutral request: heard, not passed on, and said so. */
const IGNORABLE = [
	'presence_penalty',
	'frequency_penalty',
	'repetition_penalty',
	'logit_bias',
	'top_k',
	'min_p',
	'prediction',
	'web_search_options',
];

function changesAnswer(value: unknown): boolean {
	if (value === undefined || value === null || value === 0) return false;
	return !(typeof value === 'object' && Object.keys(value).length === 0);
}

function refuseUnsupported(wire: WireChat): void {
	const refuse = (param: string, why: string): never => {
		throw new GatewayError('invalidRequest', why, { param });
	};
	if (typeof wire.n === 'number' && wire.n !== 1)
		refuse('n', 'This gateway gives one choice an answer; ask n times.');
	if (wire.functions !== undefined || wire.function_call !== undefined)
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
			return toImage(part.image_url.url, `${where}.content.${index}`);
		throw new GatewayError(
			'invalidRequest',
			`"${where}.content.${index}" is of a kind (${part.type}) no engine here reads.`,
			{
				param: `${where}.content.${index}`,
			},
		);
	});
}

function toImage(url: string, param: string): ContentPart {
	const data = /^data:([a-z0-9.+/-]+);base64,/i.exec(url);
	if (data?.[1]) return { type: 'image', mediaType: data[1], data: url.slice(data[0].length) };
	if (/^https?:\/\//i.test(url)) return { type: 'image', url };
	throw new GatewayError('invalidRequest', `"${param}" must be a data: URL with base64 or an http(s) URL.`, {
		param,
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

function toReasoning({
	reasoning_effort: effort,
	chat_template_kwargs: template,
}: WireChat): Pick<ChatRequest, 'reasoning'> {
	if (effort === 'low' || effort === 'medium' || effort === 'high') return { reasoning: effort };
	if (effort === 'none' || effort === 'minimal') return { reasoning: 'off' };
	if (effort)
		throw new GatewayError(
			'invalidRequest',
			'"reasoning_effort" must be none, minimal, low, medium or high.',
			{
				param: 'reasoning_effort',
			},
		);
	if (template?.enable_thinking === undefined) return {};
	return { reasoning: template.enable_thinking ? 'on' : 'off' };
}

function given<K extends string, V>(name: K, value: V | null | undefined): { readonly [key in K]?: V } {
	if (value === undefined || value === null) return {};
	const field: { [key in K]?: V } = {};
	field[name] = value;
	return field;
}
