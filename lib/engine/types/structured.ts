import type { ChatResult } from './chat';
import type { ChatMessage } from './messages';

export interface ExtractOptions {
	/** How often the model is shown its errors and asked again. Default 2. */
	readonly maxRepairs?: number;
}

export type ExtractResult<T> = { readonly value: T; readonly repairs: number } & ChatResult;

export interface ClassifyRequest {
	readonly model?: string;
	readonly text: string;
	readonly labels: readonly { readonly name: string; readonly description?: string }[];
	/** What the classes are about, put before the text. */
	readonly instructions?: string;
	/** Offers "none of these" (label `null` in the result). Default true. */
	readonly allowNone?: boolean;
	/** Below this confidence the label is `null`. Only where the engine gives log-probabilities. */
	readonly minConfidence?: number;
}

export interface ClassifyResult {
	readonly label: string | null;
	/** 0–1; absent where the engine gives no log-probabilities. */
	readonly confidence?: number;
	/** Share of each label among the alternatives of the deciding token, where the engine gives them. */
	readonly shares?: { readonly [label: string]: number };
	/** What the model was asked. */
	readonly messages: readonly ChatMessage[];
	readonly result: ChatResult;
}
