import type { ChatRequest } from '../../../lib/engine';
import type { Reply } from './support/replayServer';
import { ASK, ends, lists, outcomes, piece, refuses, says, sse, workbench } from './support/replies';
import { transcript } from './support/transcripts';

const { engine, listing, poolOf, closeAll } = workbench();
afterEach(closeAll);

const until = async (what: () => boolean): Promise<void> => {
	while (!what()) await new Promise((resolve) => setTimeout(resolve, 5));
};

describe('engines that ask for time', () => {
	test('later calls do not ask an engine that named a time beyond their patience, and say how long it is', async () => {
		const one = await engine(() => refuses(429, 'come back later', { 'retry-after': '3600' }));
		const pool = poolOf([{ baseUrl: one.url }]);
		await expect(pool.complete(ASK)).rejects.toMatchObject({ kind: 'rateLimited' });
		const failure: unknown = await pool.complete(ASK).catch((error: unknown) => error);
		expect(failure).toMatchObject({
			kind: 'rateLimited',
			engine: 'e1',
			engineMessage: 'come back later',
			message: expect.stringMatching(/left alone for another (?:300|299) s/),
		});
		expect(one.requests).toHaveLength(1);
	});

	test('a call that begins within a short Retry-After waits for its end, though that is no breaker’s pause', async () => {
		const one = await engine((count) =>
			count === 1 ? refuses(429, 'slow down', { 'retry-after': '1' }) : says('ok'),
		);
		const pool = poolOf([{ baseUrl: one.url }], { patienceMs: 0, rounds: 0 });
		await expect(pool.complete(ASK)).rejects.toMatchObject({ kind: 'rateLimited' });
		expect((await pool.complete(ASK)).text).toBe('ok');
	});

	test('one that loads is waited for also after the others have used up their rounds', async () => {
		const one = await engine((count) => (count <= 2 ? refuses(503, 'Loading model') : says('loaded')));
		const pool = poolOf([{ baseUrl: one.url }, { baseUrl: 'http://127.0.0.1:1' }], { rounds: 0 });
		const result = await pool.complete(ASK);
		expect(result.text).toBe('loaded');
		expect(outcomes(result.attempts).filter((outcome) => outcome === 'e1:loading')).toHaveLength(2);
	});
});

describe('queues in front of engines', () => {
	test('a call that waited its time for a full tier goes to the next one', async () => {
		const one = await engine(() => 'hang');
		const two = await engine(() => says('from two'));
		const pool = poolOf([
			{ baseUrl: one.url, maxConcurrency: 1 },
			{ baseUrl: two.url, tier: 1 },
		]);
		const stopper = new AbortController();
		const first = pool.complete(ASK, { signal: stopper.signal }).catch((error: unknown) => error);
		await until(() => one.requests.length === 1);
		const second = await pool.complete(ASK, { deadlines: { queueMs: 30 } });
		expect(second.text).toBe('from two');
		stopper.abort();
		expect(await first).toMatchObject({ kind: 'cancelled' });
	});

	test('calls that wait for an engine go elsewhere when it breaks down, without trying it one by one', async () => {
		let release = (): void => undefined;
		const broken = new Promise<void>((resolve) => (release = resolve));
		const one = await engine(async () => {
			await broken;
			return refuses(500, 'boom');
		});
		const two = await engine(() => says('from two'));
		const pool = poolOf(
			[
				{ baseUrl: one.url, maxConcurrency: 1 },
				{ baseUrl: two.url, tier: 1 },
			],
			{
				breakerThreshold: 1,
				breakerPauseMs: 60_000,
			},
		);
		const calls = Array.from({ length: 6 }, () => pool.complete(ASK));
		await until(() => one.requests.length === 1);
		release();
		const results = await Promise.all(calls);
		expect(results.map(({ text }) => text)).toEqual(Array.from({ length: 6 }, () => 'from two'));
		expect(one.requests).toHaveLength(1);
	});
});

describe('breakers and the names of models', () => {
	test('an engine that fails is left alone also by calls that name no model', async () => {
		const one = await listing((_, { path }) =>
			path === '/v1/models' ? lists({ id: 'big' }) : refuses(500, 'boom'),
		);
		const two = await listing((_, { path }) =>
			path === '/v1/models' ? lists({ id: 'small' }) : says('two'),
		);
		const pool = poolOf([{ baseUrl: one.url }, { baseUrl: two.url, tier: 1 }], {
			breakerThreshold: 2,
			breakerPauseMs: 60_000,
		});
		for (let i = 0; i < 4; i++) await pool.complete({ messages: ASK.messages });
		expect(one.requests.filter(({ path }) => path === '/v1/chat/completions')).toHaveLength(2);
		expect((await pool.health())[0]?.breaker).toMatchObject({ big: 'open' });
	});

	test('any number of names leaves only so much behind, and nothing that is open', async () => {
		const one = await engine((_, { body }) =>
			JSON.stringify(body ?? '').includes('"bad"') ? refuses(500, 'boom') : says('ok'),
		);
		const pool = poolOf([{ baseUrl: one.url }], { breakerThreshold: 1, breakerPauseMs: 60_000, rounds: 0 });
		await expect(pool.complete({ ...ASK, model: 'bad' })).rejects.toMatchObject({ kind: 'server' });
		const names = Array.from({ length: 300 }, (_, i) => `name ${i}`);
		await Promise.all(names.map((model) => pool.complete({ ...ASK, model })));
		const breakers = (await pool.health())[0]?.breaker ?? {};
		expect(Object.keys(breakers)).toHaveLength(256);
		expect(breakers.bad).toBe('open');
	});
});

describe('callers who find out together what an engine is', () => {
	test('one that is cancelled does not cancel the others', async () => {
		const one = await listing(async (_, { path }) => {
			if (path.endsWith('/chat/completions')) return says('ok');
			await new Promise((resolve) => setTimeout(resolve, 200));
			return path === '/v1/models' ? lists({ id: 'm' }) : refuses(404, 'Not Found');
		});
		const pool = poolOf([{ baseUrl: one.url, dialect: 'auto' }], { rounds: 0 });
		const stopper = new AbortController();
		const stopped = pool.complete(ASK, { signal: stopper.signal });
		const other = pool.complete(ASK);
		setTimeout(() => stopper.abort(), 50);
		await expect(stopped).rejects.toMatchObject({ kind: 'cancelled' });
		expect((await other).text).toBe('ok');
	});
});

describe('what may have changed since', () => {
	const LONG: ChatRequest = { model: 'm', messages: [{ role: 'user', content: 'word '.repeat(4_000) }] };

	test('a model that was loaded anew with more context is not refused by what was remembered', async () => {
		let context = 1_024;
		const server = await listing((_, { path }) =>
			path === '/v1/models'
				? lists({ id: 'm', max_model_len: context })
				: path === '/tokenize'
					? { status: 200, body: { count: 4_011 } }
					: says('fits'),
		);
		const pool = poolOf([{ baseUrl: server.url, dialect: 'vllm' }]);
		await expect(pool.complete(LONG)).rejects.toMatchObject({
			kind: 'contextExceeded',
			contextTokens: 1_024,
		});
		context = 32_768;
		expect((await pool.complete(LONG)).text).toBe('fits');
	});

	test('another kind of engine that comes up at the address is found out', async () => {
		let now: 'vllm' | 'gone' | 'ollama' = 'vllm';
		const replies: { readonly [path: string]: { [engine in 'vllm' | 'ollama']?: Reply } } = {
			'/v1/models': { vllm: lists({ id: 'm', owned_by: 'vllm' }) },
			'/v1/chat/completions': { vllm: says('from vLLM') },
			'/api/version': { ollama: { status: 200, body: { version: '0.24.0' } } },
			'/api/chat': { ollama: { transcript: transcript('ollama', 'chat-stream') } },
		};
		const server = await listing((_, { path }) =>
			now === 'gone' ? 'fin' : (replies[path]?.[now] ?? refuses(404, 'Not Found')),
		);
		const pool = poolOf([{ baseUrl: server.url, dialect: 'auto' }], { rounds: 0 });
		expect(await pool.complete(ASK)).toMatchObject({ dialect: 'vllm', text: 'from vLLM' });
		now = 'gone';
		await expect(pool.complete(ASK)).rejects.toMatchObject({ kind: 'unreachable' });
		now = 'ollama';
		expect((await pool.complete(ASK)).dialect).toBe('ollama');
	});
});

describe('ends that are no success', () => {
	test.each(['abort', 'error', 'cancelled', 'timeout'])('finish reason "%s"', async (reason) => {
		const server = await engine(() => ({ chunks: sse(piece('half'), ends(reason)), end: 'complete' }));
		await expect(poolOf([{ baseUrl: server.url }], { rounds: 0 }).complete(ASK)).rejects.toMatchObject({
			kind: 'interrupted',
			partial: { text: 'half' },
			engineMessage: expect.stringContaining(reason),
		});
	});

	test('an error object in the middle of a stream, as FastAPI’s engines write it', async () => {
		const server = await engine(() => ({
			chunks: sse(piece('half'), { object: 'error', message: 'CUDA out of memory', code: 500 }, ends('stop')),
			end: 'complete',
		}));
		await expect(poolOf([{ baseUrl: server.url }], { rounds: 0 }).complete(ASK)).rejects.toMatchObject({
			kind: 'interrupted',
			engineMessage: 'CUDA out of memory',
		});
	});

	test('LM Studio’s empty stream is a prompt that is too long', async () => {
		const server = await engine((_, { path }) =>
			path === '/api/v1/models'
				? { status: 200, body: { models: [] } }
				: { chunks: ['data: [DONE]\n\n'], end: 'complete' },
		);
		await expect(poolOf([{ baseUrl: server.url, dialect: 'lmstudio' }]).complete(ASK)).rejects.toMatchObject({
			kind: 'contextExceeded',
		});
		expect(server.requests.map(({ path }) => path)).toEqual(['/api/v1/models', '/v1/chat/completions']);
	});
});

describe('streams of servers with their own ways', () => {
	test('tool calls that are all numbered 0 are told apart by their ids', async () => {
		const call = (id: string | undefined, name: string | undefined, args: string) => ({
			choices: [{ index: 0, delta: { tool_calls: [{ index: 0, id, function: { name, arguments: args } }] } }],
		});
		const server = await engine(() => ({
			chunks: sse(
				call('a', 'first', '{"x":'),
				call(undefined, undefined, '1}'),
				call('b', 'second', '{}'),
				ends('tool_calls'),
			),
			end: 'complete',
		}));
		const result = await poolOf([{ baseUrl: server.url }]).complete(ASK);
		expect(result.toolCalls).toEqual([
			{ id: 'a', name: 'first', arguments: '{"x":1}' },
			{ id: 'b', name: 'second', arguments: '{}' },
		]);
	});

	test('log-probabilities of tokens that were held back come with the text they belong to', async () => {
		const token = (content: string) => ({
			choices: [{ index: 0, delta: { content }, logprobs: { content: [{ token: content, logprob: -0.5 }] } }],
		});
		const server = await engine(() => ({
			chunks: sse(token('<'), token('b>'), token('!'), ends('stop')),
			end: 'complete',
		}));
		const tokens: string[] = [];
		let text = '';
		for await (const event of poolOf([{ baseUrl: server.url }]).chat({ ...ASK, logprobs: 0 })) {
			if (event.type !== 'text') continue;
			text += event.text;
			tokens.push(...(event.logprobs ?? []).map((one) => one.token));
		}
		expect(text).toBe('<b>!');
		expect(tokens).toEqual(['<', 'b>', '!']);
	});
});

test('Ollama’s models come with what only /api/show tells of them', async () => {
	const server = await engine((_, { path }) =>
		path === '/api/tags'
			? { transcript: transcript('ollama', 'tags') }
			: path === '/api/ps'
				? { transcript: transcript('ollama', 'ps-loaded') }
				: { transcript: transcript('ollama', 'show') },
	);
	const models = await poolOf([{ baseUrl: server.url, dialect: 'ollama' }]).models();
	expect(models.find(({ id }) => id === 'tiny-chat:latest')).toMatchObject({
		loaded: true,
		contextTokens: 512,
		maxContextTokens: 2048,
		capabilities: ['completion', 'tools'],
	});
	expect(models.find(({ id }) => id === 'slow-chat:latest')).toMatchObject({ maxContextTokens: 2048 });
});

describe('servers that do not do as they were asked', () => {
	test('one that ignores `stream` is read all the same, with its tool calls and its usage', async () => {
		const call = { id: 'a', type: 'function', function: { name: 'f', arguments: '{"x":1}' } };
		const server = await engine(() => ({
			status: 200,
			body: {
				model: 'm',
				choices: [
					{
						index: 0,
						message: { role: 'assistant', content: 'whole', tool_calls: [call] },
						finish_reason: 'tool_calls',
					},
				],
				usage: { prompt_tokens: 7, completion_tokens: 3 },
			},
		}));
		expect(await poolOf([{ baseUrl: server.url }]).complete(ASK)).toMatchObject({
			text: 'whole',
			finishReason: 'toolCalls',
			toolCalls: [{ id: 'a', name: 'f', arguments: '{"x":1}' }],
			usage: { promptTokens: 7, completionTokens: 3 },
		});
	});

	test('a login page is no engine that is well', async () => {
		const page = '<!DOCTYPE html><html><title>Sign in</title></html>';
		const server = await listing(() => ({
			status: 200,
			body: page,
			headers: { 'content-type': 'text/html' },
		}));
		const pool = poolOf([{ baseUrl: server.url, dialect: 'llamacpp' }], { rounds: 0 });
		expect(await pool.health()).toMatchObject([
			{ status: 'down', message: expect.stringMatching(/web page, such as the login page/) },
		]);
		await expect(pool.models()).rejects.toMatchObject({ kind: 'badAnswer' });
		await expect(pool.complete(ASK)).rejects.toMatchObject({ kind: 'badAnswer' });
	});

	test('one that never began to answer is not said to be answering', async () => {
		const server = await engine(() => 'hang');
		const pool = poolOf([{ baseUrl: server.url }], { deadlines: { totalMs: 100 } });
		await expect(pool.complete(ASK)).rejects.toMatchObject({
			kind: 'timeout',
			message: expect.stringMatching(/had not begun to answer/),
		});
	});

	test('blank lines between thinking and answer are no part of the answer', async () => {
		const server = await engine(() => ({
			chunks: [...sse(piece('<think>hm</think>'), piece('\n\n'), piece('\nSo be it.\n'), ends('stop'))],
			end: 'complete',
		}));
		const result = await poolOf([{ baseUrl: server.url }]).complete(ASK);
		expect([result.reasoning, result.text]).toEqual(['hm', 'So be it.\n']);
	});
});

describe('Ollama', () => {
	const tools = [
		{ name: 'get_weather', parameters: { type: 'object', properties: { city: { type: 'string' } } } },
	];
	const line = (fields: object) => `${JSON.stringify(fields)}\n`;
	const written = (text: string, more: object = {}): Reply => ({
		chunks: [
			...(text.match(/.{1,9}/gs)?.map((content) => line({ message: { content } })) ?? []),
			line({ done: true, done_reason: 'stop', eval_count: 5, ...more }),
		],
		type: 'application/x-ndjson',
		end: 'complete',
	});

	test.each([['required'], [{ name: 'get_weather' }]])(
		'calls a tool that is %j by the schema of a call',
		async (toolChoice) => {
			const server = await engine(() => written('{"name":"get_weather","parameters":{"city":"Paris"}}'));
			const pool = poolOf([{ baseUrl: server.url, dialect: 'ollama' }], { allowRemote: true });
			const request = { ...ASK, tools, toolChoice } as ChatRequest;
			expect(await pool.complete(request)).toMatchObject({
				text: '',
				finishReason: 'toolCalls',
				toolCalls: [{ name: 'get_weather', arguments: '{"city":"Paris"}' }],
			});
			expect(server.requests.at(-1)?.body).toMatchObject({
				format: { properties: { name: { enum: ['get_weather'] } }, required: ['name', 'parameters'] },
			});
		},
	);

	test('a prompt that is in its cache whole is estimated, not 0 tokens', async () => {
		const server = await engine(() => written('Hello'));
		const pool = poolOf([{ baseUrl: server.url, dialect: 'ollama' }], { allowRemote: true });
		const messages = [{ role: 'user' as const, content: 'x'.repeat(400) }];
		const { usage } = await pool.complete({ model: 'm', messages });
		expect(usage).toEqual({ promptTokens: 100, completionTokens: 5, estimated: true });
	});

	test('what llama-server said within a string is understood (0.30 and newer)', async () => {
		const inner = JSON.stringify({
			error: { code: 400, message: 'request (900 tokens) exceeds the available context size (512 tokens)' },
		});
		const server = await engine(() => ({ status: 400, body: { error: inner } }));
		const pool = poolOf([{ baseUrl: server.url, dialect: 'ollama' }], { allowRemote: true });
		await expect(pool.complete(ASK)).rejects.toMatchObject({
			kind: 'contextExceeded',
			promptTokens: 900,
			contextTokens: 512,
			engineMessage: 'request (900 tokens) exceeds the available context size (512 tokens)',
		});
	});
});

test.each([
	['error loading model: out of memory', 'loadFailed'],
	['model requires more system memory (9.1 GiB) than is available (3.2 GiB)', 'loadFailed'],
	['Loading model', 'loading'],
	['input (488 tokens) is larger than the max context size (256 tokens). skipping', 'contextExceeded'],
] as const)('"%s" is %s', async (words, kind) => {
	const server = await engine(() => refuses(500, words));
	const pool = poolOf([{ baseUrl: server.url }], { rounds: 0, deadlines: { totalMs: 500 } });
	await expect(pool.complete(ASK)).rejects.toMatchObject({ kind });
	if (kind === 'loadFailed') expect(server.requests).toHaveLength(1);
});

test('an address that refuses says what is behind it in a container', async () => {
	const pool = poolOf([{ baseUrl: 'http://127.0.0.1:1' }], { rounds: 0 });
	await expect(pool.complete(ASK)).rejects.toMatchObject({
		kind: 'unreachable',
		message: expect.stringMatching(
			/ECONNREFUSED 127\.0\.0\.1:1.*own container: use http:\/\/host\.docker\.internal/,
		),
	});
});
