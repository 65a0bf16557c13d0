import type { ChatRequest, Dialect } from '../../../lib/engine';
import { DIALECTS } from '../../../lib/engine/dialects';
import { EnginePool } from '../../../lib/engine';
import { replayServer } from './support/replayServer';
import { transcript } from './support/transcripts';

type Wired = Exclude<Dialect, 'builtin' | 'tei'>;
const bodyFor = (dialect: Wired, request: Partial<ChatRequest>): unknown =>
	DIALECTS[dialect].chat?.request({ messages: [{ role: 'user', content: 'Hi' }], ...request }, 'm').body;

describe('requests in the words of each engine', () => {
	test('sampling, stop words and limits', () => {
		const request: Partial<ChatRequest> = {
			temperature: 0.5,
			topP: 0.9,
			seed: 7,
			stop: ['END'],
			maxTokens: 5,
			logprobs: 3,
		};
		expect(bodyFor('openai', request)).toMatchObject({
			temperature: 0.5,
			top_p: 0.9,
			seed: 7,
			stop: ['END'],
			max_tokens: 5,
			logprobs: true,
			top_logprobs: 3,
			stream: true,
			stream_options: { include_usage: true },
		});
		expect(bodyFor('ollama', request)).toMatchObject({
			options: { temperature: 0.5, top_p: 0.9, seed: 7, stop: ['END'], num_predict: 5 },
			logprobs: true,
			top_logprobs: 3,
			stream: true,
		});
	});

	test('Ollama neither cuts the prompt nor shifts the window, and takes keep-alive and context size', () => {
		expect(bodyFor('ollama', { keepAlive: '-1', contextSize: 8192 })).toMatchObject({
			truncate: false,
			shift: false,
			keep_alive: -1,
			options: { num_ctx: 8192 },
		});
		expect(bodyFor('ollama', { keepAlive: '10m' })).toMatchObject({ keep_alive: '10m' });
	});

	test.each<[Wired, ChatRequest['reasoning'], object]>([
		['ollama', 'off', { think: false }],
		['ollama', 'high', { think: 'high' }],
		['vllm', 'off', { chat_template_kwargs: { enable_thinking: false } }],
		['llamacpp', 'on', { chat_template_kwargs: { enable_thinking: true } }],
		['openai', 'off', { reasoning_effort: 'none' }],
		['lmstudio', 'low', { reasoning_effort: 'low' }],
	])('%s: thinking %s', (dialect, reasoning, fields) => {
		expect(bodyFor(dialect, { reasoning })).toMatchObject(fields);
	});

	const schema = { type: 'object', properties: { a: { type: 'string' } } };
	test.each<[Wired, ChatRequest['responseFormat'], object]>([
		['openai', { type: 'json' }, { response_format: { type: 'json_object' } }],
		[
			'openai',
			{ type: 'jsonSchema', schema },
			{ response_format: { type: 'json_schema', json_schema: { name: 'answer', strict: true, schema } } },
		],
		[
			'llamacpp',
			{ type: 'json' },
			{ response_format: { type: 'json_schema', json_schema: { schema: { type: 'object' } } } },
		],
		['ollama', { type: 'json' }, { format: { type: 'object' } }],
		['ollama', { type: 'jsonSchema', schema }, { format: schema }],
		['ollama', { type: 'choice', options: ['a', 'b'] }, { format: { type: 'string', enum: ['a', 'b'] } }],
		['vllm', { type: 'regex', pattern: '\\d' }, { structured_outputs: { regex: '\\d' } }],
		['nim', { type: 'choice', options: ['a'] }, { structured_outputs: { choice: ['a'] } }],
		['llamacpp', { type: 'choice', options: ['a', 'b"c'] }, { grammar: 'root ::= "a" | "b\\"c"' }],
		['llamacpp', { type: 'regex', pattern: '\\d{2}' }, { grammar: 'root ::= [0-9]{2}' }],
		['sglang', { type: 'choice', options: ['a.b', 'c'] }, { regex: '(a\\.b|c)' }],
		['sglang', { type: 'grammar', grammar: 'g' }, { ebnf: 'g' }],
		['tensorrt', { type: 'regex', pattern: 'x' }, { response_format: { type: 'regex', regex: 'x' } }],
		['localai', { type: 'grammar', grammar: 'root ::= "a"' }, { grammar: 'root ::= "a"' }],
	])('%s: %j', (dialect, responseFormat, fields) => {
		expect(bodyFor(dialect, { responseFormat })).toMatchObject(fields);
	});

	const conversation: ChatRequest['messages'] = [
		{ role: 'system', content: 'Be brief.' },
		{
			role: 'user',
			content: [
				{ type: 'text', text: 'What is it?' },
				{ type: 'image', data: 'QUJD', mediaType: 'image/png' },
			],
		},
		{
			role: 'assistant',
			content: '',
			reasoning: 'I should look.',
			toolCalls: [{ id: 'c1', name: 'look', arguments: '{"at":"it"}' }],
		},
		{ role: 'tool', toolCallId: 'c1', content: 'a cat' },
	];

	test('images, tool turns and the thinking between them, in OpenAI’s words', () => {
		expect(bodyFor('vllm', { messages: conversation })).toMatchObject({
			messages: [
				{ role: 'system', content: 'Be brief.' },
				{
					role: 'user',
					content: [
						{ type: 'text', text: 'What is it?' },
						{ type: 'image_url', image_url: { url: 'data:image/png;base64,QUJD' } },
					],
				},
				{
					role: 'assistant',
					reasoning: 'I should look.',
					tool_calls: [{ id: 'c1', type: 'function', function: { name: 'look', arguments: '{"at":"it"}' } }],
				},
				{ role: 'tool', tool_call_id: 'c1', content: 'a cat' },
			],
		});
		expect(bodyFor('llamacpp', { messages: conversation })).toHaveProperty(
			'messages.2.reasoning_content',
			'I should look.',
		);
	});

	test('and in Ollama’s: arguments as an object, images apart, results by the tool’s name', () => {
		expect(bodyFor('ollama', { messages: conversation })).toMatchObject({
			messages: [
				{ role: 'system' },
				{ role: 'user', content: 'What is it?', images: ['QUJD'] },
				{
					role: 'assistant',
					thinking: 'I should look.',
					tool_calls: [{ function: { name: 'look', arguments: { at: 'it' } } }],
				},
				{ role: 'tool', content: 'a cat', tool_name: 'look' },
			],
		});
	});

	test('tools and the choice among them', () => {
		const tools = [{ name: 'look', description: 'looks', parameters: { type: 'object' }, strict: true }];
		expect(bodyFor('vllm', { tools, toolChoice: { name: 'look' } })).toMatchObject({
			tools: [
				{
					type: 'function',
					function: { name: 'look', description: 'looks', parameters: { type: 'object' }, strict: true },
				},
			],
			tool_choice: { type: 'function', function: { name: 'look' } },
		});
		expect(bodyFor('ollama', { tools, toolChoice: 'none' })).not.toHaveProperty('tools');
	});
});

describe('refused before it is sent', () => {
	test.each<[string, Partial<ChatRequest>, string]>([
		['no message', { messages: [] }, 'invalidRequest'],
		['no token', { maxTokens: 0 }, 'invalidRequest'],
		['a temperature below zero', { temperature: -1 }, 'invalidRequest'],
		['a temperature that is not a number', { temperature: Number.NaN }, 'invalidRequest'],
		['too many alternatives', { logprobs: 100 }, 'invalidRequest'],
		['a tool that is not there', { toolChoice: { name: 'x' }, tools: [] }, 'invalidRequest'],
		['nothing to choose from', { responseFormat: { type: 'choice', options: [] } }, 'invalidRequest'],
	])('%s', async (_, request, kind) => {
		const pool = new EnginePool([{ dialect: 'vllm', baseUrl: 'http://127.0.0.1:1', models: { chat: 'm' } }], {
			rounds: 0,
		});
		await expect(
			pool.complete({ messages: [{ role: 'user', content: 'x' }], ...request }),
		).rejects.toMatchObject({ kind, attempts: [] });
		await pool.close();
	});

	test('two engines of one name, and an address that is none', () => {
		const twice = [
			{ name: 'a', dialect: 'vllm', baseUrl: 'http://h:1' },
			{ name: 'a', dialect: 'vllm', baseUrl: 'http://h:2' },
		] as const;
		expect(() => new EnginePool(twice)).toThrow(expect.objectContaining({ kind: 'invalidRequest' }));
		expect(() => new EnginePool([{ dialect: 'vllm', baseUrl: 'ftp://h' }])).toThrow(
			expect.objectContaining({ kind: 'invalidRequest' }),
		);
	});
});

test('LM Studio’s empty answer on overflow is an error', async () => {
	const server = await replayServer(() => ({
		chunks: ['data: {"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}\n\n', 'data: [DONE]\n\n'],
		end: 'complete',
	}));
	const ask = async (dialect: 'lmstudio' | 'openai') => {
		const pool = new EnginePool([{ name: 'e1', dialect, baseUrl: server.url }], { rounds: 0 });
		try {
			return await pool.complete({ model: 'm', messages: [{ role: 'user', content: 'x' }] });
		} finally {
			await pool.close();
		}
	};
	await expect(ask('lmstudio')).rejects.toMatchObject({ kind: 'contextExceeded' });
	await expect(ask('openai')).resolves.toMatchObject({ text: '', finishReason: 'stop' });
	await server.close();
});

describe('reranking', () => {
	const docs = ['Paris is the capital.', 'Bananas are yellow.', 'Rome is in Italy.'];

	test.each([
		['llama-server', 'llamacpp', -0.2422],
		['vllm', 'vllm', 0.7042],
		['tei', 'tei', 0.7042],
	] as const)('%s: recorded scores, best first', async (engine, dialect, score) => {
		const server = await replayServer(({ path }) => ({
			transcript: transcript(engine, path === '/info' ? 'rerank-info' : 'rerank'),
		}));
		const pool = new EnginePool([{ name: 'e1', dialect, baseUrl: server.url, models: { rerank: 'm' } }]);
		const ranked = await pool.rerank('capital of France', docs, { topN: 2 });
		expect(ranked.map(({ index }) => index)).toEqual([1, 2]);
		expect(ranked[0]?.score).toBeCloseTo(score, 3);
		expect(ranked[0]?.engine).toBe('e1');
		await pool.close();
		await server.close();
	});

	test('NVIDIA NIM by NeMo Retriever’s own route, whose scores are logits', async () => {
		const rankings = [
			{ index: 2, logit: 1.5 },
			{ index: 0, logit: -0.25 },
			{ index: 1, logit: -7 },
		];
		const server = await replayServer(() => ({ status: 200, body: { rankings } }));
		const pool = new EnginePool([
			{ name: 'e1', dialect: 'nim', baseUrl: server.url, models: { rerank: 'nv' } },
		]);
		expect(await pool.rerank('capital of France', docs)).toEqual(
			rankings.map(({ index, logit }) => ({ index, score: logit, engine: 'e1' })),
		);
		expect(server.requests[0]).toMatchObject({
			path: '/v1/ranking',
			body: { model: 'nv', query: { text: 'capital of France' }, passages: docs.map((text) => ({ text })) },
		});
		await pool.close();
		await server.close();
	});

	test('by what the caller built in where no engine can, and it says so', async () => {
		const rerank = (query: string, documents: readonly string[]) =>
			Promise.resolve(
				documents.map((text, index) => ({ index, score: text.includes(query.slice(0, 7)) ? 1 : 0 })),
			);
		const pool = new EnginePool([{ dialect: 'ollama', baseUrl: 'http://127.0.0.1:1' }], {
			builtin: { rerank },
		});
		const ranked = await pool.rerank('capital of France', docs);
		expect(ranked[0]).toMatchObject({ index: 0, engine: 'built-in' });
		await pool.close();
	});

	test('an engine that is only down is no reason for other scores', async () => {
		const rerank = () => Promise.resolve([{ index: 0, score: 1 }]);
		const pool = new EnginePool(
			[{ dialect: 'vllm', baseUrl: 'http://127.0.0.1:1', models: { rerank: 'm' } }],
			{ builtin: { rerank }, rounds: 0 },
		);
		await expect(pool.rerank('q', docs)).rejects.toMatchObject({ kind: 'unreachable' });
		await pool.close();
	});

	test('fewer scores than documents are a bad answer', async () => {
		const server = await replayServer(() => ({
			status: 200,
			body: { results: [{ index: 0, relevance_score: 1 }] },
		}));
		const pool = new EnginePool([{ dialect: 'vllm', baseUrl: server.url, models: { rerank: 'm' } }], {
			rounds: 0,
		});
		await expect(pool.rerank('q', docs)).rejects.toMatchObject({ kind: 'badAnswer' });
		await pool.close();
		await server.close();
	});
});
