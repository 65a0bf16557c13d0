import { EnginePool } from '../../../lib/engine';
import type { ChatEvent, ChatRequest, EngineAddress } from '../../../lib/engine';
import { randomCuts, type ReplayServer, replayServer } from './support/replayServer';
import { transcript, type RecordedEngine } from './support/transcripts';

const QUESTION: ChatRequest = {
	model: 'tiny-chat',
	messages: [{ role: 'user', content: 'What is the capital of France?' }],
};
const SENTENCE = 'Hello! Paris is the capital of France, and this sentence never changes.';
const DIALECT: { readonly [engine in RecordedEngine]: EngineAddress['dialect'] } = {
	'llama-server': 'llamacpp',
	ollama: 'ollama',
	vllm: 'vllm',
	tei: 'tei',
};

async function withReplay<T>(
	engine: RecordedEngine,
	name: string,
	use: (pool: EnginePool, server: ReplayServer) => Promise<T>,
	options: { dialect?: EngineAddress['dialect']; seed?: number } = {},
): Promise<T> {
	const recorded = transcript(engine, name);
	const server = await replayServer(
		() => ({
			transcript: recorded,
			...(options.seed === undefined ? {} : { cut: randomCuts(options.seed), gapMs: 0 }),
		}),
		{ unlisted: true },
	);
	const pool = new EnginePool(
		[{ name: 'e1', dialect: options.dialect ?? DIALECT[engine], baseUrl: server.url }],
		{
			rounds: 0,
			deadlines: { betweenTokensMs: 300, firstTokenMs: 2_000 },
		},
	);
	try {
		return await use(pool, server);
	} finally {
		await pool.close();
		await server.close();
	}
}

async function events(stream: AsyncIterable<ChatEvent>): Promise<ChatEvent[]> {
	const all: ChatEvent[] = [];
	for await (const event of stream) all.push(event);
	return all;
}

describe('recorded answers that are complete', () => {
	test.each<[RecordedEngine, string]>([
		['llama-server', 'chat-stream'],
		['llama-server', 'chat-stream-include-usage'],
		['llama-server', 'native-chat-stream-include-usage'],
		['ollama', 'chat-stream'],
		['vllm', 'chat-stream-include-usage'],
	])('%s/%s gives the sentence, wherever its chunks are cut', async (engine, name) => {
		for (const seed of [undefined, 1, 2, 3, 4, 5]) {
			const result = await withReplay(engine, name, (pool) => pool.complete(QUESTION), { seed });
			expect(result.text).toBe(SENTENCE);
			expect(result.finishReason).toBe('stop');
			expect(result.attempts).toMatchObject([{ engine: 'e1', outcome: 'ok' }]);
			expect(result.usage.completionTokens).toBe(16);
		}
	});

	test('without usage figures the pieces are counted, and the result says so', async () => {
		const result = await withReplay('vllm', 'chat-stream', (pool) => pool.complete(QUESTION));
		expect(result.text).toBe(SENTENCE);
		expect(result.usage).toEqual({ promptTokens: 8, completionTokens: 15, estimated: true });
	});

	test('usage that comes with every chunk is the last one', async () => {
		const result = await withReplay('vllm', 'chat-stream-continuous-usage', (pool) =>
			pool.complete(QUESTION),
		);
		expect(result.usage).toMatchObject({ completionTokens: 3 });
	});

	test('Ollama through its OpenAI route reads the same', async () => {
		const result = await withReplay('ollama', 'openai-chat-stream-usage', (pool) => pool.complete(QUESTION), {
			dialect: 'openai',
		});
		expect(result.text).toBe(SENTENCE);
		expect(result.usage).toMatchObject({ promptTokens: 17, completionTokens: 16 });
	});

	test('llama.cpp tells prompt and cached tokens in its timings even where it sends no usage', async () => {
		const result = await withReplay('llama-server', 'chat-stream', (pool) => pool.complete(QUESTION));
		expect(result.usage).toEqual({ promptTokens: 33, completionTokens: 16, cachedTokens: 32 });
	});

	test('a streamed call gives start, text and end, in this order', async () => {
		const all = await withReplay('vllm', 'chat-stream-include-usage', (pool) => events(pool.chat(QUESTION)));
		expect(all[0]).toEqual({ type: 'start', engine: 'e1', model: 'tiny-chat', attempts: [] });
		expect(all.at(-1)).toMatchObject({ type: 'end', finishReason: 'stop', usage: { completionTokens: 16 } });
		const text = all.map((event) => (event.type === 'text' ? event.text : '')).join('');
		expect(text).toBe(SENTENCE);
	});

	test.each<[RecordedEngine, string]>([
		['llama-server', 'chat-stream-length'],
		['ollama', 'chat-stream-length'],
		['vllm', 'chat-stream-length'],
	])('%s/%s ends with length', async (engine, name) => {
		const result = await withReplay(engine, name, (pool) => pool.complete({ ...QUESTION, maxTokens: 3 }));
		expect(result.finishReason).toBe('length');
		expect(result.text).toBe('Hello! Paris');
	});

	test.each<[RecordedEngine, string]>([
		['llama-server', 'thinking-stream'],
		['ollama', 'thinking-stream'],
		['vllm', 'thinking-stream'],
	])('%s/%s keeps the thinking apart', async (engine, name) => {
		const result = await withReplay(
			engine,
			name,
			(pool) => pool.complete({ ...QUESTION, model: 'tiny-think' }),
			{ seed: 7 },
		);
		expect(result.reasoning).toBe('Let me consider what to say');
		expect(result.text).toBe('Hello! Paris is the capital of France, and');
	});

	test('Ollama’s OpenAI route keeps the thinking apart too', async () => {
		const result = await withReplay('ollama', 'openai-thinking-stream', (pool) => pool.complete(QUESTION), {
			dialect: 'openai',
		});
		expect(result.reasoning).toBe('Let me consider what to say');
	});

	test('log-probabilities come with their alternatives', async () => {
		for (const [engine, name] of [
			['llama-server', 'chat-stream-logprobs'],
			['vllm', 'chat-stream-logprobs'],
			// One object without a newline at its end.
			['ollama', 'chat-logprobs'],
		] as const) {
			const result = await withReplay(engine, name, (pool) => pool.complete({ ...QUESTION, logprobs: 2 }));
			expect(result.logprobs?.map(({ token }) => token)).toEqual(['Hello', '!']);
			expect(result.logprobs?.[0]?.top?.[1]?.token).toBe(' comput');
		}
	});
});

describe('recorded tool calls', () => {
	const ask: ChatRequest = {
		model: 'tiny-tool',
		messages: [{ role: 'user', content: 'Weather in Paris?' }],
		tools: [
			{
				name: 'get_weather',
				description: 'Weather for a city',
				parameters: { type: 'object', properties: { city: { type: 'string' } } },
			},
		],
	};

	test.each<[RecordedEngine, string]>([
		['llama-server', 'tool-choice-auto-stream'],
		['llama-server', 'tool-choice-required-stream'],
		['ollama', 'tools-stream'],
		['vllm', 'tools-auto-stream'],
		['vllm', 'tools-required-strict-stream'],
	])('%s/%s assembles one call', async (engine, name) => {
		for (const seed of [undefined, 11, 12]) {
			const result = await withReplay(engine, name, (pool) => pool.complete(ask), { seed });
			expect(result.toolCalls).toHaveLength(1);
			expect(result.toolCalls[0]?.name).toBe('get_weather');
			expect(JSON.parse(result.toolCalls[0]?.arguments ?? '')).toEqual({ city: 'Paris' });
			expect(result.toolCalls[0]?.invalid).toBeUndefined();
			expect(result.finishReason).toBe('toolCalls');
		}
	});

	test('Ollama’s OpenAI route gives the same call', async () => {
		const result = await withReplay('ollama', 'openai-tools-stream', (pool) => pool.complete(ask), {
			dialect: 'openai',
		});
		expect(result).toMatchObject({ finishReason: 'toolCalls', toolCalls: [{ name: 'get_weather' }] });
		expect(JSON.parse(result.toolCalls[0]?.arguments ?? '')).toEqual({ city: 'Paris' });
	});

	test('a call cut by max_tokens is handed on as written and says that it is broken', async () => {
		const result = await withReplay('llama-server', 'tool-call-cut-by-length-stream', (pool) =>
			pool.complete(ask),
		);
		expect(result.finishReason).toBe('length');
		expect(result.toolCalls[0]?.invalid).toMatch(/not valid JSON/);
		expect(result.warnings?.[0]).toMatch(/get_weather/);
	});

	test('the pieces of a streamed call carry its id and name every time', async () => {
		const all = await withReplay('llama-server', 'tool-choice-auto-stream', (pool) => events(pool.chat(ask)));
		const pieces = all.filter((event) => event.type === 'toolCall');
		expect(pieces.length).toBeGreaterThan(2);
		expect(new Set(pieces.map(({ id, name, index }) => `${id} ${name} ${index}`)).size).toBe(1);
		expect(pieces.map(({ argumentsDelta }) => argumentsDelta).join('')).toBe('{"city": "Paris"}');
	});
});

describe('recorded ways of dying', () => {
	test.each<[RecordedEngine, string, EngineAddress['dialect'] | undefined]>([
		['llama-server', 'killed-mid-stream', undefined],
		['llama-server', 'native-killed-mid-stream', undefined],
		['llama-server', 'native-sigterm-mid-stream', undefined],
		['ollama', 'runner-killed-mid-stream', undefined],
		['ollama', 'openai-runner-killed-mid-stream', 'openai'],
		['ollama', 'server-killed-mid-stream', undefined],
		['ollama', 'sigterm-mid-stream', undefined],
		['vllm', 'engine-killed-mid-stream', undefined],
		['vllm', 'server-killed-mid-stream', undefined],
	])('%s/%s is interrupted, with the partial text', async (engine, name, dialect) => {
		for (const seed of [undefined, 21, 22]) {
			const failure = await withReplay(
				engine,
				name,
				(pool) => pool.complete(QUESTION).catch((error: unknown) => error),
				{ dialect, seed },
			);
			expect(failure).toMatchObject({ kind: 'interrupted', engine: 'e1' });
			expect(failure).toHaveProperty('partial.text', expect.stringMatching(/./));
			expect(failure).toHaveProperty('attempts', [expect.objectContaining({ outcome: 'interrupted' })]);
		}
	});

	test('a stream keeps what came before it is interrupted', async () => {
		const seen: ChatEvent[] = [];
		const failure = await withReplay('ollama', 'runner-killed-mid-stream', async (pool) => {
			try {
				for await (const event of pool.chat(QUESTION)) seen.push(event);
			} catch (error) {
				return error;
			}
			return undefined;
		});
		expect(failure).toMatchObject({ kind: 'interrupted', partial: { text: ' difudioheanghuggingface' } });
		expect(failure).toHaveProperty('engineMessage', expect.stringContaining('unexpected EOF'));
		expect(seen.map((event) => (event.type === 'text' ? event.text : '')).join('')).toBe(
			' difudioheanghuggingface',
		);
	});

	test.each(['sigterm-mid-stream', 'sigterm-mid-stream-2'])(
		'vllm/%s: silence ends at the deadline between tokens',
		async (name) => {
			const failure = await withReplay('vllm', name, async (pool, server) => {
				const thrown = await pool.complete(QUESTION).catch((error: unknown) => error);
				await new Promise((resolve) => setTimeout(resolve, 50));
				return { thrown, aborted: server.aborted() };
			});
			expect(failure.thrown).toMatchObject({ kind: 'timeout' });
			expect(failure.thrown).toHaveProperty('partial');
			expect(failure.aborted).toBe(1);
		},
	);

	test('llama-server/killed-mid-nonstream: closed before any byte is unreachable', async () => {
		const failure = await withReplay('llama-server', 'killed-mid-nonstream', (pool) =>
			pool.complete(QUESTION).catch((error: unknown) => error),
		);
		expect(failure).toMatchObject({ kind: 'unreachable' });
	});

	test('an answer that is no chat answer is a bad answer, not an empty one', async () => {
		const failure = await withReplay('ollama', 'root', (pool) =>
			pool.complete(QUESTION).catch((error: unknown) => error),
		);
		expect(failure).toMatchObject({ kind: 'badAnswer' });
	});
});
