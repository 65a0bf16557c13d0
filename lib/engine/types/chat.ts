import type { Attempt } from '../errors';
import type { Dialect } from './address';
import type { ChatMessage, ChatPartial, JsonSchema, ToolChoice, ToolDefinition } from './messages';

export type ResponseFormat =
	| { readonly type: 'json' }
	/** `fallback: 'prompt'`: an engine without constrained decoding gets the schema as an instruction instead. */
	| {
			readonly type: 'jsonSchema';
			readonly schema: JsonSchema;
			readonly name?: string;
			readonly fallback?: 'prompt';
	  }
	| { readonly type: 'regex'; readonly pattern: string }
	| { readonly type: 'choice'; readonly options: readonly string[]; readonly fallback?: 'prompt' }
	/** llama.cpp: GBNF; vLLM, SGLang, TensorRT-LLM: EBNF of their grammar back end. */
	| { readonly type: 'grammar'; readonly grammar: string };

/** A passage the answer is to be taken from; only the built-in answerer reads these, engines get them in `messages`. */
export interface Passage {
	readonly text: string;
	readonly source?: string;
}

/** A part of a passage that an answer rests on. */
export interface PassageQuote {
	/** As it is shown: on one line, a table row with the names of its columns. */
	readonly text: string;
	/** Position of the passage, from 0. */
	readonly passage: number;
	/** UTF-16 offsets in the text of the passage. */
	readonly start: number;
	readonly end: number;
}

export interface ChatRequest {
	/** Absent: the engine's `models.chat`, else the model it has loaded, else its first one. */
	readonly model?: string;
	readonly messages: readonly ChatMessage[];
	readonly tools?: readonly ToolDefinition[];
	readonly toolChoice?: ToolChoice;
	readonly responseFormat?: ResponseFormat;
	readonly stop?: readonly string[];
	readonly seed?: number;
	readonly temperature?: number;
	readonly topP?: number;
	/** Upper bound of generated tokens, thinking included; at least 1. */
	readonly maxTokens?: number;
	/** Log-probabilities of the tokens written, with this many alternatives each (0–20). */
	readonly logprobs?: number;
	/** `off` asks for no thinking, a word asks for that much; absent leaves it to the model. */
	readonly reasoning?: 'off' | 'on' | 'low' | 'medium' | 'high';
	/** true: `reasoning` is a wish; an engine or model without such a switch answers all the same. */
	readonly reasoningIsWish?: boolean;
	/** Further fields in the words of engines (`top_k`, `repeat_penalty`, `chat_template_kwargs` …): each gets those that it takes. */
	readonly extra?: { readonly [field: string]: unknown };
	/** How long Ollama keeps the model in memory: "10m", "-1" for ever, "0" not at all. Others hold it until they stop. */
	readonly keepAlive?: string;
	/** Context window in tokens to load the model with (Ollama); elsewhere it is fixed when the engine starts. */
	readonly contextSize?: number;
	/** With `question`: what the built-in tier answers from. */
	readonly passages?: readonly Passage[];
	readonly question?: string;
	/** The built-in tier rather says that it does not know than to quote what may not answer. */
	readonly onlyWhenSure?: boolean;
	/** Whose passages the built-in answerer remembers having read: another scope's are read again, so that time tells nothing. Default: nobody's. */
	readonly memoryScope?: string;
}

export interface Usage {
	readonly promptTokens: number;
	readonly completionTokens: number;
	/** Prompt tokens served from the engine's prefix cache; absent where the engine does not tell. */
	readonly cachedTokens?: number;
	readonly reasoningTokens?: number;
	/** Speculative decoding: tokens that the small model proposed, and those that the large one kept (llama.cpp). */
	readonly draftTokens?: number;
	readonly acceptedDraftTokens?: number;
	/** true: the engine sent no figures; completion tokens are the pieces that arrived, prompt tokens a quarter of its characters. */
	readonly estimated?: boolean;
}

/** Milliseconds on the client's clock, but `loadMs`, which the engine reports. */
export interface Timings {
	/** In our own queue, before the request was sent. */
	readonly queueMs: number;
	/** Loading the model, where the engine says so (Ollama). */
	readonly loadMs?: number;
	/** From sending the request to the first token of text, reasoning or a tool call. */
	readonly firstTokenMs: number;
	/** Mean time per output token after the first. */
	readonly perTokenMs?: number;
	/** From the call to its end, failed attempts included. */
	readonly totalMs: number;
}

export interface TokenLogprob {
	readonly token: string;
	readonly logprob: number;
	readonly top?: readonly { readonly token: string; readonly logprob: number }[];
}

export type FinishReason = 'stop' | 'length' | 'toolCalls' | 'filtered';

export type ChatEvent =
	/** Comes with the first token: until then another engine may still take over. */
	| {
			readonly type: 'start';
			readonly engine: string;
			readonly model: string;
			readonly attempts: readonly Attempt[];
			/** Fields of `extra` that this engine does not take. */
			readonly ignored?: readonly string[];
	  }
	/** Pieces that arrive faster than they are read are joined. */
	| { readonly type: 'text'; readonly text: string; readonly logprobs?: readonly TokenLogprob[] }
	| { readonly type: 'reasoning'; readonly text: string }
	| {
			readonly type: 'toolCall';
			readonly index: number;
			readonly id: string;
			readonly name: string;
			readonly argumentsDelta: string;
	  }
	| {
			readonly type: 'end';
			readonly finishReason: FinishReason;
			readonly usage: Usage;
			readonly timings: Timings;
			/** Such as tool arguments that are not JSON. */
			readonly warnings?: readonly string[];
	  };

export interface ChatResult extends ChatPartial {
	readonly engine: string;
	readonly model: string;
	readonly dialect: Dialect;
	readonly finishReason: FinishReason;
	readonly usage: Usage;
	readonly timings: Timings;
	readonly attempts: readonly Attempt[];
	readonly logprobs?: readonly TokenLogprob[];
	readonly warnings?: readonly string[];
	/** Fields of the request's `extra` that this engine does not take. */
	readonly ignored?: readonly string[];
	/** Built-in answerer only: positions (from 0) of the passages it cites, what it quotes, and whether it found anything. */
	readonly cited?: readonly number[];
	readonly quotes?: readonly PassageQuote[];
	readonly found?: boolean;
}
