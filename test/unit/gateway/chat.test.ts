import { EngineError, type ChatEvent, type ChatRequest } from '../../../lib/engine';
import { ask, attempts, closeAll, hello, key, read, result, scripted, start, until } from './support/gateway';

afterEach(closeAll);

/** The data of each event of a stream. */
const linesOf = (text: string): string[] =>
	text
		.split('\n\n')
		.filter((line) => line.startsWith('data: '))
		.map((line) => line.slice(6));

describe('chat completions, collected', () => {
	it('come in OpenAI’s shape, with usage, reasoning and the engine that answered', async () => {
		const gateway = await start();
		const response = await gateway.post('/chat/completions', ask);
		expect(response.status).toBe(200);
		expect(response.headers.get('x-engine')).toBe('one');
		expect(await read(response)).toEqual({
			id: expect.stringMatching(/^chatcmpl-[0-9a-f]{32}$/),
			object: 'chat.completion',
			created: expect.any(Number),
			model: 'm',
			choices: [
				{
					index: 0,
					message: { role: 'assistant', content: 'Hello "wörld"\n', refusal: null, reasoning_content: 'hm' },
					logprobs: null,
					finish_reason: 'stop',
				},
			],
			usage: {
				prompt_tokens: 3,
				completion_tokens: 2,
				total_tokens: 5,
				prompt_tokens_details: { cached_tokens: 1 },
			},
		});
	});

	it('carry tool calls, and then no empty content', async () => {
		const toolCalls = [{ id: 'c1', name: 'look', arguments: '{"a":1}' }];
		const complete = async () => ({
			...result,
			text: '',
			reasoning: '',
			toolCalls,
			finishReason: 'toolCalls' as const,
		});
		const gateway = await start({ engines: scripted({ complete }) });
		const { choices } = await read(gateway.post('/chat/completions', ask));
		expect(choices[0]).toMatchObject({
			finish_reason: 'tool_calls',
			message: {
				content: null,
				tool_calls: [{ id: 'c1', type: 'function', function: { name: 'look', arguments: '{"a":1}' } }],
			},
		});
	});

	it('carry log-probabilities with their bytes', async () => {
		const logprobs = [{ token: 'é', logprob: -0.5, top: [{ token: 'e', logprob: -1 }] }];
		const gateway = await start({ engines: scripted({ complete: async () => ({ ...result, logprobs }) }) });
		const { choices } = await read(gateway.post('/chat/completions', ask));
		expect(choices[0].logprobs.content).toEqual([
			{
				token: 'é',
				logprob: -0.5,
				bytes: [195, 169],
				top_logprobs: [{ token: 'e', logprob: -1, bytes: [101] }],
			},
		]);
	});

	it('reach the engines under the model an alias stands for', async () => {
		const engines = scripted();
		const gateway = await start({ engines, aliases: { gpt: 'qwen3:8b' } });
		await gateway.post('/chat/completions', ask);
		await gateway.post('/chat/completions', { ...ask, model: 'toString' });
		expect(engines.asked.map(({ model }) => model)).toEqual(['qwen3:8b', 'toString']);
		expect(gateway.exchanges[0]?.requestedModel).toBe('gpt');
	});
});

describe('chat completions, streamed', () => {
	it('come as chunks that end with the finish reason and [DONE]', async () => {
		const gateway = await start();
		const response = await gateway.post('/chat/completions', { ...ask, stream: true });
		expect(response.headers.get('content-type')).toBe('text/event-stream; charset=utf-8');
		// what a compressing proxy must see, or it holds pieces back
		expect(response.headers.get('cache-control')).toContain('no-transform');
		expect(response.headers.get('x-engine')).toBe('one');
		const lines = linesOf(await response.text());
		expect(lines.pop()).toBe('[DONE]');
		const chunks = lines.map((line) => JSON.parse(line));
		expect(chunks.map(({ choices }) => choices[0].delta)).toEqual([
			{ role: 'assistant', content: '' },
			{ reasoning_content: 'hm' },
			{ content: 'Hello "wörld"' },
			{ content: '\n' },
			{},
		]);
		expect(chunks.at(-1).choices[0].finish_reason).toBe('stop');
		expect(new Set(chunks.map(({ id }) => id)).size).toBe(1);
		expect(chunks.every((chunk) => chunk.object === 'chat.completion.chunk' && chunk.model === 'm')).toBe(
			true,
		);
	});

	it('add usage in a chunk of its own when asked to', async () => {
		const gateway = await start();
		const body = { ...ask, stream: true, stream_options: { include_usage: true } };
		const lines = linesOf(await (await gateway.post('/chat/completions', body)).text());
		expect(JSON.parse(lines.at(-2) ?? '')).toMatchObject({ choices: [], usage: { total_tokens: 5 } });
	});

	it('name a tool once and then send its arguments in pieces', async () => {
		const call = (argumentsDelta: string): ChatEvent => ({
			type: 'toolCall',
			index: 0,
			id: 'c1',
			name: 'look',
			argumentsDelta,
		});
		async function* chat() {
			yield* [hello[0], call('{"a"'), call(':1}'), hello.at(-1)].filter((event) => event !== undefined);
		}
		const gateway = await start({ engines: scripted({ chat }) });
		const lines = linesOf(await (await gateway.post('/chat/completions', { ...ask, stream: true })).text());
		expect(lines.slice(1, 3).map((line) => JSON.parse(line).choices[0].delta.tool_calls[0])).toEqual([
			{ index: 0, id: 'c1', type: 'function', function: { name: 'look', arguments: '{"a"' } },
			{ index: 0, function: { arguments: ':1}' } },
		]);
		expect(gateway.exchanges[0]?.chat?.answer?.toolCalls).toEqual([
			{ id: 'c1', name: 'look', arguments: '{"a":1}' },
		]);
	});

	it('refuse with a proper status while nothing was sent', async () => {
		async function* chat(): AsyncGenerator<ChatEvent> {
			yield* [];
			throw new EngineError('modelNotFound', 'No engine holds "gpt".');
		}
		const gateway = await start({ engines: scripted({ chat }) });
		const response = await gateway.post('/chat/completions', { ...ask, stream: true });
		expect(response.status).toBe(404);
		expect((await read(response)).error).toEqual({
			message: 'No engine holds "gpt".',
			type: 'invalid_request_error',
			param: null,
			code: 'model_not_found',
		});
	});

	it('end with the error and without [DONE] when they break off, and keep what came', async () => {
		async function* chat(): AsyncGenerator<ChatEvent> {
			yield* hello.slice(0, 3);
			throw new EngineError('interrupted', 'The engine "one" stopped.', { attempts });
		}
		const gateway = await start({ engines: scripted({ chat }) });
		const lines = linesOf(await (await gateway.post('/chat/completions', { ...ask, stream: true })).text());
		expect(JSON.parse(lines.at(-1) ?? '')).toMatchObject({ error: { code: 'engine_interrupted' } });
		expect(lines).not.toContain('[DONE]');
		await until(() => gateway.exchanges.length === 1);
		expect(gateway.exchanges[0]).toMatchObject({
			status: 502,
			error: { kind: 'interrupted' },
			chat: { answer: { text: 'Hello "wörld"', toolCalls: [] } },
		});
		expect(gateway.exchanges[0]?.chat?.answer).not.toHaveProperty('finishReason');
	});

	it('keep the connection alive with comments while the engine thinks', async () => {
		let go = () => {};
		const ready = new Promise<void>((resolve) => (go = resolve));
		async function* chat() {
			await ready;
			yield* hello;
		}
		const gateway = await start({ engines: scripted({ chat }), keepAliveMs: 5 });
		const response = await gateway.post('/chat/completions', { ...ask, stream: true });
		expect(response.status).toBe(200);
		const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
		expect((await reader?.read())?.value).toContain(': waiting\n\n');
		go();
		let rest = '';
		for (let part = await reader?.read(); part && !part.done; part = await reader?.read()) rest += part.value;
		expect(linesOf(rest).at(-1)).toBe('[DONE]');
	});

	it('stop the engine when the client leaves, and say so in the exchange', async () => {
		let stopped = false;
		async function* chat(_request: unknown, call: { signal?: AbortSignal } = {}): AsyncGenerator<ChatEvent> {
			yield* hello.slice(0, 3);
			await new Promise((_, reject) => {
				call.signal?.addEventListener('abort', () => {
					stopped = true;
					reject(new EngineError('cancelled', 'The call was cancelled.'));
				});
			});
		}
		const gateway = await start({ engines: scripted({ chat }) });
		const client = new AbortController();
		const response = await gateway.post(
			'/chat/completions',
			{ ...ask, stream: true },
			undefined,
			client.signal,
		);
		await response.body?.getReader().read();
		client.abort();
		await until(() => gateway.exchanges.length === 1);
		expect(stopped).toBe(true);
		expect(gateway.exchanges[0]).toMatchObject({
			status: 499,
			chat: { answer: { text: 'Hello "wörld"' } },
			// "Hi", and "hm" with the text, at four bytes a token
			usage: { promptTokens: 1, completionTokens: 4, estimated: true },
		});
		expect(gateway.gateway.inFlight).toBe(0);
	});

	it('do not run ahead of a client that reads slowly', async () => {
		let produced = 0;
		async function* chat(): AsyncGenerator<ChatEvent> {
			yield* hello.slice(0, 1);
			for (; produced < 20_000; produced++) yield { type: 'text', text: 'x'.repeat(2000) };
			yield* hello.slice(-1);
		}
		const gateway = await start({ engines: scripted({ chat }), onExchange: undefined });
		const response = await gateway.post('/chat/completions', { ...ask, stream: true });
		const reader = response.body?.getReader();
		await reader?.read();
		await new Promise((resolve) => setTimeout(resolve, 200));
		const ahead = produced;
		await reader?.cancel();
		// 40 MB would be waiting in memory; what the kernel's buffers and ours take is a few.
		expect(ahead).toBeLessThan(10_000);
	});
});

describe('what the gateway reads', () => {
	it('is handed to the engines in their neutral terms', async () => {
		const engines = scripted();
		const gateway = await start({ engines });
		const response = await gateway.post('/chat/completions', {
			model: 'gpt',
			messages: [
				{
					role: 'developer',
					content: [
						{ type: 'text', text: 'Be ' },
						{ type: 'text', text: 'brief.' },
					],
				},
				{
					role: 'user',
					content: [
						{ type: 'text', text: 'See' },
						{ type: 'image_url', image_url: { url: 'data:image/png;base64,QUJD' } },
					],
				},
				{
					role: 'assistant',
					content: null,
					reasoning_content: 'hm',
					tool_calls: [{ id: 'c', type: 'function', function: { name: 'f', arguments: '{}' } }],
				},
				{ role: 'tool', tool_call_id: 'c', content: 'done' },
			],
			tools: [{ type: 'function', function: { name: 'f', description: 'd', strict: true } }],
			tool_choice: { type: 'function', function: { name: 'f' } },
			response_format: {
				type: 'json_schema',
				json_schema: { name: 'n', strict: true, schema: { type: 'object' } },
			},
			stop: 'END',
			seed: 0,
			temperature: 0,
			top_p: 0.9,
			max_tokens: 5,
			max_completion_tokens: 7,
			logprobs: true,
			top_logprobs: 2,
			reasoning_effort: 'minimal',
			presence_penalty: 0.5,
			frequency_penalty: 0,
			logit_bias: {},
			user: 'me',
		});
		expect(response.status).toBe(200);
		expect(engines.asked[0]).toEqual({
			model: 'gpt',
			messages: [
				{ role: 'system', content: 'Be brief.' },
				{
					role: 'user',
					content: [
						{ type: 'text', text: 'See' },
						{ type: 'image', mediaType: 'image/png', data: 'QUJD' },
					],
				},
				{
					role: 'assistant',
					content: '',
					reasoning: 'hm',
					toolCalls: [{ id: 'c', name: 'f', arguments: '{}' }],
				},
				{ role: 'tool', toolCallId: 'c', content: 'done' },
			],
			tools: [{ name: 'f', description: 'd', parameters: { type: 'object', properties: {} }, strict: true }],
			toolChoice: { name: 'f' },
			responseFormat: { type: 'jsonSchema', name: 'n', schema: { type: 'object' }, fallback: 'prompt' },
			stop: ['END'],
			seed: 0,
			temperature: 0,
			topP: 0.9,
			maxTokens: 7,
			logprobs: 2,
			reasoning: 'off',
			reasoningIsWish: true,
			extra: { presence_penalty: 0.5 },
		});
	});

	it('goes on to the engine in its own words, and what it does not take is named', async () => {
		const complete = async (request: ChatRequest) => {
			engines.asked.push(request);
			return { ...result, ignored: ['min_tokens'] };
		};
		const engines = scripted({ complete });
		const gateway = await start({ engines });
		const response = await gateway.post('/chat/completions', {
			...ask,
			max_tokens: -1,
			functions: null,
			repeat_penalty: 1.1,
			min_tokens: 3,
			keep_alive: '10m',
			chat_template_kwargs: { enable_thinking: false, custom: 1 },
			web_search_options: { search_context_size: 'low' },
		});
		expect(response.headers.get('x-gateway-ignored')).toBe('web_search_options, min_tokens');
		expect(engines.asked[0]).toEqual({
			model: 'gpt',
			messages: [{ role: 'user', content: 'Hi' }],
			reasoning: 'off',
			reasoningIsWish: true,
			extra: { repeat_penalty: 1.1, min_tokens: 3, keep_alive: '10m', chat_template_kwargs: { custom: 1 } },
		});
	});

	it.each([
		[
			{ json_schema: { type: 'object' } },
			{ type: 'jsonSchema', schema: { type: 'object' }, fallback: 'prompt' },
		],
		[
			{ guided_json: '{"type":"object"}' },
			{ type: 'jsonSchema', schema: { type: 'object' }, fallback: 'prompt' },
		],
		[{ structured_outputs: { regex: '[a-z]+' } }, { type: 'regex', pattern: '[a-z]+' }],
		[{ guided_choice: ['a', 'b'] }, { type: 'choice', options: ['a', 'b'], fallback: 'prompt' }],
		[{ grammar: 'root ::= "a"' }, { type: 'grammar', grammar: 'root ::= "a"' }],
	])('knows the words of local engines for the form of an answer: %j', async (fields, responseFormat) => {
		const engines = scripted();
		await (await start({ engines })).post('/chat/completions', { ...ask, ...fields });
		expect(engines.asked[0]?.responseFormat).toEqual(responseFormat);
	});

	it.each([
		[{ ...ask, messages: [] }, 'messages'],
		[{ model: 'gpt' }, null],
		[{ ...ask, messages: [{ role: 'wizard', content: 'x' }] }, 'messages.0.role'],
		[{ ...ask, temperature: 'hot' }, 'temperature'],
		[{ ...ask, max_tokens: -2 }, 'max_tokens'],
		[{ ...ask, n: 0 }, 'n'],
		[{ ...ask, functions: [] }, 'functions'],
		[{ ...ask, response_format: { type: 'json_schema' } }, 'response_format'],
		[{ ...ask, tool_choice: 'sometimes' }, 'tool_choice'],
		[{ ...ask, messages: [{ role: 'tool', content: 'x' }] }, 'messages.0.tool_call_id'],
		[{ ...ask, messages: [{ role: 'user', content: [{ type: 'input_audio' }] }] }, 'messages.0.content.0'],
		[
			{
				...ask,
				messages: [
					{ role: 'user', content: [{ type: 'image_url', image_url: { url: 'file:///etc/passwd' } }] },
				],
			},
			'messages.0.content.0',
		],
		[{ ...ask, reasoning_effort: 'much' }, 'reasoning_effort'],
		['[1]', null],
		['{', null],
	])('is refused with the field that is wrong: %j', async (body, param) => {
		const gateway = await start();
		const response = await gateway.post('/chat/completions', body);
		expect(response.status).toBe(400);
		expect((await read(response)).error).toMatchObject({ type: 'invalid_request_error', param });
	});

	it('has a bound, however it arrives, and the refusal can be read', async () => {
		const gateway = await start({ maxBodyBytes: 1000 });
		const long = JSON.stringify({ ...ask, user: 'x'.repeat(3_000_000) });
		const whole = await gateway.post('/chat/completions', long);
		expect(whole.status).toBe(413);
		const chunked = await fetch(`${gateway.url}/chat/completions`, {
			method: 'POST',
			headers: { authorization: `Bearer ${key}` },
			body: new Blob([long.slice(0, 5000)]).stream(),
			duplex: 'half',
		} as RequestInit);
		expect(chunked.status).toBe(413);
		expect((await read(chunked)).error.code).toBe('request_too_large');
	});
});
