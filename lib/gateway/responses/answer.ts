import type { ChatResult, FinishReason, TokenLogprob, Usage } from '../../engine';
import { toLogprob } from '../chatAnswer';
import type { ExchangeLog } from '../exchange';
import { clientTools, customInput, type ClientTool } from './tools';

/** An entry of a response's `output`. */
export type OutputItem =
	| {
			readonly id: string;
			readonly type: 'reasoning';
			readonly status: string;
			readonly summary: readonly [];
			readonly content: ReadonlyArray<{ readonly type: 'reasoning_text'; readonly text: string }>;
	  }
	| {
			readonly id: string;
			readonly type: 'message';
			readonly role: 'assistant';
			readonly status: string;
			readonly content: readonly TextPart[];
	  }
	| CallItem;

/** A call of a tool, as the client knows that tool. */
export type CallItem = {
	readonly id: string;
	readonly status: string;
	readonly call_id: string;
	readonly name: string;
	readonly namespace?: string;
} & (
	| { readonly type: 'function_call'; readonly arguments: string }
	| { readonly type: 'custom_tool_call'; readonly input: string }
);

/** @param args what the model wrote so far */
export function callItem(
	call: { readonly id: string; readonly callId: string; readonly tool: ClientTool },
	status: string,
	args: string,
): CallItem {
	const { id, callId, tool } = call;
	const { name, namespace } = tool;
	const head = { id, status, call_id: callId, name, ...(namespace === undefined ? {} : { namespace }) };
	return tool.custom === true
		? { ...head, type: 'custom_tool_call', input: customInput(args) }
		: { ...head, type: 'function_call', arguments: args };
}

export interface TextPart {
	readonly type: 'output_text';
	readonly text: string;
	readonly annotations: readonly [];
	readonly logprobs: readonly object[];
}

export const textPart = (text: string, logprobs: readonly TokenLogprob[] = []): TextPart => ({
	type: 'output_text',
	text,
	annotations: [],
	logprobs: logprobs.map(toLogprob),
});

/** Ids of a response's items: the response's own, numbered, so that they are the same in the stream and in the whole. */
export const itemId = (kind: 'rs' | 'msg' | 'fc' | 'ctc', log: ExchangeLog, index: number): string =>
	`${kind}_${log.id.slice(log.id.search(/[-_]/) + 1)}${index}`;

export const kindOf = ({ custom }: ClientTool): 'fc' | 'ctc' => (custom === true ? 'ctc' : 'fc');

/** What comes of an answer's end. */
export interface End {
	readonly finishReason: FinishReason;
	readonly usage: Usage;
}

/** The whole answer as a response object, and its items. */
export function toResponse(
	result: ChatResult,
	log: ExchangeLog,
	body: object,
): { readonly output: readonly OutputItem[]; readonly response: object } {
	const output: OutputItem[] = [];
	const { text, reasoning, toolCalls, logprobs } = result;
	if (reasoning !== '') {
		const content = [{ type: 'reasoning_text', text: reasoning } as const];
		output.push({
			id: itemId('rs', log, output.length),
			type: 'reasoning',
			status: 'completed',
			summary: [],
			content,
		});
	}
	if (text !== '' || toolCalls.length === 0) {
		const id = itemId('msg', log, output.length);
		const status = result.finishReason === 'length' ? 'incomplete' : 'completed';
		output.push({ id, type: 'message', role: 'assistant', status, content: [textPart(text, logprobs)] });
	}
	const known = clientTools(body);
	for (const { id: callId, name, arguments: args } of toolCalls) {
		const tool = known.get(name) ?? { name };
		output.push(callItem({ id: itemId(kindOf(tool), log, output.length), callId, tool }, 'completed', args));
	}
	return { output, response: responseObject(log, body, result.model, output, result) };
}

/** `end` absent: it is still being written. */
export function responseObject(
	log: ExchangeLog,
	body: object,
	model: string,
	output: readonly OutputItem[],
	end?: End,
): object {
	const asked = { ...body } as { readonly [field: string]: unknown };
	const cut = end?.finishReason === 'length' || end?.finishReason === 'filtered';
	return {
		id: log.id,
		object: 'response',
		created_at: log.created,
		status: end === undefined ? 'in_progress' : cut ? 'incomplete' : 'completed',
		background: false,
		error: null,
		incomplete_details: cut
			? { reason: end?.finishReason === 'length' ? 'max_output_tokens' : 'content_filter' }
			: null,
		instructions: asked.instructions ?? null,
		max_output_tokens: asked.max_output_tokens ?? null,
		metadata: asked.metadata ?? {},
		model,
		output,
		parallel_tool_calls: asked.parallel_tool_calls ?? true,
		previous_response_id: null,
		reasoning: asked.reasoning ?? { effort: null, summary: null },
		store: false,
		temperature: asked.temperature ?? null,
		text: asked.text ?? { format: { type: 'text' } },
		tool_choice: asked.tool_choice ?? 'auto',
		tools: asked.tools ?? [],
		top_p: asked.top_p ?? null,
		truncation: 'disabled',
		usage: end === undefined ? null : toUsage(end.usage),
	};
}

function toUsage({ promptTokens, completionTokens, cachedTokens = 0, reasoningTokens = 0 }: Usage): object {
	return {
		input_tokens: promptTokens,
		input_tokens_details: { cached_tokens: cachedTokens },
		output_tokens: completionTokens,
		output_tokens_details: { reasoning_tokens: reasoningTokens },
		total_tokens: promptTokens + completionTokens,
	};
}
