import type { ChatMessage, ChatRequest, ContentPart } from '../engine';
import { GatewayError } from './errors';

/** What several of the protocols read in the same way. */

/** A field of the neutral request where the client gave one. */
export function given<K extends string, V>(
	name: K,
	value: V | null | undefined,
): { readonly [key in K]?: V } {
	if (value === undefined || value === null) return {};
	const field: { [key in K]?: V } = {};
	field[name] = value;
	return field;
}

export function imageOf(url: string, param: string): ContentPart {
	const data = /^data:([a-z0-9.+/-]+);base64,/i.exec(url);
	if (data?.[1]) return { type: 'image', mediaType: data[1], data: url.slice(data[0].length) };
	if (/^https?:\/\//i.test(url)) return { type: 'image', url };
	throw new GatewayError('invalidRequest', `"${param}" must be a data: URL with base64 or an http(s) URL.`, {
		param,
	});
}

const EFFORTS: { readonly [word: string]: ChatRequest['reasoning'] } = {
	none: 'off',
	minimal: 'off',
	low: 'low',
	medium: 'medium',
	high: 'high',
	// Words of newer models; no engine has more than high.
	xhigh: 'high',
	max: 'high',
};

/** A wish for more or less thinking: an engine without such a switch answers without it. */
export function effortOf(
	effort: string | null | undefined,
	param: string,
): Pick<ChatRequest, 'reasoning' | 'reasoningIsWish'> {
	if (!effort) return {};
	const reasoning = EFFORTS[effort];
	if (reasoning === undefined)
		throw new GatewayError(
			'invalidRequest',
			`"${param}" must be none, minimal, low, medium, high or xhigh.`,
			{
				param,
			},
		);
	return { reasoning, reasoningIsWish: true };
}

/** Wishes that no engine fulfils. */
const NOBODY_TAKES = [
	'prediction',
	'web_search_options',
	'modalities',
	'context_management',
	'mcp_servers',
	'container',
];

/** Values by which OpenAI's clients say "as usual"; in other fields 0 and false are wishes (`keep_alive: 0`, `parallel_tool_calls: false`). */
const AS_USUAL: { readonly [field: string]: unknown } = {
	presence_penalty: 0,
	frequency_penalty: 0,
	logprobs: false,
	echo: false,
	best_of: 1,
};

function asksForSomething(field: string, value: unknown): boolean {
	if (value === undefined || value === null || value === AS_USUAL[field]) return false;
	return !(typeof value === 'object' && Object.keys(value).length === 0);
}

/** The fields of a request that would have changed the answer and cannot. */
export const ignorable = (wire: { readonly [field: string]: unknown }): string[] =>
	NOBODY_TAKES.filter((field) => asksForSomething(field, wire[field]));

/** Further fields, for the engine that is chosen: it gets those that it takes, the others are named in the answer's header. */
export function passedOn(
	wire: { readonly [field: string]: unknown },
	known: readonly string[],
	harmless: readonly string[],
): Pick<ChatRequest, 'extra'> {
	const skipped = new Set([...known, ...harmless, ...NOBODY_TAKES]);
	const extra = Object.fromEntries(
		Object.entries(wire).filter(([field, value]) => !skipped.has(field) && asksForSomething(field, value)),
	);
	return Object.keys(extra).length === 0 ? {} : { extra };
}

/**
 * Several system messages at the beginning as one: the chat templates of many models (Qwen, Mistral) refuse a second one, and
 * agents send their rules in pieces.
 */
export function leadingSystemAsOne(messages: readonly ChatMessage[]): ChatMessage[] {
	const end = messages.findIndex(({ role }) => role !== 'system');
	const leading = end === -1 ? messages : messages.slice(0, end);
	if (leading.length < 2) return [...messages];
	const parts = leading.map(({ content }) => (typeof content === 'string' ? content : ''));
	return [{ role: 'system', content: parts.join('\n\n') }, ...messages.slice(leading.length)];
}
