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
import { answerWithSources } from '../../../lib/answering';
import { isNestedTooDeep } from '../../../lib/support';
import { QUOTED } from '../runtime/answerNotes';
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

/** How often JSON is looked for inside a text: n8n wraps the output of a tool once. Below that a text is a text. */
const MAX_WRAPPED = 2;

/**
 * Passages in what a search tool returned: this pack's, LangChain's documents, or just its text. A source is only what stands beside
 * a text as data: the text of a passage is never read as JSON, or a document could name a source for itself.
 */
function passagesIn(value: unknown, wrapped = 0): Passage[] {
	if (Array.isArray(value)) return value.flatMap((entry) => passagesIn(entry, wrapped));
	if (typeof value === 'string') {
		const parsed = wrapped < MAX_WRAPPED ? parsedObject(value) : undefined;
		if (parsed !== undefined) return passagesIn(parsed, wrapped + 1);
		return value.trim() === '' ? [] : [{ text: value }];
	}
	if (typeof value !== 'object' || value === null) return [];
	if ('pageContent' in value && typeof value.pageContent === 'string') {
		const metadata: unknown = 'metadata' in value ? value.metadata : undefined;
		return [{ text: value.pageContent, ...sourceOf(metadata) }];
	}
	if ('text' in value && typeof value.text === 'string') {
		// A part of a message wraps what the tool said; every other text is a passage's.
		if ('type' in value && value.type === 'text') return passagesIn(value.text, wrapped);
		return [{ text: value.text, ...sourceOf(value) }];
	}
	// Of an answer with passages, its other texts (how to cite) are not to be quoted.
	if ('passages' in value) return passagesIn(value.passages, wrapped);
	return Object.values(value).flatMap((entry) => passagesIn(entry, wrapped));
}

function sourceOf(value: unknown): { readonly source?: string } {
	const source = typeof value === 'object' && value !== null && 'source' in value ? value.source : undefined;
	return typeof source === 'string' ? { source } : {};
}

/** The list, object or text in a JSON text. */
function parsedObject(text: string): unknown {
	const start = text.trimStart().charAt(0);
	if ((start !== '[' && start !== '{' && start !== '"') || isNestedTooDeep(text)) return undefined;
	const { value } = tryJson(text);
	return typeof value === 'object' || typeof value === 'string' ? value : undefined;
}

function withSources({ text, cited = [] }: ChatResult, passages: readonly Passage[]): string {
	const citations = cited.flatMap((place) => {
		const { source } = passages[place] ?? {};
		return source === undefined ? [] : [{ marker: place + 1, source }];
	});
	return answerWithSources({ answer: text, citations }, cited.length > 0 ? [QUOTED] : []);
}
