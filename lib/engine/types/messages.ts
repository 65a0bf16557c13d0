/** A JSON Schema (draft 7 or 2020-12), as plain data. */
export type JsonSchema = { readonly [keyword: string]: unknown };

export type ContentPart =
	| { readonly type: 'text'; readonly text: string }
	/** `data` is base64 without the `data:` prefix. */
	| { readonly type: 'image'; readonly data: string; readonly mediaType: string }
	/** Fetched by the engine itself, where it does such a thing. */
	| { readonly type: 'image'; readonly url: string };

export type ChatMessage =
	| { readonly role: 'system' | 'user'; readonly content: string | readonly ContentPart[] }
	| {
			readonly role: 'assistant';
			readonly content: string;
			/** Thinking of an earlier turn; sent back where the engine wants it between tool turns. */
			readonly reasoning?: string;
			readonly toolCalls?: readonly ToolCall[];
	  }
	| { readonly role: 'tool'; readonly toolCallId: string; readonly name?: string; readonly content: string };

export interface ToolDefinition {
	readonly name: string;
	readonly description?: string;
	/** JSON Schema of the arguments; `{ type: 'object', properties: {} }` when there are none. */
	readonly parameters: JsonSchema;
	/** Ask the engine to hold the arguments to the schema (vLLM does so only then). */
	readonly strict?: boolean;
}

export interface ToolCall {
	readonly id: string;
	readonly name: string;
	/** JSON text as the model wrote it. */
	readonly arguments: string;
	/** Why `arguments` is not a JSON object (cut off, or broken by the model); absent when it parses. */
	readonly invalid?: string;
}

export type ToolChoice = 'auto' | 'none' | 'required' | { readonly name: string };

/** What had arrived of an answer that broke off. */
export interface ChatPartial {
	readonly text: string;
	readonly reasoning: string;
	readonly toolCalls: readonly ToolCall[];
}
