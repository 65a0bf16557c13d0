import { isObject } from '../../support';
import type {
	ChatMessage,
	ChatRequest,
	ContentPart,
	JsonSchema,
	ResponseFormat,
	ToolCall,
	ToolChoice,
} from '../../engine';
import { effortOf, given, ignorable, leadingSystemAsOne, passedOn } from '../chatFields';
import { GatewayError } from '../errors';
import type { ParsedChat } from '../protocol';
import { lazyCheck } from '../schema';

interface Source {
	readonly type: string;
	readonly media_type?: string;
	readonly data?: string;
	readonly url?: string;
}

interface Block {
	readonly type: string;
	readonly text?: string;
	readonly thinking?: string;
	readonly source?: Source;
	readonly id?: string;
	readonly name?: string;
	readonly input?: unknown;
	readonly tool_use_id?: string;
	readonly content?: string | readonly Block[] | null;
	readonly is_error?: boolean | null;
}

interface WireMessages {
	readonly model?: string | null;
	readonly max_tokens?: number | null;
	readonly messages: ReadonlyArray<{
		readonly role: 'user' | 'assistant' | 'system';
		readonly content: string | readonly Block[];
	}>;
	readonly system?: string | readonly Block[] | null;
	readonly stream?: boolean | null;
	readonly tools?: ReadonlyArray<{
		readonly type?: string | null;
		readonly name: string;
		readonly description?: string | null;
		readonly input_schema?: JsonSchema;
	}> | null;
	readonly tool_choice?: {
		readonly type: 'auto' | 'any' | 'none' | 'tool';
		readonly name?: string;
		readonly disable_parallel_tool_use?: boolean | null;
	} | null;
	readonly stop_sequences?: readonly string[] | null;
	readonly temperature?: number | null;
	readonly top_p?: number | null;
	readonly thinking?: { readonly type: string; readonly budget_tokens?: number | null } | null;
	readonly output_format?: Format | null;
	readonly output_config?: { readonly format?: Format | null; readonly effort?: string | null } | null;
	readonly [field: string]: unknown;
}

interface Format {
	readonly type: 'json_schema';
	readonly schema: JsonSchema;
}

const TEXT = { type: 'string' };
const BLOCKS = {
	type: ['string', 'array'],
	items: {
		type: 'object',
		required: ['type'],
		properties: {
			type: TEXT,
			text: TEXT,
			thinking: TEXT,
			id: TEXT,
			name: TEXT,
			tool_use_id: TEXT,
			source: {
				type: 'object',
				required: ['type'],
				properties: { type: TEXT, media_type: TEXT, data: TEXT, url: TEXT },
			},
			content: {
				type: ['string', 'array', 'null'],
				items: { type: 'object', required: ['type'], properties: { type: TEXT, text: TEXT } },
			},
		},
	},
};
const FORMAT = {
	type: ['object', 'null'],
	required: ['type', 'schema'],
	properties: { type: { enum: ['json_schema'] }, schema: { type: 'object' } },
};

const check = lazyCheck<WireMessages>({
	type: 'object',
	required: ['messages'],
	properties: {
		model: { type: ['string', 'null'] },
		max_tokens: { type: ['integer', 'null'], minimum: 1 },
		messages: {
			type: 'array',
			minItems: 1,
			items: {
				type: 'object',
				required: ['role', 'content'],
				properties: { role: { enum: ['user', 'assistant', 'system'] }, content: BLOCKS },
			},
		},
		system: { ...BLOCKS, type: ['string', 'array', 'null'] },
		stream: { type: ['boolean', 'null'] },
		tools: {
			type: ['array', 'null'],
			items: {
				type: 'object',
				required: ['name'],
				properties: {
					name: { type: 'string', minLength: 1 },
					type: { type: ['string', 'null'] },
					description: { type: ['string', 'null'] },
					input_schema: { type: 'object' },
				},
			},
		},
		tool_choice: {
			type: ['object', 'null'],
			required: ['type'],
			properties: { type: { enum: ['auto', 'any', 'none', 'tool'] }, name: TEXT },
			if: { type: 'object', properties: { type: { const: 'tool' } } },
			then: { required: ['name'] },
		},
		stop_sequences: { type: ['array', 'null'], items: TEXT, maxItems: 16 },
		temperature: { type: ['number', 'null'], minimum: 0 },
		top_p: { type: ['number', 'null'], minimum: 0, maximum: 1 },
		thinking: { type: ['object', 'null'], required: ['type'], properties: { type: TEXT } },
		output_format: FORMAT,
		output_config: {
			type: ['object', 'null'],
			properties: { format: FORMAT, effort: { type: ['string', 'null'] } },
		},
	},
});

const KNOWN = [
	'model',
	'max_tokens',
	'messages',
	'system',
	'stream',
	'tools',
	'tool_choice',
	'stop_sequences',
	'temperature',
	'top_p',
	'thinking',
	'output_format',
	'output_config',
];
const HARMLESS = [
	'metadata',
	'service_tier',
	'betas',
	'anthropic_version',
	'cache_control',
	'inference_geo',
	'speed',
];

/** Reads a request of Anthropic's Messages API. */
export function parseMessages(body: object): ParsedChat {
	const wire = check(body);
	// Tools that Anthropic runs itself (web search, code execution) have a type; the model is not offered them.
	const own = (wire.tools ?? []).filter(({ type }) => !type || type === 'custom');
	const dropped = (wire.tools ?? []).flatMap(({ type }) =>
		type && type !== 'custom' ? [`tools.${type}`] : [],
	);
	const format = wire.output_config?.format ?? wire.output_format;
	const request: ChatRequest = {
		...(wire.model ? { model: wire.model } : {}),
		messages: leadingSystemAsOne([...systemOf(wire.system), ...conversationOf(wire.messages)]),
		...(own.length > 0
			? {
					tools: own.map(({ name, description, input_schema: parameters }) => ({
						name,
						...(description ? { description } : {}),
						parameters: parameters ?? { type: 'object', properties: {} },
					})),
					...choiceOf(wire.tool_choice),
				}
			: {}),
		...(format ? { responseFormat: schemaFormat(format) } : {}),
		...(wire.stop_sequences?.length ? { stop: wire.stop_sequences } : {}),
		...given('maxTokens', wire.max_tokens),
		...given('temperature', wire.temperature),
		...given('topP', wire.top_p),
		...thinkingOf(wire),
		...passedOn(
			{ ...wire, ...(wire.tool_choice?.disable_parallel_tool_use ? { parallel_tool_calls: false } : {}) },
			KNOWN,
			HARMLESS,
		),
	};
	return {
		request,
		stream: wire.stream === true,
		includeUsage: true,
		ignored: [
			...dropped,
			// Engines can only be told how much to think in words.
			...(wire.thinking?.budget_tokens ? ['thinking.budget_tokens'] : []),
			...ignorable(wire),
		],
	};
}

const schemaFormat = ({ schema }: Format): ResponseFormat => ({
	type: 'jsonSchema',
	schema,
	fallback: 'prompt',
});

function thinkingOf({ thinking, output_config: config }: WireMessages): Partial<ChatRequest> {
	if (thinking?.type === 'disabled') return { reasoning: 'off', reasoningIsWish: true };
	if (config?.effort) return effortOf(config.effort, 'output_config.effort');
	// "adaptive" leaves it to the model, as an engine does by itself.
	return thinking?.type === 'enabled' ? { reasoning: 'on', reasoningIsWish: true } : {};
}

function choiceOf(choice: WireMessages['tool_choice']): { toolChoice?: ToolChoice } {
	if (!choice) return {};
	if (choice.type === 'tool') return { toolChoice: { name: choice.name ?? '' } };
	return { toolChoice: choice.type === 'any' ? 'required' : choice.type };
}

function systemOf(system: WireMessages['system']): ChatMessage[] {
	if (!system) return [];
	const content = textOf(system, 'system');
	return content === '' ? [] : [{ role: 'system', content }];
}

/**
 * What the client's program says in the middle of a conversation (role `system`) becomes a part of the user's message before
 * it: the chat templates of many models refuse a system message that is not the first.
 */
function conversationOf(wire: WireMessages['messages']): ChatMessage[] {
	const messages: ChatMessage[] = [];
	for (const message of wire.flatMap(messagesOf)) {
		const last = messages.at(-1);
		if (message.role !== 'system' || last === undefined || last.role === 'system') messages.push(message);
		else if (last.role === 'user' && typeof last.content === 'string')
			messages[messages.length - 1] = { role: 'user', content: `${last.content}\n\n${wordsOf(message)}` };
		else messages.push({ role: 'user', content: wordsOf(message) });
	}
	return messages;
}

const wordsOf = ({ content }: ChatMessage): string => (typeof content === 'string' ? content : '');

function messagesOf({ role, content }: WireMessages['messages'][number], index: number): ChatMessage[] {
	const where = `messages.${index}`;
	if (role === 'system') return [{ role: 'system', content: textOf(content, where) }];
	if (role === 'assistant') return [assistantOf(content, where)];
	if (typeof content === 'string') return [{ role: 'user', content }];
	const results = content.filter(({ type }) => type === 'tool_result');
	// Pictures that a tool has returned go to the model as the user's.
	const rest = [
		...results
			.flatMap(({ content: inner }) => (typeof inner === 'string' ? [] : (inner ?? [])))
			.filter(isImage),
		...content.filter(({ type }) => type !== 'tool_result'),
	];
	return [
		...results.map((result, at) => toolResult(result, `${where}.content.${at}`)),
		...(rest.length > 0 ? [{ role: 'user' as const, content: userContent(rest, where) }] : []),
	];
}

const isImage = ({ type }: Block): boolean => type === 'image';

function toolResult(
	{ tool_use_id: id, content: given, is_error: failed }: Block,
	where: string,
): ChatMessage {
	const content = given ?? '';
	if (!id)
		throw new GatewayError('invalidRequest', `"${where}" is the result of a tool and needs tool_use_id.`, {
			param: `${where}.tool_use_id`,
		});
	const words =
		typeof content === 'string'
			? content
			: textOf(
					content.filter((block) => !isImage(block)),
					where,
				);
	return { role: 'tool', toolCallId: id, content: failed === true ? `Error: ${words}` : words };
}

function assistantOf(content: string | readonly Block[], where: string): ChatMessage {
	if (typeof content === 'string') return { role: 'assistant', content };
	const reasoning = content
		.map(({ type, thinking }) => (type === 'thinking' ? (thinking ?? '') : ''))
		.join('');
	const toolCalls = content
		.filter(({ type }) => type === 'tool_use')
		.map(
			({ id = '', name = '', input }): ToolCall => ({
				id,
				name,
				arguments: JSON.stringify(isObject(input) ? input : {}),
			}),
		);
	const told = content.filter(({ type }) => !['tool_use', 'thinking', 'redacted_thinking'].includes(type));
	return {
		role: 'assistant',
		content: textOf(told, where),
		...(reasoning === '' ? {} : { reasoning }),
		...(toolCalls.length === 0 ? {} : { toolCalls }),
	};
}

function userContent(blocks: readonly Block[], where: string): string | readonly ContentPart[] {
	if (!blocks.some(isImage)) return textOf(blocks, where);
	return blocks.map((block, index): ContentPart => {
		if (!isImage(block)) return { type: 'text', text: textOf([block], where) };
		const { source } = block;
		if (source?.type === 'base64' && source.data !== undefined)
			return { type: 'image', mediaType: source.media_type ?? 'image/png', data: source.data };
		if (source?.type === 'url' && source.url !== undefined) return { type: 'image', url: source.url };
		const param = `${where}.content.${index}.source`;
		throw new GatewayError('invalidRequest', `"${param}" must be base64 or a url.`, { param });
	});
}

function textOf(content: string | readonly Block[], where: string): string {
	if (typeof content === 'string') return content;
	return content
		.map(({ type, text, source }, index) => {
			if (type === 'text' && text !== undefined) return text;
			if (type === 'document' && source?.type === 'text' && source.data !== undefined) return source.data;
			const param = `${where}.content.${index}`;
			throw new GatewayError(
				'invalidRequest',
				`"${param}" is of a kind (${type}) that no engine here reads.`,
				{
					param,
				},
			);
		})
		.join(content.length > 1 ? '\n' : '');
}
