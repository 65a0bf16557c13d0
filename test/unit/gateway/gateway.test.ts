import { EngineError, type EngineErrorKind } from '../../../lib/engine';
import { GatewayError, listen } from '../../../lib/gateway';
import { KeyLimits } from '../../../lib/gateway/limits';
import { ask, closeAll, key, read, result, scripted, start, until } from './support/gateway';

afterEach(closeAll);

describe('embeddings', () => {
	it('come as numbers, or as base64 of little-endian floats', async () => {
		const gateway = await start();
		const numbers = await read(gateway.post('/embeddings', { model: 'e', input: ['a', 'b'] }));
		expect(numbers).toEqual({
			object: 'list',
			data: [
				{ object: 'embedding', index: 0, embedding: [0, 0.5] },
				{ object: 'embedding', index: 1, embedding: [1, 0.5] },
			],
			model: 'e',
			usage: { prompt_tokens: 4, total_tokens: 4 },
		});
		const base64 = await read(gateway.post('/embeddings', { input: 'a', encoding_format: 'base64' }));
		expect(Buffer.from(base64.data[0].embedding, 'base64')).toEqual(Buffer.from([0, 0, 0, 0, 0, 0, 0, 0x3f]));
	});

	it('of a vector that is a window of a larger buffer are that window', async () => {
		const whole = new Float32Array([9, 1, 2, 9]);
		const embed = async () => ({
			vectors: [whole.subarray(1, 3)],
			flags: [undefined],
			model: 'e',
			engine: 'one',
			dimensions: 2,
			usage: { promptTokens: 1 },
			attempts: [],
		});
		const gateway = await start({ engines: scripted({ embed }) });
		const { data } = await read(gateway.post('/embeddings', { input: 'a', encoding_format: 'base64' }));
		expect(Buffer.from(data[0].embedding, 'base64').readFloatLE(4)).toBe(2);
	});

	it.each([[{ input: [] }], [{ input: [1, 2] }], [{}], [{ input: 'a', dimensions: 0 }]])(
		'refuse %j',
		async (body) => {
			const gateway = await start();
			expect((await gateway.post('/embeddings', body)).status).toBe(400);
		},
	);

	it('refuse a text that holds nothing, by its number, instead of handing out a zero vector', async () => {
		const { embed } = scripted();
		const engines = scripted({
			embed: async (texts) => ({
				...(await embed(texts)),
				flags: texts.map((text) => (text ? undefined : 'empty')),
			}),
		});
		const gateway = await start({ engines });
		const response = await gateway.post('/embeddings', { input: ['a', ''] });
		expect(response.status).toBe(400);
		expect((await read(response)).error.message).toContain('Text 1');
	});
});

describe('rerank and models', () => {
	it('rerank gives scores with the position of each document', async () => {
		const gateway = await start();
		const body = { model: 'r', query: 'q', documents: ['a', { text: 'b' }], return_documents: true };
		expect(await read(gateway.post('/rerank', body))).toMatchObject({
			model: 'r',
			results: [
				{ index: 0, document: { text: 'a' } },
				{ index: 1, relevance_score: -1, document: { text: 'b' } },
			],
		});
	});

	it('models lists what the engines hold and the aliases, and finds one by name', async () => {
		const gateway = await start({ aliases: { gpt: 'qwen3:8b' } });
		const headers = { authorization: `Bearer ${key}` };
		const list = await read(fetch(`${gateway.url}/models`, { headers }));
		expect(list.data.map(({ id }: { id: string }) => id)).toEqual(['qwen3:8b', 'gpt']);
		const one = await fetch(`${gateway.url}/models/${encodeURIComponent('qwen3:8b')}`, { headers });
		expect(await read(one)).toMatchObject({ id: 'qwen3:8b', owned_by: 'one', context_length: 4096 });
		expect((await fetch(`${gateway.url}/models/none`, { headers })).status).toBe(404);
	});
});

describe('who is let in', () => {
	it.each([
		[{}],
		[{ authorization: 'Bearer wrong-wrong-wrong-wrong' }],
		[{ authorization: key }],
		[{ authorization: 'Bearer ' }],
		[{ 'x-api-key': key.slice(0, -1) }],
	])('nobody with the headers %j', async (headers) => {
		const engines = scripted();
		const gateway = await start({ engines });
		const response = await gateway.post('/chat/completions', ask, headers as Record<string, string>);
		expect(response.status).toBe(401);
		const text = await response.text();
		expect(JSON.parse(text).error.code).toBe('invalid_api_key');
		expect(text).not.toContain('wrong-wrong');
		expect(engines.asked).toEqual([]);
	});

	it.each([[{ authorization: `bearer ${key}` }], [{ 'x-api-key': key }], [{ 'api-key': key }]])(
		'a key in any of the usual headers: %j',
		async (headers) => {
			const gateway = await start();
			expect((await gateway.post('/chat/completions', ask, headers as Record<string, string>)).status).toBe(
				200,
			);
		},
	);

	it('nobody at all when there is neither a key nor leave to be anonymous', async () => {
		const gateway = await start({ keys: [] });
		expect((await gateway.post('/chat/completions', ask)).status).toBe(401);
	});

	it('programs of this machine on an open gateway, but no web page', async () => {
		const gateway = await start({ keys: [], anonymous: true });
		expect((await gateway.post('/chat/completions', ask, {})).status).toBe(200);
		expect((await gateway.post('/chat/completions', ask, { origin: 'http://localhost:3000' })).status).toBe(
			200,
		);
		expect((await gateway.post('/chat/completions', ask, { origin: 'https://evil.example' })).status).toBe(
			403,
		);
		expect((await gateway.post('/chat/completions', ask, { origin: 'null' })).status).toBe(403);
	});

	it('is decided before another address is opened without keys', async () => {
		const options = { engines: scripted(), keys: [], anonymous: true };
		await expect(listen(options, { host: '0.0.0.0', port: 0 })).rejects.toThrow(/open to everybody/);
		await expect(listen(options, { host: '192.168.1.5', port: 0 })).rejects.toThrow(GatewayError);
	});

	it.each([
		[[{ name: 'a', key: 'short' }]],
		[
			[
				{ name: 'a', key },
				{ name: 'a', key: `${key}2` },
			],
		],
	])('by keys that are long enough and have names of their own: not %j', async (keys) => {
		await expect(start({ keys })).rejects.toThrow(GatewayError);
	});

	it('by the keys of now: others may take their place while it runs', async () => {
		const gateway = await start({});
		const status = async (bearer: string) =>
			(await fetch(`${gateway.url}/models`, { headers: { authorization: `Bearer ${bearer}` } })).status;
		const next = 'another-key-0123456789';
		expect([await status(key), await status(next)]).toEqual([200, 401]);
		gateway.gateway.replaceKeys([{ name: 'next', key: next }]);
		expect([await status(key), await status(next)]).toEqual([401, 200]);
		expect(() => gateway.gateway.replaceKeys([{ name: 'short', key: 'x' }])).toThrow(GatewayError);
		expect(await status(next)).toBe(200);
		gateway.gateway.replaceKeys([]);
		expect([await status(key), await status(next)]).toEqual([401, 401]);
	});

	it('without a key only for a health that says nothing about the engines', async () => {
		const gateway = await start({ engines: scripted({ health: async () => [healthOf('one')] }) });
		expect(await read(fetch(`${gateway.url}/health`))).toEqual({ status: 'ok' });
		const known = await read(fetch(`${gateway.url}/health`, { headers: { authorization: `Bearer ${key}` } }));
		expect(known.engines[0]).toMatchObject({ engine: 'one', status: 'ok' });
		expect(await read(fetch(`${gateway.url}/health`, { headers: { 'x-api-key': key } }))).toEqual(known);
		expect(JSON.stringify(known)).not.toContain('10.0.0.7');
	});
});

const healthOf = (engine: string) => ({
	engine,
	baseUrl: 'http://10.0.0.7:8080',
	dialect: 'openai' as const,
	status: 'ok' as const,
	inFlight: 0,
	waiting: 0,
	breaker: {},
	remote: false,
});

describe('limits', () => {
	it('of requests at once refuse the next one and let it in when one has ended', async () => {
		let finish = () => {};
		const complete = () => new Promise<typeof result>((resolve) => (finish = () => resolve(result)));
		const gateway = await start({
			engines: scripted({ complete }),
			keys: [{ name: 'team', key, maxConcurrency: 1 }],
		});
		const first = gateway.post('/chat/completions', ask);
		await until(() => gateway.gateway.inFlight === 1);
		const second = await gateway.post('/chat/completions', ask);
		expect(second.status).toBe(429);
		expect(second.headers.get('retry-after')).toBe('1');
		expect((await read(second)).error.message).not.toContain(key);
		finish();
		expect((await first).status).toBe(200);
		const third = gateway.post('/chat/completions', ask);
		await until(() => gateway.gateway.inFlight === 1);
		finish();
		expect((await third).status).toBe(200);
	});

	it('of the whole gateway answer 503', async () => {
		const complete = () => new Promise<typeof result>(() => {}); // never ends, not even when told to
		const gateway = await start({ engines: scripted({ complete }), maxInFlight: 1 });
		const first = gateway.post('/chat/completions', ask).catch(() => undefined);
		await until(() => gateway.gateway.inFlight === 1);
		expect((await gateway.post('/chat/completions', ask)).status).toBe(503);
		await closeAll();
		await first;
	}, 20_000);

	it('of the rate refill evenly and say how long to wait', () => {
		let now = 0;
		const limits = new KeyLimits(() => now);
		const ofKey = { name: 'team', requestsPerMinute: 2 };
		limits.enter(ofKey)();
		limits.enter(ofKey)();
		const refusal = () => {
			try {
				limits.enter(ofKey)();
				return undefined;
			} catch (error) {
				return error instanceof GatewayError ? error.details.retryAfterMs : error;
			}
		};
		expect(refusal()).toBe(30_000);
		now = 29_000;
		expect(refusal()).toBe(1000);
		now = 30_000;
		expect(refusal()).toBeUndefined();
		expect(refusal()).toBe(30_000);
		// another key has its own bucket
		expect(() => limits.enter({ name: 'other', requestsPerMinute: 1 })).not.toThrow();
	});

	it('of less than one a minute let one in, and the next when its time has come', () => {
		let now = 0;
		const limits = new KeyLimits(() => now);
		const ofKey = { name: 'team', requestsPerMinute: 0.5 };
		limits.enter(ofKey)();
		expect(() => limits.enter(ofKey)).toThrow(/may ask 0.5 times/);
		now = 120_000;
		expect(() => limits.enter(ofKey)).not.toThrow();
	});

	it('of tokens let requests in while there are some, and again when some have come back', async () => {
		const hour = 60 * 60_000;
		let now = 0;
		const limits = new KeyLimits(() => now);
		const ofKey = { name: 'team', tokensPerDay: 2400 };
		limits.enter(ofKey)();
		expect(limits.spend(ofKey, 2000)).toBe(400);
		limits.enter(ofKey)();
		// What an answer uses is known at its end.
		expect(limits.spend(ofKey, 500)).toBe(-100);
		expect(() => limits.enter(ofKey)).toThrow('The key "team" has used its 2400 tokens for a day');
		now = hour;
		expect(() => limits.enter(ofKey)).toThrow(GatewayError);
		now = 2 * hour;
		limits.enter(ofKey)();
		expect(limits.spend(ofKey, 0)).toBe(100);
		now = 100 * hour;
		expect(limits.spend(ofKey, 0)).toBe(2400);
		expect(limits.spend({ name: 'other' }, 5)).toBeUndefined();
	});

	it('of tokens are told with each exchange, and refused with 429 and the wait', async () => {
		const gateway = await start({ keys: [{ name: 'team', key, tokensPerDay: 5 }] });
		expect((await gateway.post('/chat/completions', ask)).status).toBe(200);
		await until(() => gateway.exchanges.length === 1);
		const refused = await gateway.post('/chat/completions', ask);
		expect(refused.status).toBe(429);
		expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(60 * 60);
		expect(gateway.exchanges.map(({ tokensLeft }) => tokensLeft)).toEqual([0]);
	});

	it('do not count a refused request, and count a place back only once', () => {
		const limits = new KeyLimits(() => 0);
		const ofKey = { name: 'team', maxConcurrency: 1 };
		const leave = limits.enter(ofKey);
		expect(() => limits.enter(ofKey)).toThrow(GatewayError);
		leave();
		leave();
		limits.enter(ofKey);
		expect(() => limits.enter(ofKey)).toThrow(GatewayError);
	});
});

describe('errors', () => {
	it.each<[EngineErrorKind, number, string | null]>([
		['invalidRequest', 400, null],
		['contextExceeded', 400, 'context_length_exceeded'],
		['unsupported', 400, 'unsupported'],
		['modelNotFound', 404, 'model_not_found'],
		['rateLimited', 429, 'rate_limit_exceeded'],
		['overloaded', 503, 'overloaded'],
		['loading', 503, 'model_loading'],
		['unauthorized', 502, 'engine_unauthorized'],
		['unreachable', 502, 'engine_unreachable'],
		['timeout', 504, 'engine_timeout'],
		['server', 502, 'engine_error'],
	])('of kind %s answer %i %s, with the engine’s own words', async (kind, status, code) => {
		const complete = async () => {
			throw new EngineError(kind, 'It failed.', { engineMessage: 'CUDA out of memory', engine: 'one' });
		};
		const gateway = await start({ engines: scripted({ complete }) });
		const response = await gateway.post('/chat/completions', ask);
		expect(response.status).toBe(status);
		const { error } = await read(response);
		expect(error.code).toBe(code);
		expect(error.message).toBe('It failed. (CUDA out of memory)');
		if (status === 502 || status === 504) expect(response.headers.get('x-should-retry')).toBe('false');
		expect(gateway.exchanges[0]).toMatchObject({ status, engine: 'one', error: { kind } });
	});

	it('pass on when to come back', async () => {
		const complete = async () => {
			throw new EngineError('rateLimited', 'Later.', { retryAfterMs: 1500 });
		};
		const gateway = await start({ engines: scripted({ complete }) });
		const { headers } = await gateway.post('/chat/completions', ask);
		expect([headers.get('retry-after'), headers.get('retry-after-ms')]).toEqual(['2', '1500']);
	});

	it('of our own making tell the client nothing and the host everything', async () => {
		const complete = async () => {
			throw new TypeError('secret detail');
		};
		const gateway = await start({ engines: scripted({ complete }) });
		const response = await gateway.post('/chat/completions', ask);
		expect(response.status).toBe(500);
		expect(await response.text()).not.toContain('secret');
		expect(gateway.faults).toEqual([expect.objectContaining({ message: 'secret detail' })]);
	});

	it.each([
		['GET', '/chat/completions', 405],
		['POST', '/models', 405],
		['POST', '/responses/resp_1/cancel', 404],
		['POST', '/assistants', 404],
		['POST', '/../../etc/passwd', 404],
		['GET', '/models/%E0%A4%A', 400],
	])('of the route: %s %s answers %i', async (method, path, status) => {
		const gateway = await start();
		const headers = { authorization: `Bearer ${key}` };
		const response = await fetch(`${gateway.url}${path}`, {
			method,
			headers,
			...(method === 'POST' ? { body: '{}' } : {}),
		});
		expect(response.status).toBe(status);
		expect((await read(response)).error.type).toBe('invalid_request_error');
	});
});

describe('the exchange', () => {
	it('tells who asked what, who answered, and how long it took', async () => {
		const gateway = await start();
		await (await gateway.post('/chat/completions', { ...ask, stream: true })).text();
		await until(() => gateway.exchanges.length === 1);
		expect(gateway.exchanges[0]).toEqual({
			id: expect.stringMatching(/^chatcmpl-/),
			route: 'chat',
			api: 'chat',
			key: 'team',
			startedAt: expect.stringMatching(/^\d{4}-.*Z$/),
			ms: expect.any(Number),
			status: 200,
			streamed: true,
			requestedModel: 'gpt',
			engine: 'one',
			model: 'm',
			attempts: expect.any(Array),
			usage: { promptTokens: 3, completionTokens: 2, cachedTokens: 1 },
			timings: expect.any(Object),
			chat: {
				request: { model: 'gpt', messages: [{ role: 'user', content: 'Hi' }] },
				answer: { text: 'Hello "wörld"\n', reasoning: 'hm', toolCalls: [], finishReason: 'stop' },
			},
		});
		expect(JSON.stringify(gateway.exchanges)).not.toContain(key);
	});

	it('is told of refused requests too, but not of callers that were not let in', async () => {
		const gateway = await start();
		await gateway.post('/chat/completions', { model: 'gpt' });
		await gateway.post('/chat/completions', ask, {});
		expect(gateway.exchanges.map(({ status, error }) => [status, error?.kind])).toEqual([
			[400, 'invalidRequest'],
		]);
	});

	it('reaches a listener that throws without harm to the client', async () => {
		const gateway = await start({
			onExchange: () => {
				throw new Error('disk full');
			},
		});
		expect((await gateway.post('/chat/completions', ask)).status).toBe(200);
		await until(() => gateway.faults.length === 1);
	});
});

describe('stopping', () => {
	it('lets what is in flight end and takes nothing new', async () => {
		let finish = () => {};
		const complete = () => new Promise<typeof result>((resolve) => (finish = () => resolve(result)));
		const gateway = await start({ engines: scripted({ complete }) });
		const running = gateway.post('/chat/completions', ask);
		await until(() => gateway.gateway.inFlight === 1);
		const closed = gateway.close(5000);
		await expect(gateway.post('/chat/completions', ask)).rejects.toThrow();
		finish();
		expect((await running).status).toBe(200);
		await closed;
	});

	it('cancels what does not end in time', async () => {
		let aborted = false;
		const complete = (_request: unknown, call: { signal?: AbortSignal } = {}) =>
			new Promise<typeof result>((_, reject) =>
				call.signal?.addEventListener('abort', () => {
					aborted = true;
					reject(new EngineError('cancelled', 'The call was cancelled.'));
				}),
			);
		const gateway = await start({ engines: scripted({ complete }) });
		const running = gateway.post('/chat/completions', ask).then(
			({ status }) => status,
			() => 'cut off',
		);
		await until(() => gateway.gateway.inFlight === 1);
		await gateway.close(10);
		expect(aborted).toBe(true);
		expect([499, 'cut off']).toContain(await running);
	});
});
