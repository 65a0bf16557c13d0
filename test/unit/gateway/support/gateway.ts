import type { ChatEvent, ChatRequest, ChatResult } from '../../../../lib/engine';
import { listen, type Exchange, type GatewayOptions, type Listener } from '../../../../lib/gateway';

type Engines = GatewayOptions['engines'];

export const key = 'a-key-of-sixteen-characters';

export const attempts = [{ engine: 'one', model: 'm', outcome: 'ok', queueMs: 0, ms: 5 }] as const;
const usage = { promptTokens: 3, completionTokens: 2, cachedTokens: 1 };
const timings = { queueMs: 0, firstTokenMs: 1, totalMs: 5 };

/** The events of an answer "Hello world". */
export const hello: readonly ChatEvent[] = [
	{ type: 'start', engine: 'one', model: 'm', attempts },
	{ type: 'reasoning', text: 'hm' },
	{ type: 'text', text: 'Hello "wörld"' },
	{ type: 'text', text: '\n' },
	{ type: 'end', finishReason: 'stop', usage, timings },
];

export const result: ChatResult = {
	text: 'Hello "wörld"\n',
	reasoning: 'hm',
	toolCalls: [],
	engine: 'one',
	model: 'm',
	dialect: 'openai',
	finishReason: 'stop',
	usage,
	timings,
	attempts,
};

/** Engines that do what the test says, and remember what they were asked. */
export function scripted(parts: Partial<Engines> = {}): Engines & { readonly asked: ChatRequest[] } {
	const asked: ChatRequest[] = [];
	return {
		asked,
		async *chat(request) {
			asked.push(request);
			yield* hello;
		},
		async complete(request) {
			asked.push(request);
			return result;
		},
		async embed(texts) {
			return {
				vectors: texts.map((_, index) => new Float32Array([index, 0.5])),
				flags: texts.map(() => undefined),
				model: 'e',
				engine: 'one',
				dimensions: 2,
				usage: { promptTokens: 4 },
				attempts,
			};
		},
		async rerank(_query, documents) {
			return documents.map((_, index) => ({ index, score: -index, engine: 'one' }));
		},
		async transcribe() {
			return {
				text: 'Hello.',
				segments: [{ start: 0, end: 1.5, text: 'Hello.' }],
				engine: 'one',
				model: 'w',
				attempts,
			};
		},
		async countTokens() {
			return 42;
		},
		async models() {
			return [{ engine: 'one', id: 'qwen3:8b', contextTokens: 4096 }];
		},
		async health() {
			return [];
		},
		...parts,
	};
}

const open: Listener[] = [];

export interface Running extends Listener {
	readonly url: string;
	readonly exchanges: Exchange[];
	readonly faults: unknown[];
	post(
		path: string,
		body: unknown,
		headers?: Record<string, string>,
		signal?: AbortSignal,
	): Promise<Response>;
}

/** A gateway on a free port, ended by {@link closeAll}. */
export async function start(options: Partial<GatewayOptions> = {}): Promise<Running> {
	const exchanges: Exchange[] = [];
	const faults: unknown[] = [];
	const listener = await listen(
		{
			engines: scripted(),
			keys: [{ name: 'team', key }],
			onExchange: (exchange) => exchanges.push(exchange),
			onFault: (fault) => faults.push(fault),
			...options,
		},
		{ port: 0 },
	);
	open.push(listener);
	const url = `http://127.0.0.1:${listener.port}/v1`;
	return {
		...listener,
		url,
		exchanges,
		faults,
		post: (path, body, headers = { authorization: `Bearer ${key}` }, signal) =>
			fetch(`${url}${path}`, {
				method: 'POST',
				headers: { 'content-type': 'application/json', ...headers },
				body: typeof body === 'string' ? body : JSON.stringify(body),
				...(signal ? { signal } : {}),
			}),
	};
}

export async function closeAll(): Promise<void> {
	await Promise.all(open.splice(0).map((listener) => listener.close(0)));
}

export const ask = { model: 'gpt', messages: [{ role: 'user', content: 'Hi' }] };

/** Resolves when the condition holds; the test's own timeout ends a vain wait. */
export async function until(condition: () => boolean): Promise<void> {
	while (!condition()) await new Promise((resolve) => setTimeout(resolve, 2));
}

/** The JSON of an answer; tests look at it field by field. */
export const read = async (response: Response | Promise<Response>) =>
	JSON.parse(await (await response).text());
