import { createServer } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Attempt, ChatRequest } from '../../../lib/engine';
import { freePort, listenLocally } from '../../support/listen';
import { type ReplayRequest, replayServer, type ReplayServer } from './support/replayServer';
import {
	ASK,
	breaksAfter,
	lists,
	outcomes,
	piece,
	refuses,
	says,
	sse,
	stop,
	workbench,
} from './support/replies';

const { engine, listing, poolOf, closeAll, keep } = workbench();
afterEach(closeAll);

describe('failover', () => {
	test('a dead engine is passed over, and the attempts say so', async () => {
		const two = await engine(() => says('from two'));
		const pool = poolOf([{ baseUrl: 'http://127.0.0.1:1' }, { baseUrl: two.url, tier: 1 }]);
		const seen: Attempt[] = [];
		const result = await pool.complete(ASK, { onAttempt: (attempt) => seen.push(attempt) });
		expect(result.text).toBe('from two');
		expect(outcomes(result.attempts)).toEqual(['e1:unreachable', 'e2:ok']);
		expect(seen).toEqual(result.attempts);
	});

	test('a collected call starts again whole on another engine after the first token', async () => {
		const one = await engine(() => breaksAfter('half an ans'));
		const two = await engine(() => says('whole'));
		const result = await poolOf([{ baseUrl: one.url }, { baseUrl: two.url, tier: 1 }]).complete(ASK);
		expect(result.text).toBe('whole');
		expect(outcomes(result.attempts)).toEqual(['e1:interrupted', 'e2:ok']);
	});

	test('a streamed call fails over before its first token', async () => {
		const one = await engine(() => refuses(500, 'boom'));
		const two = await engine(() => says('streamed'));
		const events = [];
		for await (const event of poolOf([{ baseUrl: one.url }, { baseUrl: two.url, tier: 1 }]).chat(ASK))
			events.push(event);
		expect(events[0]).toMatchObject({
			type: 'start',
			engine: 'e2',
			attempts: [{ engine: 'e1', outcome: 'server' }],
		});
		expect(events[1]).toEqual({ type: 'text', text: 'streamed' });
	});

	test('a streamed call ends with interrupted after its first token, and asks nobody else', async () => {
		const one = await engine(() => breaksAfter('half'));
		const two = await engine(() => says('never'));
		const texts: string[] = [];
		const run = async () => {
			for await (const event of poolOf([{ baseUrl: one.url }, { baseUrl: two.url, tier: 1 }]).chat(ASK)) {
				if (event.type === 'text') texts.push(event.text);
			}
		};
		await expect(run()).rejects.toMatchObject({
			kind: 'interrupted',
			partial: { text: 'half' },
			engine: 'e1',
		});
		expect(texts).toEqual(['half']);
		expect(two.requests).toHaveLength(0);
	});

	test('a request that is wrong is not repeated elsewhere, and no breaker remembers it', async () => {
		const one = await engine(() => refuses(400, 'temperature must be non-negative'));
		const two = await engine(() => says('never'));
		const pool = poolOf([{ baseUrl: one.url }, { baseUrl: two.url, tier: 1 }], { breakerThreshold: 1 });
		for (let i = 0; i < 3; i++) {
			await expect(pool.complete(ASK)).rejects.toMatchObject({
				kind: 'invalidRequest',
				engineMessage: 'temperature must be non-negative',
			});
		}
		expect(one.requests).toHaveLength(3);
		expect(two.requests).toHaveLength(0);
	});

	test('another engine may know the model, or take the key, that the first one does not', async () => {
		const one = await engine((count) =>
			count === 1 ? refuses(404, 'model "m" not found') : refuses(401, 'who are you'),
		);
		const two = await engine(() => says('mine'));
		const pool = poolOf([{ baseUrl: one.url }, { baseUrl: two.url, tier: 1 }]);
		expect(outcomes((await pool.complete(ASK)).attempts)).toEqual(['e1:modelNotFound', 'e2:ok']);
		expect(outcomes((await pool.complete(ASK)).attempts)).toEqual(['e1:unauthorized', 'e2:ok']);
	});

	test('when nobody can answer, the error names each engine and why', async () => {
		const one = await engine(() => refuses(404, "model 'm' not found"));
		const two = await engine(() => refuses(500, 'out of memory'));
		const failure: unknown = await poolOf([{ baseUrl: one.url }, { baseUrl: two.url }], { rounds: 0 })
			.complete(ASK)
			.catch((error: unknown) => error);
		expect(failure).toMatchObject({ kind: 'server' });
		expect(String(failure)).toMatch(/e1: modelNotFound[\s\S]*e2: server[\s\S]*out of memory/);
	});

	test('a transient failure of the only engine is tried again', async () => {
		const one = await engine((count) => (count === 1 ? refuses(500, 'hiccup') : says('again')));
		const result = await poolOf([{ baseUrl: one.url }]).complete(ASK);
		expect(outcomes(result.attempts)).toEqual(['e1:server', 'e1:ok']);
	});

	test('an engine that loads its model is waited for beyond the rounds, and its breaker stays closed', async () => {
		const one = await engine((count) => (count <= 2 ? refuses(503, 'Loading model') : says('loaded')));
		const pool = poolOf([{ baseUrl: one.url }], { rounds: 0, breakerThreshold: 1 });
		const result = await pool.complete(ASK);
		expect(outcomes(result.attempts)).toEqual(['e1:loading', 'e1:loading', 'e1:ok']);
	});

	test('Retry-After is kept to', async () => {
		const times: number[] = [];
		const one = await engine((count) => {
			times.push(performance.now());
			return count === 1 ? refuses(429, 'slow down', { 'retry-after': '1' }) : says('ok');
		});
		await poolOf([{ baseUrl: one.url }]).complete(ASK);
		expect((times[1] ?? 0) - (times[0] ?? 0)).toBeGreaterThanOrEqual(990);
	});

	test('a Retry-After of more than a minute is for the caller to wait', async () => {
		const one = await engine(() => refuses(429, 'slow down', { 'retry-after': '3600' }));
		await expect(poolOf([{ baseUrl: one.url }]).complete(ASK)).rejects.toMatchObject({
			kind: 'rateLimited',
			retryAfterMs: 3_600_000,
		});
		expect(one.requests).toHaveLength(1);
	});
});

describe('breaker', () => {
	const chats = ({ requests }: ReplayServer) =>
		requests.filter(({ path }) => path === '/v1/chat/completions');
	const askedByUs = (requests: readonly ReplayRequest[]) =>
		requests.filter(({ body }) => !JSON.stringify(body).includes('"max_tokens":1'));

	test('opens after failures in a row, keeps calls away, and finds out by itself when the engine is back', async () => {
		let broken = true;
		const one = await engine(() => (broken ? refuses(500, 'boom') : says('one')));
		const two = await engine(() => says('two'));
		const pool = poolOf([{ baseUrl: one.url }, { baseUrl: two.url, tier: 1 }], {
			breakerThreshold: 2,
			breakerPauseMs: 20,
		});
		await pool.complete(ASK);
		await pool.complete(ASK);
		expect(outcomes((await pool.complete(ASK)).attempts)).toEqual(['e2:ok']);
		expect((await pool.health()).map(({ breaker }) => breaker)).toEqual([{ m: 'open' }, { m: 'closed' }]);
		expect(askedByUs(chats(one))).toHaveLength(2);
		broken = false;
		while ((await pool.health())[0]?.breaker.m !== 'closed') await sleep(5);
		expect((await pool.complete(ASK)).text).toBe('one');
	});

	test('no caller’s request reaches an engine that is ill: it is asked a small question of our own', async () => {
		const one = await engine(() => refuses(500, 'boom'));
		const two = await engine(() => says('two'));
		const pool = poolOf([{ baseUrl: one.url }, { baseUrl: two.url, tier: 1 }], {
			breakerThreshold: 1,
			breakerPauseMs: 1,
		});
		await pool.complete(ASK);
		while (chats(one).length < 3) await sleep(2);
		const results = await Promise.all(Array.from({ length: 50 }, () => pool.complete(ASK)));
		expect(results.every(({ text }) => text === 'two')).toBe(true);
		expect(askedByUs(chats(one))).toHaveLength(1);
		const probe = chats(one).at(-1)?.body;
		expect(probe).toMatchObject({ messages: [{ role: 'user', content: 'Hi' }], max_tokens: 1 });
	});

	test('with no other engine there is nothing to pause for: the next call is served', async () => {
		let broken = true;
		const one = await engine(() => (broken ? refuses(500, 'boom') : says('back')));
		const pool = poolOf([{ baseUrl: one.url }], { breakerThreshold: 1, rounds: 0, breakerPauseMs: 60_000 });
		await expect(pool.complete(ASK)).rejects.toMatchObject({ kind: 'server' });
		await expect(pool.complete(ASK)).rejects.toMatchObject({ kind: 'server', engineMessage: 'boom' });
		broken = false;
		expect((await pool.complete(ASK)).text).toBe('back');
	});

	test.each(['auto', 'openai'] as const)(
		'one failed connection is enough (%s): later calls do not try the dead engine, and are served when it is back',
		async (dialect) => {
			const port = await freePort();
			const two = await listing((_, { path }) => (path === '/v1/models' ? lists({ id: 'm' }) : says('two')));
			const addresses = [
				{ baseUrl: `http://127.0.0.1:${port}`, dialect },
				{ baseUrl: two.url, dialect, tier: 1 },
			];
			const pool = poolOf(addresses, { breakerPauseMs: 20 });
			expect(outcomes((await pool.complete(ASK)).attempts)).toEqual(['e1:unreachable', 'e2:ok']);
			expect(outcomes((await pool.complete(ASK)).attempts)).toEqual(['e2:ok']);
			const back = createServer((request, response) => {
				if (request.url === '/v1/models') response.end(JSON.stringify({ data: [{ id: 'm' }] }));
				else if (request.url === '/v1/chat/completions')
					response
						.setHeader('content-type', 'text/event-stream')
						.end([...sse(piece('one'), stop), 'data: [DONE]\n\n'].join(''));
				else response.writeHead(404).end();
			});
			keep(await listenLocally(back, port));
			const deadline = performance.now() + 10_000;
			let text = '';
			while (text !== 'one' && performance.now() < deadline) {
				({ text } = await pool.complete(ASK));
				await sleep(10);
			}
			expect(text).toBe('one');
		},
	);

	test('while all engines are away a call waits, and goes on as soon as one is back', async () => {
		const ports = [await freePort(), await freePort()];
		const pool = poolOf(
			ports.map((port) => ({ baseUrl: `http://127.0.0.1:${port}` })),
			{ rounds: 0, breakerPauseMs: 20, patienceMs: 20_000 },
		);
		await expect(pool.complete(ASK)).rejects.toMatchObject({ kind: 'unreachable' });
		const call = pool.complete(ASK);
		await sleep(50);
		const back = createServer((_, response) =>
			response
				.setHeader('content-type', 'text/event-stream')
				.end([...sse(piece('back'), stop), 'data: [DONE]\n\n'].join('')),
		);
		keep(await listenLocally(back, ports[1]));
		expect((await call).text).toBe('back');
	});

	test('engines whose answers broke off with the connection are away: a call waits for them to come back', async () => {
		let broken = true;
		const servers = await Promise.all(
			[1, 2].map(() => engine(() => (broken ? breaksAfter('Ha') : says('back')))),
		);
		const pool = poolOf(
			servers.map(({ url }) => ({ baseUrl: url })),
			{ rounds: 0, breakerThreshold: 1, breakerPauseMs: 20 },
		);
		await expect(pool.complete(ASK)).rejects.toMatchObject({ kind: 'interrupted' });
		const call = pool.complete(ASK);
		await sleep(1);
		broken = false;
		expect((await call).text).toBe('back');
	});

	test('a tool call that its engine cannot read is the model’s: no breaker opens, and the error says what to do', async () => {
		const words = `error parsing tool call: raw='{"city":"Par', err=unexpected end of JSON input`;
		const one = await engine(() => refuses(500, words));
		const pool = poolOf([{ baseUrl: one.url }], { rounds: 0, breakerThreshold: 1 });
		await expect(pool.complete(ASK)).rejects.toMatchObject({
			kind: 'badAnswer',
			message: expect.stringMatching(
				/the model "m" wrote: it was cut off at the token limit.*Raise "Maximum Tokens"/,
			),
		});
		expect((await pool.health())[0]?.breaker).toEqual({ m: 'closed' });
	});

	test('nobody waits for engines that answer with errors, and the error says what they said', async () => {
		const servers = await Promise.all([1, 2].map((n) => engine(() => refuses(500, `broken ${n}`))));
		const pool = poolOf(
			servers.map(({ url }) => ({ baseUrl: url })),
			{ rounds: 0, breakerThreshold: 1, breakerPauseMs: 60_000 },
		);
		await expect(pool.complete(ASK)).rejects.toMatchObject({ kind: 'server' });
		const failure: unknown = await pool.complete(ASK).catch((error: unknown) => error);
		expect(failure).toMatchObject({ kind: 'server', attempts: [] });
		expect(String(failure)).toMatch(/broken 1[\s\S]*checked every few seconds[\s\S]*broken 2/);
	});

	test('calls that fail together are one outage', async () => {
		let broken = true;
		const one = await engine(async () => {
			await sleep(20);
			return broken ? refuses(500, 'boom') : says('back');
		});
		const two = await engine(() => says('two'));
		const pool = poolOf([{ baseUrl: one.url }, { baseUrl: two.url, tier: 1 }], {
			breakerThreshold: 2,
			breakerPauseMs: 20,
		});
		await Promise.all(Array.from({ length: 16 }, () => pool.complete(ASK)));
		broken = false;
		while ((await pool.health())[0]?.breaker.m !== 'closed') await sleep(5);
		expect((await pool.complete(ASK)).text).toBe('back');
	});

	test('a failure of one model leaves the engine’s other models alone', async () => {
		const server = await engine((_, { body }) =>
			JSON.stringify(body).includes('"bad"') ? refuses(500, 'boom') : says('good'),
		);
		const pool = poolOf([{ baseUrl: server.url }], { rounds: 0, breakerThreshold: 1, patienceMs: 0 });
		await expect(pool.complete({ ...ASK, model: 'bad' })).rejects.toMatchObject({ kind: 'server' });
		expect((await pool.complete({ ...ASK, model: 'good' })).text).toBe('good');
		await expect(pool.complete({ ...ASK, model: 'bad' })).rejects.toMatchObject({
			kind: 'server',
		});
	});
});

describe('choosing', () => {
	test('a model goes to the engine that is set up with it, whatever its tier', async () => {
		const one = await engine(() => says('from one'));
		const two = await engine(() => says('from two'));
		const pool = poolOf([
			{ baseUrl: one.url, models: { chat: 'a' } },
			{ baseUrl: two.url, tier: 1, models: { chat: 'b' } },
		]);
		expect((await pool.complete({ ...ASK, model: 'b' })).text).toBe('from two');
		expect((await pool.complete({ ...ASK, model: 'a' })).text).toBe('from one');
		expect((await pool.complete({ ...ASK, model: undefined })).text).toBe('from one');
	});

	test('calls spread over the engines of a tier, and the next tier is not touched', async () => {
		const servers = await Promise.all([1, 2, 3].map((n) => engine(() => says(`e${n}`, 20))));
		const pool = poolOf(servers.map(({ url }, i) => ({ baseUrl: url, tier: i < 2 ? 0 : 1 })));
		await Promise.all(Array.from({ length: 10 }, () => pool.complete(ASK)));
		expect(servers.map(({ requests }) => requests.length)).toEqual([5, 5, 0]);
	});

	test('prompts of one prefix stay on one engine until it is too busy', async () => {
		const servers = await Promise.all([1, 2].map(() => engine(() => says('x', 20))));
		const pool = poolOf(
			servers.map(({ url }) => ({ baseUrl: url })),
			{ affinityImbalance: 2 },
		);
		const long: ChatRequest = {
			model: 'm',
			messages: [
				{ role: 'system', content: 'You are careful. '.repeat(40) },
				{ role: 'user', content: 'Hi' },
			],
		};
		for (let i = 0; i < 6; i++) await pool.complete(long);
		expect(servers.map(({ requests }) => requests.length).sort()).toEqual([0, 6]);
		await Promise.all(Array.from({ length: 12 }, () => pool.complete(long)));
		const [a = 0, b = 0] = servers.map(({ requests }) => requests.length);
		expect(Math.abs(a - b)).toBeLessThanOrEqual(9);
		expect(Math.min(a, b)).toBeGreaterThanOrEqual(4);
	});

	test('no more than maxConcurrency are in flight, and the others are served in the order they came', async () => {
		let now = 0;
		let most = 0;
		const order: string[] = [];
		const server = await engine(async (_, { body }) => {
			order.push(/n\d+/.exec(JSON.stringify(body))?.[0] ?? '');
			most = Math.max(most, ++now);
			await new Promise((resolve) => setTimeout(resolve, 10));
			now--;
			return says('x');
		});
		const pool = poolOf([{ baseUrl: server.url, maxConcurrency: 1 }]);
		await Promise.all(
			Array.from({ length: 8 }, (_, i) =>
				pool.complete({ model: 'm', messages: [{ role: 'user', content: `n${i}` }] }),
			),
		);
		expect(most).toBe(1);
		expect(order).toEqual([0, 1, 2, 3, 4, 5, 6, 7].map((i) => `n${i}`));
	});

	test('whoever waits longer than the queue deadline fails overloaded; a full queue refuses at once', async () => {
		const server = await engine(() => 'hang');
		const pool = poolOf([{ baseUrl: server.url, maxConcurrency: 1 }], { maxWaiting: 1, rounds: 0 });
		const stopper = new AbortController();
		const first = pool.complete(ASK, { signal: stopper.signal }).catch((error: unknown) => error);
		const second = pool.complete(ASK, { deadlines: { queueMs: 60 } }).catch((error: unknown) => error);
		await expect(pool.complete(ASK)).rejects.toMatchObject({ kind: 'overloaded' });
		expect(await second).toMatchObject({ kind: 'overloaded' });
		stopper.abort();
		expect(await first).toMatchObject({ kind: 'cancelled' });
	});

	test('engines are asked by their own names for the model', async () => {
		const one = await engine(() => refuses(500, 'x'));
		const two = await engine(() => says('ok'));
		const pool = poolOf([
			{ baseUrl: one.url, aliases: { m: 'm:7b-q4' } },
			{ baseUrl: two.url, tier: 1, aliases: { m: 'org/m-7b' } },
		]);
		await pool.complete(ASK);
		expect(one.requests[0]?.body).toMatchObject({ model: 'm:7b-q4' });
		expect(two.requests[0]?.body).toMatchObject({ model: 'org/m-7b' });
	});

	test('a name that no engine holds is an error with the names that may have been meant', async () => {
		const one = await listing((_, { path }) =>
			path === '/v1/models' ? lists({ id: 'qwen3:8b' }) : says('one'),
		);
		const two = await listing((_, { path }) =>
			path === '/v1/models' ? lists({ id: 'llama3.2' }) : says('two'),
		);
		const pool = poolOf([
			{ baseUrl: one.url, models: { chat: 'qwen3:8b' } },
			{ baseUrl: two.url, tier: 1 },
		]);
		await expect(pool.complete({ ...ASK, model: 'qwen3:7b' })).rejects.toMatchObject({
			kind: 'modelNotFound',
			message: 'No engine has the model "qwen3:7b". Similar names: qwen3:8b.',
			modelNames: ['qwen3:8b', 'llama3.2'],
			attempts: [],
		});
		const chats = [...one.requests, ...two.requests].filter(({ path }) => path !== '/v1/models');
		expect(chats).toEqual([]);
	});

	test('a model goes to the engine that lists it, whatever its tier, and to no other when that one is down', async () => {
		let up = true;
		const one = await listing((_, { path }) =>
			path === '/v1/models' ? lists({ id: 'a' }) : says('from one'),
		);
		const two = await listing((_, { path }) =>
			!up ? 'fin' : path === '/v1/models' ? lists({ id: 'b' }) : says('from two'),
		);
		const pool = poolOf([{ baseUrl: one.url }, { baseUrl: two.url, tier: 1 }], { rounds: 0, patienceMs: 0 });
		expect(await pool.complete({ ...ASK, model: 'b' })).toMatchObject({ text: 'from two', engine: 'e2' });
		up = false;
		await expect(pool.complete({ ...ASK, model: 'b' })).rejects.toMatchObject({ kind: 'unreachable' });
	});

	test('another model answers only where a list of stand-ins says so, in its order, and the answer tells which', async () => {
		let up = true;
		const one = await listing((_, { path }) =>
			path === '/v1/models' ? lists({ id: 'small' }) : says('from small'),
		);
		const two = await listing((_, { path }) =>
			path === '/v1/models' ? lists({ id: 'big' }) : up ? says('from big') : refuses(500, 'boom'),
		);
		const pool = poolOf([{ baseUrl: one.url }, { baseUrl: two.url, tier: 1 }], {
			rounds: 0,
			fallbacks: { best: ['big', 'small'] },
		});
		expect(await pool.complete({ ...ASK, model: 'best' })).toMatchObject({ text: 'from big', model: 'big' });
		up = false;
		const result = await pool.complete({ ...ASK, model: 'best' });
		expect(result).toMatchObject({ text: 'from small', model: 'small', engine: 'e1' });
		expect(result.attempts.map(({ model, outcome }) => `${model} ${outcome}`)).toEqual([
			'big server',
			'small ok',
		]);
		await expect(pool.complete({ ...ASK, model: 'big' })).rejects.toMatchObject({ kind: 'server' });
	});

	test('a model that was pulled since is found', async () => {
		const models = [{ id: 'old' }];
		const one = await listing((_, { path }) => (path === '/v1/models' ? lists(...models) : says('x')));
		const pool = poolOf([{ baseUrl: one.url }]);
		await pool.complete({ ...ASK, model: 'old' });
		models.push({ id: 'new' });
		const later = performance.now() + 10_000;
		jest.spyOn(performance, 'now').mockImplementation(() => later);
		try {
			expect((await pool.complete({ ...ASK, model: 'new' })).text).toBe('x');
		} finally {
			jest.restoreAllMocks();
		}
	});

	test('a remote engine is used only where the call allows it', async () => {
		const cloud = await engine(() => says('cloud'));
		const pool = poolOf([{ baseUrl: 'http://127.0.0.1:1' }, { baseUrl: cloud.url, remote: true, tier: 1 }], {
			rounds: 0,
		});
		await expect(pool.complete(ASK)).rejects.toMatchObject({ kind: 'unreachable' });
		expect(cloud.requests).toHaveLength(0);
		expect((await pool.complete(ASK, { allowRemote: true })).text).toBe('cloud');
	});

	test('FreeLLMAPI is remote, whatever the address says', async () => {
		const cloud = await engine(() => says('cloud'));
		const pool = poolOf([{ baseUrl: cloud.url, dialect: 'freellmapi' }]);
		await expect(pool.complete(ASK)).rejects.toMatchObject({
			kind: 'unsupported',
			message: expect.stringMatching(/is outside your network/),
		});
		expect(cloud.requests).toHaveLength(0);
	});
});

describe('what an engine cannot do', () => {
	test('is refused before anything is sent, with what each engine lacks', async () => {
		const server = await engine(() => says('never'));
		const pool = poolOf([{ baseUrl: server.url }]);
		await expect(
			pool.complete({ ...ASK, responseFormat: { type: 'grammar', grammar: 'root ::= "a"' } }),
		).rejects.toMatchObject({
			kind: 'unsupported',
			message: expect.stringMatching(/e1 \(OpenAI-compatible engine\) has no grammar/),
		});
		expect(server.requests).toHaveLength(0);
	});

	test('goes to the engine that can', async () => {
		const one = await engine(() => says('never'));
		const two = await engine(() => says('yes'));
		const pool = poolOf([{ baseUrl: one.url }, { baseUrl: two.url, dialect: 'vllm', tier: 1 }]);
		const result = await pool.complete({
			...ASK,
			responseFormat: { type: 'choice', options: ['yes', 'no'] },
		});
		expect(result.engine).toBe('e2');
		expect(two.requests[0]?.body).toMatchObject({ structured_outputs: { choice: ['yes', 'no'] } });
		expect(one.requests).toHaveLength(0);
	});
});

describe('context', () => {
	const LONG: ChatRequest = { model: 'm', messages: [{ role: 'user', content: 'word '.repeat(4_000) }] };
	const withContext = (tokens: number, text: string) =>
		replayServer(({ path }) =>
			path === '/v1/models'
				? { status: 200, body: { data: [{ id: 'm', max_model_len: tokens }] } }
				: path === '/tokenize'
					? { status: 200, body: { count: 4_011 } }
					: says(text),
		);

	test('a prompt that does not fit what is loaded goes to the engine where it does', async () => {
		const small = await withContext(1_024, 'small');
		const large = await withContext(32_768, 'large');
		keep(small, large);
		const pool = poolOf([
			{ baseUrl: small.url, dialect: 'vllm' },
			{ baseUrl: large.url, dialect: 'vllm', tier: 1 },
		]);
		const result = await pool.complete(LONG);
		expect(result.text).toBe('large');
		expect(result.attempts[0]).toMatchObject({
			outcome: 'contextExceeded',
			message: expect.stringMatching(/4011 tokens.*1024/),
		});
		expect(small.requests.some(({ path }) => path === '/v1/chat/completions')).toBe(false);
	});

	test('too many output tokens for the context are asked for again with what is left', async () => {
		const server = await engine((count) =>
			count === 1
				? refuses(
						400,
						"This model's maximum context length is 1024 tokens. However, you requested 2000 output tokens and your prompt contains at least 100 input tokens",
					)
				: says('fits'),
		);
		const result = await poolOf([{ baseUrl: server.url }]).complete({ ...ASK, maxTokens: 2_000 });
		expect(result.text).toBe('fits');
		expect(server.requests[1]?.body).toMatchObject({ max_tokens: 924 });
	});
});

describe('stopping', () => {
	const until = async (what: () => boolean): Promise<void> => {
		while (!what()) await new Promise((resolve) => setTimeout(resolve, 5));
	};

	test('an abort ends the call and closes the engine’s connection', async () => {
		const server = await engine(() => ({ chunks: sse(piece('a')), end: 'hang' }));
		const stopper = new AbortController();
		const call = poolOf([{ baseUrl: server.url }]).complete(ASK, { signal: stopper.signal });
		await until(() => server.requests.length === 1);
		stopper.abort();
		await expect(call).rejects.toMatchObject({ kind: 'cancelled' });
		await until(() => server.aborted() === 1);
	});

	test('a consumer that stops reading stops the engine', async () => {
		const server = await engine(() => ({ chunks: sse(piece('a'), piece('b')), end: 'hang' }));
		for await (const event of poolOf([{ baseUrl: server.url }]).chat(ASK)) {
			if (event.type === 'text') break;
		}
		await until(() => server.aborted() === 1);
	});

	test('a call that was aborted before it began is not sent', async () => {
		const server = await engine(() => says('never'));
		await expect(
			poolOf([{ baseUrl: server.url }]).complete(ASK, { signal: AbortSignal.abort() }),
		).rejects.toMatchObject({ kind: 'cancelled' });
		expect(server.requests).toHaveLength(0);
	});

	test('an engine that hangs before its first token is left at the deadline for another', async () => {
		const one = await engine(() => 'hang');
		const two = await engine(() => says('two'));
		const pool = poolOf([{ baseUrl: one.url }, { baseUrl: two.url, tier: 1 }], {
			deadlines: { firstTokenMs: 100 },
		});
		expect(outcomes((await pool.complete(ASK)).attempts)).toEqual(['e1:timeout', 'e2:ok']);
	});

	test('pings are no tokens: the deadline between tokens runs on', async () => {
		const pings = Array.from({ length: 100 }, () => ':\n\n');
		const server = await engine(() => ({ chunks: [...sse(piece('a')), ...pings], end: 'hang', gapMs: 20 }));
		const pool = poolOf([{ baseUrl: server.url }], { rounds: 0, deadlines: { betweenTokensMs: 150 } });
		await expect(pool.complete(ASK)).rejects.toMatchObject({ kind: 'timeout', partial: { text: 'a' } });
	});

	test('the total deadline holds over all attempts', async () => {
		const server = await engine(() => ({
			chunks: Array.from({ length: 100 }, () => sse(piece('a'))[0] ?? ''),
			end: 'hang',
			gapMs: 20,
		}));
		const pool = poolOf([{ baseUrl: server.url }], { deadlines: { totalMs: 200 } });
		await expect(pool.complete(ASK)).rejects.toMatchObject({
			kind: 'timeout',
			message: expect.stringMatching(/total deadline/),
		});
	});
});

describe('egress', () => {
	const onlyLocal = (url: URL): void => {
		if (url.hostname !== '127.0.0.1') throw new Error(`blocked: ${url.hostname}`);
	};

	test('a forbidden address is refused before it is asked', async () => {
		const pool = poolOf([{ baseUrl: 'http://169.254.169.254' }], { checkUrl: onlyLocal, rounds: 0 });
		await expect(pool.complete(ASK)).rejects.toMatchObject({
			kind: 'unauthorized',
			message: expect.stringMatching(/blocked: 169\.254\.169\.254/),
		});
	});

	test('so is one that an allowed address redirects to', async () => {
		const server = await engine(() => ({
			status: 307,
			headers: { location: 'http://169.254.169.254/latest' },
			body: '',
		}));
		const pool = poolOf([{ baseUrl: server.url }], { checkUrl: onlyLocal, rounds: 0 });
		await expect(pool.complete(ASK)).rejects.toMatchObject({
			kind: 'badAnswer',
			message: expect.stringMatching(/to http:\/\/169\.254\.169\.254/),
		});
	});

	test('a redirect to another origin is refused: it gets neither key nor text', async () => {
		const target = await engine(() => says('there'));
		const server = await engine(() => ({
			status: 307,
			headers: { location: `${target.url}/v1/chat/completions` },
			body: '',
		}));
		const pool = poolOf([{ baseUrl: server.url, apiKey: 'secret-key' }], { rounds: 0 });
		await expect(pool.complete(ASK)).rejects.toMatchObject({
			kind: 'badAnswer',
			message: expect.stringMatching(/redirects \(307\) to http.*neither key nor text/),
		});
		expect(target.requests).toEqual([]);
	});

	test('one within the same origin is followed with the key', async () => {
		const server = await engine((_, { path }) =>
			path.startsWith('/other')
				? says('there')
				: { status: 307, headers: { location: '/other/v1/chat/completions' }, body: '' },
		);
		const result = await poolOf([{ baseUrl: server.url, apiKey: 'secret-key' }]).complete(ASK);
		expect(result.text).toBe('there');
		expect(server.requests.at(-1)?.headers.authorization).toBe('Bearer secret-key');
	});

	test('a redirect that would drop the request is an error that says what to do', async () => {
		const server = await engine(() => ({ status: 302, headers: { location: '/login' }, body: '' }));
		await expect(poolOf([{ baseUrl: server.url }], { rounds: 0 }).complete(ASK)).rejects.toMatchObject({
			kind: 'badAnswer',
			message: expect.stringMatching(/redirects \(302\)/),
		});
	});
});
