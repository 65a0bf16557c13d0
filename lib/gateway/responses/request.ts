import type {
	ChatMessage,
	ChatRequest,
	ContentPart,
	JsonSchema,
	ResponseFormat,
	ToolChoice,
	ToolDefinition,
} from '../../engine';
import { effortOf, given, imageOf, ignorable, passedOn } from '../chatFields';
import { GatewayError } from '../errors';
import type { ParsedChat } from '../protocol';
import { lazyCheck } from '../schema';
import type { OutputItem } from './answer';

interface Part {
	readonly type: string;
	readonly text?: string;
	readonly refusal?: string;
	readonly image_url?: string | null;
}

interface Item {
	readonly id?: string;
	readonly type?: string;
	readonly role?: string;
	readonly content?: string | readonly Part[] | null;
	readonly summary?: readonly Part[];
	readonly call_id?: string;
	readonly name?: string;
	readonly arguments?: string;
	readonly output?: string | readonly Part[];
}

interface Tool {
	readonly type: string;
	readonly name?: string;
	readonly description?: string | null;
	readonly parameters?: JsonSchema | null;
	readonly strict?: boolean | null;
}

interface AllowedTools {
	readonly type: 'allowed_tools';
	readonly mode: 'auto' | 'required';
	readonly tools: ReadonlyArray<{ readonly name?: string }>;
}

/** The part of OpenAI's `POST /responses` that can be answered without keeping anything. */
export interface WireResponses {
	readonly model?: string | null;
	readonly input: string | readonly Item[];
	readonly instructions?: string | null;
	readonly stream?: boolean | null;
	readonly tools?: readonly Tool[] | null;
	readonly tool_choice?: string | { readonly type: 'function'; readonly name: string } | AllowedTools | null;
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
		properties: { type: TEXT, text: TEXT, refusal: TEXT, image_url: OPTIONAL_TEXT },
	},
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
					role: { enum: ['system', 'developer', 'user', 'assistant'] },
					content: PARTS,
					call_id: TEXT,
					name: TEXT,
					arguments: TEXT,
					output: PARTS,
				},
			},
		},
		instructions: OPTIONAL_TEXT,
		stream: { type: ['boolean', 'null'] },
		tools: {
			type: ['array', 'null'],
			items: {
				type: 'object',
				required: ['type'],
				properties: {
					type: TEXT,
					name: TEXT,
					description: OPTIONAL_TEXT,
					parameters: { type: ['object', 'null'] },
					strict: { type: ['boolean', 'null'] },
				},
				if: { properties: { type: { const: 'function' } } },
				then: { required: ['name'] },
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
	const { tools, choice, dropped } = toolsOf(wire);
	const request: ChatRequest = {
		...(wire.model ? { model: wire.model } : {}),
		messages: messagesOf(wire, kept),
		...(tools.length > 0 ? { tools } : {}),
		...(choice === undefined || tools.length === 0 ? {} : { toolChoice: choice }),
		...formatOf(wire.text?.format),
		...given('temperature', wire.temperature),
		...given('topP', wire.top_p),
		...(wire.max_output_tokens ? { maxTokens: wire.max_output_tokens } : {}),
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
		ignored: [...dropped, ...ignorable(wire)],
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

function messagesOf(
	{ instructions, input }: WireResponses,
	kept: (id: string) => OutputItem | undefined,
): ChatMessage[] {
	const messages: ChatMessage[] = instructions ? [{ role: 'system', content: instructions }] : [];
	if (typeof input === 'string') return [...messages, { role: 'user', content: input }];
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
			case 'function_call': {
				const call = {
					id: needed(item, 'call_id', where),
					name: needed(item, 'name', where),
					arguments: item.arguments ?? '{}',
				};
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
				messages.push({
					role: 'tool',
					toolCallId: needed(item, 'call_id', where),
					content: textOf(item.output ?? '', `${where}.output`),
				});
				break;
			default:
				throw new GatewayError(
					'invalidRequest',
					`"${where}" is of a kind (${item.type}) that no engine here reads.`,
					{
						param: where,
					},
				);
		}
	});
	return messages;
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
			if (TEXTS.has(part.type) && part.text !== undefined) return part.text;
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

function toolsOf({ tools: wire, tool_choice: choice }: WireResponses): {
	readonly tools: readonly ToolDefinition[];
	readonly choice?: ToolChoice;
	readonly dropped: readonly string[];
} {
	const all = wire ?? [];
	const only =
		typeof choice === 'object' && choice?.type === 'allowed_tools'
			? choice.tools.map(({ name }) => name)
			: undefined;
	const tools = all
		.filter(({ type, name }) => type === 'function' && (only === undefined || only.includes(name)))
		.map(({ name = '', description, parameters, strict }) => ({
			name,
			...(description ? { description } : {}),
			parameters: parameters ?? { type: 'object', properties: {} },
			...(strict ? { strict } : {}),
		}));
	// Tools that OpenAI runs itself (web search, code interpreter); the model is simply not offered them.
	const dropped = all.filter(({ type }) => type !== 'function').map(({ type }) => `tools.${type}`);
	return { tools, choice: choiceOf(choice), dropped: [...new Set(dropped)] };
}

function choiceOf(choice: WireResponses['tool_choice']): ToolChoice | undefined {
	if (choice === undefined || choice === null) return undefined;
	if (choice === 'auto' || choice === 'none' || choice === 'required') return choice;
	if (typeof choice === 'object' && choice.type === 'function') return { name: choice.name };
	if (typeof choice === 'object' && choice.type === 'allowed_tools') return choice.mode;
	throw new GatewayError('invalidRequest', '"tool_choice" must be auto, none, required or a function.', {
		param: 'tool_choice',
	});
}

function formatOf(format: NonNullable<WireResponses['text']>['format']): { responseFormat?: ResponseFormat } {
	if (!format || format.type === 'text') return {};
	if (format.type === 'json_object') return { responseFormat: { type: 'json' } };
	const { name, schema = {} } = format;
	return { responseFormat: { type: 'jsonSchema', schema, fallback: 'prompt', ...(name ? { name } : {}) } };
}
