import type { JsonSchema } from '../engine';
import { lazyCheck } from './schema';

export interface WirePart {
	readonly type: string;
	readonly text?: string | null;
	readonly refusal?: string | null;
	/** Some clients send the address itself. */
	readonly image_url?: { readonly url: string } | string | null;
}

interface WireCalled {
	readonly name: string;
	/** JSON text; some clients send the object itself, or nothing where there are none. */
	readonly arguments?: string | object | null;
}

export interface WireToolCall {
	readonly id?: string | null;
	readonly function: WireCalled;
}

export interface WireTool {
	readonly type?: string | null;
	readonly function?: {
		readonly name: string;
		readonly description?: string | null;
		readonly parameters?: JsonSchema | null;
		readonly strict?: boolean | null;
	};
}

export type WireToolChoice =
	| 'auto'
	| 'none'
	| 'required'
	/** Mistral's word for required. */
	| 'any'
	| { readonly type?: 'function'; readonly function: { readonly name: string } }
	| {
			readonly type: 'allowed_tools';
			readonly allowed_tools: {
				readonly mode: 'auto' | 'required';
				readonly tools: ReadonlyArray<{ readonly function?: { readonly name?: string } }>;
			};
	  };

export interface WireMessage {
	readonly role: 'system' | 'developer' | 'user' | 'assistant' | 'tool' | 'function';
	readonly content?: string | readonly WirePart[] | null;
	readonly reasoning_content?: string | null;
	readonly reasoning?: string | null;
	readonly tool_calls?: readonly WireToolCall[] | null;
	/** The old form of one tool call. */
	readonly function_call?: WireCalled | null;
	readonly tool_call_id?: string | null;
	readonly name?: string | null;
}

/** Answers that one request may ask for (`n`); each of them is a call to an engine. */
export const MAX_CHOICES = 16;

/** The part of OpenAI's chat completion request that the engines can fulfil. */
export interface WireChat {
	readonly model?: string | null;
	readonly messages: readonly WireMessage[];
	readonly stream?: boolean | null;
	readonly stream_options?: { readonly include_usage?: boolean | null } | null;
	readonly tools?: readonly WireTool[] | null;
	readonly tool_choice?: WireToolChoice | null;
	readonly response_format?: {
		readonly type: 'text' | 'json_object' | 'json_schema';
		readonly json_schema?: { readonly name?: string; readonly schema?: JsonSchema } | null;
		/** llama.cpp's own form, beside `json_object`. */
		readonly schema?: JsonSchema | null;
	} | null;
	readonly stop?: string | readonly string[] | null;
	readonly seed?: number | null;
	readonly n?: number | null;
	readonly temperature?: number | null;
	readonly top_p?: number | null;
	readonly max_tokens?: number | null;
	readonly max_completion_tokens?: number | null;
	readonly logprobs?: boolean | null;
	readonly top_logprobs?: number | null;
	readonly reasoning_effort?: string | null;
	readonly chat_template_kwargs?: {
		readonly enable_thinking?: boolean | null;
		readonly [name: string]: unknown;
	} | null;
	readonly structured_outputs?: { readonly [kind: string]: unknown } | null;
	readonly [field: string]: unknown;
}

const TEXT = { type: 'string' };
const OPTIONAL_TEXT = { type: ['string', 'null'] };
const OPTIONAL_FLAG = { type: ['boolean', 'null'] };
const nullable = (schema: object) => ({ anyOf: [schema, { type: 'null' }] });
const NAMED = { type: 'object', required: ['name'], properties: { name: { type: 'string', minLength: 1 } } };
const CALLED = {
	type: 'object',
	required: ['name'],
	properties: { name: TEXT, arguments: { type: ['string', 'object', 'null'] } },
};

const MESSAGE = {
	type: 'object',
	required: ['role'],
	properties: {
		role: { enum: ['system', 'developer', 'user', 'assistant', 'tool', 'function'] },
		content: {
			type: ['string', 'array', 'null'],
			items: {
				type: 'object',
				required: ['type'],
				properties: {
					type: TEXT,
					text: OPTIONAL_TEXT,
					refusal: OPTIONAL_TEXT,
					image_url: { type: ['object', 'string', 'null'], required: ['url'], properties: { url: TEXT } },
				},
			},
		},
		reasoning_content: OPTIONAL_TEXT,
		reasoning: OPTIONAL_TEXT,
		tool_call_id: OPTIONAL_TEXT,
		name: OPTIONAL_TEXT,
		function_call: nullable(CALLED),
		tool_calls: {
			type: ['array', 'null'],
			items: {
				type: 'object',
				required: ['function'],
				properties: { id: OPTIONAL_TEXT, function: CALLED },
			},
		},
	},
};

const TOOL = {
	type: 'object',
	required: ['type'],
	properties: {
		type: TEXT,
		function: {
			type: 'object',
			required: ['name'],
			properties: {
				name: { type: 'string', minLength: 1 },
				description: OPTIONAL_TEXT,
				parameters: { type: ['object', 'null'] },
				strict: OPTIONAL_FLAG,
			},
		},
	},
	if: { properties: { type: { const: 'function' } } },
	then: { required: ['function'] },
};

const TOOL_CHOICE = {
	if: { type: 'string' },
	then: { enum: ['auto', 'none', 'required', 'any'] },
	else: {
		if: { type: 'object', properties: { type: { const: 'allowed_tools' } }, required: ['type'] },
		then: {
			required: ['allowed_tools'],
			properties: {
				allowed_tools: {
					type: 'object',
					required: ['mode', 'tools'],
					properties: {
						mode: { enum: ['auto', 'required'] },
						tools: { type: 'array', items: { type: 'object', properties: { function: NAMED } } },
					},
				},
			},
		},
		else: { type: 'object', required: ['function'], properties: { function: NAMED } },
	},
};

export const checkChat = lazyCheck<WireChat>({
	type: 'object',
	required: ['messages'],
	properties: {
		model: OPTIONAL_TEXT,
		messages: { type: 'array', minItems: 1, items: MESSAGE },
		stream: OPTIONAL_FLAG,
		stream_options: { type: ['object', 'null'], properties: { include_usage: OPTIONAL_FLAG } },
		tools: { type: ['array', 'null'], items: TOOL },
		tool_choice: nullable(TOOL_CHOICE),
		response_format: {
			type: ['object', 'null'],
			required: ['type'],
			properties: {
				type: { enum: ['text', 'json_object', 'json_schema'] },
				json_schema: {
					type: ['object', 'null'],
					properties: { name: TEXT, schema: { type: 'object' } },
				},
				schema: { type: ['object', 'null'] },
			},
			if: { type: 'object', properties: { type: { const: 'json_schema' } } },
			then: { required: ['json_schema'], properties: { json_schema: { type: 'object' } } },
		},
		stop: { type: ['string', 'array', 'null'], items: TEXT, maxItems: 16 },
		seed: { type: ['integer', 'null'] },
		n: { type: ['integer', 'null'], minimum: 1, maximum: MAX_CHOICES },
		temperature: { type: ['number', 'null'], minimum: 0 },
		top_p: { type: ['number', 'null'], minimum: 0, maximum: 1 },
		max_tokens: { type: ['integer', 'null'], minimum: -1 },
		max_completion_tokens: { type: ['integer', 'null'], minimum: -1 },
		logprobs: OPTIONAL_FLAG,
		top_logprobs: { type: ['integer', 'null'], minimum: 0, maximum: 20 },
		reasoning_effort: OPTIONAL_TEXT,
		chat_template_kwargs: { type: ['object', 'null'], properties: { enable_thinking: OPTIONAL_FLAG } },
		structured_outputs: { type: ['object', 'null'] },
	},
});
