import type {
	ChatMessage,
	ChatRequest,
	ContentPart,
	JsonSchema,
	ResponseFormat,
	ToolCall,
} from '../../engine';
import { effortOf, given, imageOf, ignorable, leadingSystemAsOne, passedOn } from '../chatFields';
import { GatewayError } from '../errors';
import type { ParsedChat } from '../protocol';
import { lazyCheck } from '../schema';
import type { OutputItem } from './answer';
import { modelCall, toolsOf, type ClientTool, type WireTool, type WireToolChoice } from './tools';

interface Part {
	readonly type: string;
	readonly text?: string | null;
	readonly refusal?: string | null;
	readonly image_url?: string | null;
}

interface Item {
	readonly id?: string;
	readonly type?: string;
	readonly role?: string;
	readonly content?: string | readonly Part[] | null;
	readonly summary?: readonly Part[] | null;
	readonly call_id?: string | null;
	readonly name?: string | null;
	readonly namespace?: string | null;
	readonly arguments?: string | null;
	/** Of a custom tool's call. */
	readonly input?: string | null;
	readonly output?: string | readonly Part[] | null;
}

/** The part of OpenAI's `POST /responses` that can be answered without keeping anything. */
export interface WireResponses {
	readonly model?: string | null;
	readonly input: string | readonly Item[];
	readonly instructions?: string | null;
	readonly stream?: boolean | null;
	readonly tools?: readonly WireTool[] | null;
	readonly tool_choice?: WireToolChoice | null;
	readonly text?: {
		readonly format?: { readonly type: string; readonly name?: string; readonly schema?: JsonSchema } | null;
	} | null;
	readonly reasoning?: { readonly effort?: string | null } | null;
	readonly max_output_tokens?: number | null;
	readonly temperature?: number | null;
	readonly top_p?: number | null;
	readonly top_logprobs?: number | null;
	readonly include?: readonly string[] | null;
	readonly [field: string]: unknown;
}

const TEXT = { type: 'string' };
const OPTIONAL_TEXT = { type: ['string', 'null'] };
const PARTS = {
	type: ['string', 'array', 'null'],
	items: {
		type: 'object',
		required: ['type'],
		properties: { type: TEXT, text: OPTIONAL_TEXT, refusal: OPTIONAL_TEXT, image_url: OPTIONAL_TEXT },
	},
};

const TOOL = {
	type: 'object',
	required: ['type'],
	properties: {
		type: TEXT,
		name: OPTIONAL_TEXT,
		description: OPTIONAL_TEXT,
		parameters: { type: ['object', 'null'] },
		strict: { type: ['boolean', 'null'] },
	},
	if: { properties: { type: { enum: ['function', 'custom'] } } },
	then: { required: ['name'], properties: { name: { type: 'string', minLength: 1 } } },
};

const check = lazyCheck<WireResponses>({
	type: 'object',
	required: ['input'],
	properties: {
		model: OPTIONAL_TEXT,
		input: {
			type: ['string', 'array'],
			minItems: 1,
			items: {
				type: 'object',
				properties: {
					type: TEXT,
					role: { enum: ['system', 'developer', 'user', 'assistant', null] },
					content: PARTS,
					call_id: OPTIONAL_TEXT,
					name: OPTIONAL_TEXT,
					namespace: OPTIONAL_TEXT,
					arguments: OPTIONAL_TEXT,
					input: OPTIONAL_TEXT,
					output: PARTS,
				},
			},
		},
		instructions: OPTIONAL_TEXT,
		stream: { type: ['boolean', 'null'] },
		tools: {
			type: ['array', 'null'],
			items: {
				...TOOL,
				properties: { ...TOOL.properties, tools: { type: ['array', 'null'], items: TOOL } },
			},
		},
		tool_choice: {
			type: ['string', 'object', 'null'],
			required: ['type'],
			properties: { name: TEXT, mode: { enum: ['auto', 'required'] }, tools: { type: 'array' } },
		},
		text: {
			type: ['object', 'null'],
			properties: {
				format: {
					type: ['object', 'null'],
					required: ['type'],
					properties: {
						type: { enum: ['text', 'json_object', 'json_schema'] },
						name: TEXT,
						schema: { type: 'object' },
					},
				},
			},
		},
		reasoning: { type: ['object', 'null'], properties: { effort: OPTIONAL_TEXT } },
		max_output_tokens: { type: ['integer', 'null'] },
		temperature: { type: ['number', 'null'], minimum: 0 },
		top_p: { type: ['number', 'null'], minimum: 0, maximum: 1 },
		top_logprobs: { type: ['integer', 'null'], minimum: 0, maximum: 20 },
		include: { type: ['array', 'null'], items: TEXT },
	},
});

/** What would need a memory of earlier requests; this gateway keeps none. */
const STATEFUL: { readonly [field: string]: string } = {
	previous_response_id:
		'This gateway does not keep responses: send the whole conversation as "input" instead of "previous_response_id".',
	conversation: 'This gateway does not keep conversations: send the whole conversation as "input".',
	prompt: 'This gateway does not keep prompts: send "instructions" and "input".',
};

/** Fields that ask for nothing an engine could do, or that only label the request. */
const HARMLESS = [
	'store',
	'metadata',
	'user',
	'safety_identifier',
	'prompt_cache_key',
	'prompt_cache_retention',
	'service_tier',
	'truncation',
	'stream_options',
	'background',
	'client_metadata',
];

/** Reads a request of OpenAI's Responses API; `kept` finds items of earlier answers that it refers to. */
export function parseResponses(body: object, kept: (id: string) => OutputItem | undefined): ParsedChat {
	const wire = check(body);
	for (const [field, words] of Object.entries(STATEFUL))
		if (wire[field] !== undefined && wire[field] !== null)
			throw new GatewayError('invalidRequest', words, { param: field });
	if (wire.background === true)
		throw new GatewayError('invalidRequest', 'This gateway answers at once: leave out "background".', {
			param: 'background',
		});
	const { tools, choice, dropped } = toolsOf(wire.tools, wire.tool_choice);
	const { messages, skipped } = messagesOf(wire, kept);
	const request: ChatRequest = {
		...(wire.model ? { model: wire.model } : {}),
		messages: leadingSystemAsOne(messages),
		...(tools.length > 0 ? { tools } : {}),
		...(choice === undefined || tools.length === 0 ? {} : { toolChoice: choice }),
		...formatOf(wire.text?.format),
		...given('temperature', wire.temperature),
		...given('topP', wire.top_p),
		...(wire.max_output_tokens && wire.max_output_tokens > 0 ? { maxTokens: wire.max_output_tokens } : {}),
		...(wire.include?.includes('message.output_text.logprobs') === true
			? { logprobs: wire.top_logprobs ?? 0 }
			: {}),
		...effortOf(wire.reasoning?.effort, 'reasoning.effort'),
		...passedOn(wire, Object.keys(KNOWN), HARMLESS),
	};
	return {
		request,
		stream: wire.stream === true,
		includeUsage: true,
		ignored: [...dropped, ...skipped, ...ignorable(wire)],
	};
}

const KNOWN = {
	model: 1,
	input: 1,
	instructions: 1,
	stream: 1,
	tools: 1,
	tool_choice: 1,
	text: 1,
	reasoning: 1,
	max_output_tokens: 1,
	temperature: 1,
	top_p: 1,
	top_logprobs: 1,
	include: 1,
	...STATEFUL,
};

/** Records of what OpenAI's own tools have done; no model here knows these tools. */
const OF_HOSTED_TOOLS = new Set([
	'web_search_call',
	'file_search_call',
	'code_interpreter_call',
	'image_generation_call',
	'computer_call',
	'computer_call_output',
	'mcp_list_tools',
	'mcp_call',
	'mcp_approval_request',
	'mcp_approval_response',
	'tool_search_call',
	'tool_search_output',
]);

function messagesOf(
	{ instructions, input }: WireResponses,
	kept: (id: string) => OutputItem | undefined,
): { readonly messages: readonly ChatMessage[]; readonly skipped: readonly string[] } {
	const messages: ChatMessage[] = instructions ? [{ role: 'system', content: instructions }] : [];
	const skipped = new Set<string>();
	if (typeof input === 'string')
		return { messages: [...messages, { role: 'user', content: input }], skipped: [] };
	let reasoning = '';
	input.forEach((given, index) => {
		const where = `input.${index}`;
		const item: Item = given.type === 'item_reference' ? referredTo(given, where, kept) : given;
		switch (item.type ?? 'message') {
			case 'message':
				messages.push(messageOf(item, where, reasoning));
				if (item.role === 'assistant') reasoning = '';
				break;
			case 'reasoning':
				reasoning = textOf(item.content ?? item.summary ?? '', where);
				break;
			case 'function_call':
			case 'custom_tool_call': {
				const call = callOf(item, where);
				const last = messages.at(-1);
				// Calls of one turn are one message, as the model wrote them.
				if (last?.role === 'assistant' && reasoning === '')
					messages[messages.length - 1] = { ...last, toolCalls: [...(last.toolCalls ?? []), call] };
				else
					messages.push({
						role: 'assistant',
						content: '',
						...(reasoning ? { reasoning } : {}),
						toolCalls: [call],
					});
				reasoning = '';
				break;
			}
			case 'function_call_output':
			case 'custom_tool_call_output':
				messages.push(...toolAnswer(item, where));
				break;
			default: {
				const { type = '' } = item;
				if (OF_HOSTED_TOOLS.has(type)) {
					skipped.add(`input.${type}`);
					break;
				}
				throw new GatewayError(
					'invalidRequest',
					`"${where}" is of a kind (${type}) that no engine here reads.`,
					{
						param: where,
					},
				);
			}
		}
	});
	return { messages, skipped: [...skipped] };
}

function callOf(item: Item, where: string): ToolCall {
	const custom = item.type === 'custom_tool_call';
	const tool: ClientTool = {
		name: needed(item, 'name', where),
		...(item.namespace ? { namespace: item.namespace } : {}),
		...(custom ? { custom } : {}),
	};
	const written = custom ? (item.input ?? '') : item.arguments || '{}';
	return { id: needed(item, 'call_id', where), ...modelCall(tool, written) };
}

/** Pictures that a tool returned follow as a message of the user, because engines take only text from tools. */
function toolAnswer(item: Item, where: string): ChatMessage[] {
	const output = item.output ?? '';
	const isPicture = ({ type }: Part): boolean => type === 'input_image';
	const pictures = typeof output === 'string' ? [] : output.filter(isPicture);
	const words = typeof output === 'string' ? output : output.filter((part) => !isPicture(part));
	return [
		{
			role: 'tool',
			toolCallId: needed(item, 'call_id', where),
			content: textOf(words, `${where}.output`),
		},
		...(pictures.length === 0
			? []
			: [{ role: 'user' as const, content: contentOf(pictures, `${where}.output`) }]),
	];
}

function referredTo({ id = '' }: Item, where: string, kept: (id: string) => OutputItem | undefined): Item {
	const item = kept(id);
	if (item !== undefined) return item;
	throw new GatewayError(
		'invalidRequest',
		`"${where}" refers to an item of an earlier response that this gateway does not keep any more: send the item itself.`,
		{ param: where },
	);
}

function messageOf(item: Item, where: string, reasoning: string): ChatMessage {
	const content = item.content ?? '';
	switch (item.role) {
		case 'assistant':
			return { role: 'assistant', content: textOf(content, where), ...(reasoning ? { reasoning } : {}) };
		case 'system':
		case 'developer':
			return { role: 'system', content: textOf(content, where) };
		default:
			return { role: 'user', content: contentOf(content, where) };
	}
}

function needed(item: Item, field: 'call_id' | 'name', where: string): string {
	const value = item[field];
	if (value) return value;
	throw new GatewayError('invalidRequest', `"${where}" needs ${field}.`, { param: `${where}.${field}` });
}

const TEXTS = new Set(['input_text', 'output_text', 'text', 'summary_text', 'reasoning_text']);

function textOf(content: string | readonly Part[], where: string): string {
	if (typeof content === 'string') return content;
	return content
		.map((part, index) => {
			if (TEXTS.has(part.type) && typeof part.text === 'string') return part.text;
			if (part.type === 'refusal') return part.refusal ?? '';
			const param = `${where}.content.${index}`;
			throw new GatewayError('invalidRequest', `"${param}" must be text here.`, { param });
		})
		.join('');
}

function contentOf(content: string | readonly Part[], where: string): string | readonly ContentPart[] {
	if (typeof content === 'string' || content.every(({ type }) => TEXTS.has(type)))
		return textOf(content, where);
	return content.map((part, index): ContentPart => {
		const param = `${where}.content.${index}`;
		if (part.type === 'input_image' && part.image_url) return imageOf(part.image_url, param);
		return { type: 'text', text: textOf([part], where) };
	});
}

function formatOf(format: NonNullable<WireResponses['text']>['format']): { responseFormat?: ResponseFormat } {
	if (!format || format.type === 'text') return {};
	if (format.type === 'json_object') return { responseFormat: { type: 'json' } };
	const { name, schema = {} } = format;
	return { responseFormat: { type: 'jsonSchema', schema, fallback: 'prompt', ...(name ? { name } : {}) } };
}
