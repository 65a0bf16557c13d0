import {
	type CallOptions,
	type ChatEvent,
	type ChatRequest,
	type ChatResult,
	EngineError,
	type Engines,
	type Passage,
	type ToolDefinition,
} from '../../../lib/engine';
import { tryJson } from '../runtime/values';

type Chat = Pick<Engines, 'chat' | 'complete'>;

/** Arguments that are questions, by their usual names. */
const QUESTION = /^(question|query|input|search|search_?query|q)$/i;

/**
 * What an agent can do without a language model: hand the question to a search tool, and answer with the sentences found that
 * fit it best, cited. `complete` is an engine pool's, whose built-in tier answers from passages.
 *
 * @throws EngineError `unsupported` for everything else: that takes an engine
 */
export function builtinAgent(complete: Engines['complete']): Chat {
	const take = (request: ChatRequest, call?: CallOptions): Promise<ChatResult> =>
		step(complete, request, call);
	return {
		complete: take,
		chat: async function* (request, call): AsyncGenerator<ChatEvent, undefined> {
			const { text, toolCalls, engine, model, attempts, finishReason, usage, timings } = await take(
				request,
				call,
			);
			yield { type: 'start', engine, model, attempts };
			if (text !== '') yield { type: 'text', text };
			for (const [index, { id, name, arguments: argumentsDelta }] of toolCalls.entries())
				yield { type: 'toolCall', index, id, name, argumentsDelta };
			yield { type: 'end', finishReason, usage, timings };
		},
	};
}

async function step(
	complete: Engines['complete'],
	request: ChatRequest,
	call?: CallOptions,
): Promise<ChatResult> {
	const asked = request.messages.findLastIndex(({ role }) => role === 'user');
	const question = textOf(request.messages[asked]);
	const found = request.messages.slice(asked + 1).filter(({ role }) => role === 'tool');
	if (found.length > 0) {
		const passages = found.flatMap((result) => passagesIn(textOf(result)));
		const result = await complete({ messages: request.messages, passages, question }, call);
		return { ...result, text: withSources(result, passages) };
	}
	const search = request.tools?.map(searchCall(question)).find((each) => each !== undefined);
	if (search === undefined) {
		throw new EngineError(
			'unsupported',
			'Without an engine this model can only search and quote: an agent needs a tool that takes a question (Local Engine Vector Store). For anything else choose a Local Engine API credential in the model.',
		);
	}
	return {
		engine: 'built-in',
		model: 'extractive',
		dialect: 'builtin',
		text: '',
		reasoning: '',
		toolCalls: [search],
		finishReason: 'toolCalls',
		usage: { promptTokens: 0, completionTokens: 0, estimated: true },
		timings: { queueMs: 0, firstTokenMs: 0, totalMs: 0 },
		attempts: [{ engine: 'built-in', model: 'extractive', outcome: 'ok', queueMs: 0, ms: 0 }],
	};
}

/** A call of a tool that takes a question and needs nothing else. */
const searchCall = (question: string) => (tool: ToolDefinition) => {
	const { properties = {}, required = [] } = tool.parameters as {
		readonly properties?: { readonly [name: string]: unknown };
		readonly required?: readonly string[];
	};
	const name = Object.keys(properties).find((each) => QUESTION.test(each));
	if (name === undefined || required.some((each) => each !== name)) return undefined;
	return { id: '', name: tool.name, arguments: JSON.stringify({ [name]: question }) };
};

function textOf(message: ChatRequest['messages'][number] | undefined): string {
	const content = message?.content ?? '';
	return typeof content === 'string'
		? content
		: content.map((part) => (part.type === 'text' ? part.text : '')).join('\n');
}

/** Passages in what a search tool returned: this pack's numbered ones, LangChain's documents, or just its text. */
function passagesIn(value: unknown): Passage[] {
	if (Array.isArray(value)) return value.flatMap(passagesIn);
	if (typeof value === 'string') {
		const { value: parsed } = /^\s*[[{"]/.test(value) ? tryJson(value) : {};
		return typeof parsed === 'object' || typeof parsed === 'string' ? passagesIn(parsed) : numbered(value);
	}
	if (typeof value !== 'object' || value === null) return [];
	if ('pageContent' in value && typeof value.pageContent === 'string') {
		const metadata: unknown = 'metadata' in value ? value.metadata : undefined;
		const source =
			typeof metadata === 'object' && metadata !== null && 'source' in metadata ? metadata.source : undefined;
		return [{ text: value.pageContent, ...(typeof source === 'string' && { source }) }];
	}
	// A part of a message, or a passage as Vector Index → Search gives it; nothing else in it is text to quote.
	if ('text' in value && typeof value.text === 'string') {
		const source = 'source' in value && typeof value.source === 'string' ? { source: value.source } : {};
		return passagesIn(value.text).map((passage) => ({ ...source, ...passage }));
	}
	return Object.values(value).flatMap(passagesIn);
}

/** "[1] source: keys.md | …" above the text of each, as the Local Engine Vector Store writes them. */
function numbered(text: string): Passage[] {
	const heads = [...text.matchAll(/^\[\d+\] source: ([^|\n]+)[^\n]*\n/gm)];
	if (heads.length === 0) return text.trim() === '' ? [] : [{ text }];
	return heads.map((head, i) => ({
		source: (head[1] ?? '').trim(),
		text: text.slice(head.index + head[0].length, heads[i + 1]?.index).trim(),
	}));
}

function withSources({ text, cited = [] }: ChatResult, passages: readonly Passage[]): string {
	const sources = cited.flatMap((place) => {
		const { source } = passages[place] ?? {};
		return source === undefined ? [] : [`[${place + 1}] ${source}`];
	});
	return sources.length === 0 ? text : `${text}\n\n${sources.join('\n')}`;
}
