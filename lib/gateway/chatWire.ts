import type { JsonSchema } from '../engine';
import { lazyCheck } from './schema';

export interface WirePart {
	readonly type: string;
	readonly text?: string;
	readonly refusal?: string;
	readonly image_url?: { readonly url: string };
}

export interface WireToolCall {
	readonly id: string;
	readonly function: { readonly name: string; readonly arguments: string };
}

export interface WireMessage {
	readonly role: 'system' | 'developer' | 'user' | 'assistant' | 'tool' | 'function';
	readonly content?: string | readonly WirePart[] | null;
	readonly reasoning_content?: string | null;
	readonly reasoning?: string | null;
	readonly tool_calls?: readonly WireToolCall[] | null;
	readonly tool_call_id?: string;
	readonly name?: string;
}

/** The part of OpenAI's chat completion request that the engines can fulfil. */
export interface WireChat {
	readonly model?: string | null;
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
	readonly chat_template_kwargs?: {
		readonly enable_thinking?: boolean;
		readonly [name: string]: unknown;
	} | null;
	readonly structured_outputs?: { readonly [kind: string]: unknown } | null;
	readonly [field: string]: unknown;
}

const TEXT = { type: 'string' };
const nullable = (schema: object) => ({ anyOf: [schema, { type: 'null' }] });
const NAMED = { type: 'object', required: ['name'], properties: { name: { type: 'string', minLength: 1 } } };

export const checkChat = lazyCheck<WireChat>({
	type: 'object',
	required: ['messages'],
	properties: {
		model: { type: ['string', 'null'] },
		messages: {
			type: 'array',
			minItems: 1,
			items: {
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
		max_tokens: { type: ['integer', 'null'], minimum: -1 },
		max_completion_tokens: { type: ['integer', 'null'], minimum: -1 },
		logprobs: { type: ['boolean', 'null'] },
		top_logprobs: { type: ['integer', 'null'], minimum: 0, maximum: 20 },
		reasoning_effort: { type: ['string', 'null'] },
		chat_template_kwargs: { type: ['object', 'null'], properties: { enable_thinking: { type: 'boolean' } } },
		structured_outputs: { type: ['object', 'null'] },
	},
});
