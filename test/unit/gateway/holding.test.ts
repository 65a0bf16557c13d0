import { connect, type Socket } from 'node:net';
import { once } from 'node:events';
import { type ChatEvent, EnginePool } from '../../../lib/engine';
import { endlessEngine } from '../../support/endlessEngine';
import { closeAll, hello, key, read, scripted, start, until } from './support/gateway';

const sockets: Socket[] = [];
afterEach(async () => {
	for (const socket of sockets.splice(0)) socket.destroy();
	await closeAll();
});

/** A client that sends what it is told to and reads nothing of the answer. */
async function silentClient(port: number, request: string): Promise<Socket> {
	const socket = connect(port, '127.0.0.1');
	sockets.push(socket);
	await once(socket, 'connect');
	socket.pause();
	socket.on('error', () => undefined);
	socket.write(request);
	return socket;
}

const head = (length: number, path = '/v1/chat/completions', credential = key): string =>
	`POST ${path} HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${credential}\r\ncontent-type: application/json\r\ncontent-length: ${length}\r\n\r\n`;
const body = JSON.stringify({ model: 'm', stream: true, messages: [{ role: 'user', content: 'Hi' }] });

/** An engine that never stops talking, and remembers whether it was stopped. */
function talkative() {
	const state = { stopped: false };
	return {
		state,
		engines: scripted({
			async *chat(_request, call): AsyncGenerator<ChatEvent, undefined> {
				yield hello[0] as ChatEvent;
				try {
					while (call?.signal?.aborted !== true) {
						yield { type: 'text', text: 'x'.repeat(65_536) };
						await new Promise((resolve) => setImmediate(resolve));
					}
				} finally {
					state.stopped = true;
				}
			},
		}),
	};
}

describe('a client that does not read', () => {
	it('is dropped, and the engine is free again', async () => {
		const { engines, state } = talkative();
		const gateway = await start({ engines, unreadMs: 200 });
		await silentClient(gateway.port, head(body.length) + body);
		await until(() => state.stopped);
		await until(() => gateway.gateway.inFlight === 0);
		expect(gateway.exchanges).toMatchObject([{ status: 499 }]);
	});

	it('is dropped when its whole answer has been given out', async () => {
		const long = { ...(await scripted().complete({ messages: [] })), text: 'x'.repeat(20_000_000) };
		const gateway = await start({ engines: scripted({ complete: async () => long }), unreadMs: 200 });
		const asked = JSON.stringify({ messages: [{ role: 'user', content: 'Hi' }] });
		const socket = await silentClient(gateway.port, head(asked.length) + asked);
		const closed = once(socket, 'close');
		await until(() => gateway.exchanges.length === 1);
		// Reading begins too late: the connection is gone before all of it has come.
		setTimeout(() => socket.resume(), 1_000);
		await closed;
		expect(socket.bytesRead).toBeLessThan(20_000_000);
	});
});

describe('bodies that do not arrive', () => {
	it('are refused after their time, with the connection', async () => {
		const gateway = await start({ bodyMs: 100 });
		const socket = await silentClient(gateway.port, `${head(1_000)}{"a":`);
		socket.resume();
		const [answer] = (await once(socket, 'data')) as [Buffer];
		expect(answer.toString()).toMatch(
			/^HTTP\/1.1 408 [^]*did not arrive within 0\.1 seconds[^]*request_timeout/,
		);
		await once(socket, 'close');
		expect(gateway.gateway.inFlight).toBe(0);
	});

	it('of one key keep nobody else out', async () => {
		const other = 'another-key-of-sixteen';
		const keys = [
			{ name: 'slow', key },
			{ name: 'honest', key: other },
		];
		const gateway = await start({ keys, maxInFlight: 50 });
		for (let i = 0; i < 5; i++) await silentClient(gateway.port, `${head(1_000)}{`);
		await until(() => gateway.gateway.inFlight === 5);
		const refused = await gateway.post('/chat/completions', {}, { authorization: `Bearer ${key}` });
		expect(refused.status).toBe(429);
		expect((await read(refused)).error.message).toMatch(/5 requests of "slow" are still arriving/);
		const honest = await gateway.post(
			'/chat/completions',
			{ messages: [{ role: 'user', content: 'Hi' }] },
			{ authorization: `Bearer ${other}` },
		);
		expect(honest.status).toBe(200);
	});

	it('give way to the next request of their key, and to those of others, the oldest first', async () => {
		const other = 'another-key-of-sixteen';
		const keys = [
			{ name: 'slow', key },
			{ name: 'honest', key: other },
		];
		const gateway = await start({ keys, maxInFlight: 30 });
		const chat = { messages: [{ role: 'user', content: 'Hi' }] };
		const slow: Socket[] = [];
		for (let i = 0; i < 3; i++) slow.push(await silentClient(gateway.port, `${head(1_000)}{`));
		await until(() => gateway.gateway.inFlight === 3);
		await new Promise((resolve) => setTimeout(resolve, 2_100));
		const [oldest] = slow;
		oldest?.resume();
		const told = oldest && once(oldest, 'data');
		expect((await gateway.post('/chat/completions', chat, { authorization: `Bearer ${key}` })).status).toBe(
			200,
		);
		expect(String((await told)?.[0])).toMatch(/^HTTP\/1.1 408 [^]*others were waiting/);
		// Ten keys could fill the gateway in this way.
		expect(gateway.gateway.inFlight).toBe(2);
		const full = await start({ keys, maxInFlight: 1 });
		await silentClient(full.port, `${head(1_000)}{`);
		await until(() => full.gateway.inFlight === 1);
		const ask = async () =>
			(await full.post('/chat/completions', chat, { authorization: `Bearer ${other}` })).status;
		expect(await ask()).toBe(503);
		await new Promise((resolve) => setTimeout(resolve, 2_100));
		expect(await ask()).toBe(200);
	});

	it('and streams that nobody reads leave honest callers their turn at a busy engine', async () => {
		const engine = await endlessEngine();
		const pool = new EnginePool([
			{ dialect: 'openai', baseUrl: engine.url, models: { chat: 'm' }, maxConcurrency: 2 },
		]);
		const other = 'another-key-of-sixteen';
		const keys = [
			{ name: 'hostile', key },
			{ name: 'honest', key: other },
		];
		const gateway = await start({ keys, engines: pool });
		try {
			for (let i = 0; i < 20; i++) await silentClient(gateway.port, head(body.length) + body);
			for (let i = 0; i < 100; i++) await silentClient(gateway.port, `${head(1_000)}{`);
			await until(() => gateway.gateway.inFlight === 120);
			const ended = new AbortController();
			const answer = await fetch(`http://127.0.0.1:${gateway.port}/v1/chat/completions`, {
				method: 'POST',
				headers: { authorization: `Bearer ${other}`, 'content-type': 'application/json' },
				body,
				signal: ended.signal,
			});
			expect(answer.status).toBe(200);
			// Comments that keep the connection open come while it waits.
			let text = '';
			for await (const part of answer.body ?? []) {
				text += Buffer.from(part).toString();
				if (text.includes('xxx') || text.includes('error')) break;
			}
			expect(text).toContain('xxx');
			ended.abort();
		} finally {
			for (const socket of sockets) socket.destroy();
			await pool.close();
			engine.close();
		}
	}, 60_000);

	it('hold no more bytes than one key may, and give them back', async () => {
		const gateway = await start({ maxBodyBytesInFlight: 4_000 });
		const large = { messages: [{ role: 'user', content: 'x'.repeat(2_000) }] };
		expect((await gateway.post('/chat/completions', large)).status).toBe(429);
		const small = { messages: [{ role: 'user', content: 'x'.repeat(600) }] };
		for (let i = 0; i < 5; i++) expect((await gateway.post('/chat/completions', small)).status).toBe(200);
	});
});

describe('a body that is nested too deep', () => {
	it.each([
		['in lists', `{"messages":${'['.repeat(201)}${']'.repeat(201)}}`],
		[
			'in the schema of a tool',
			`{"messages":[{"role":"user","content":"a"}],"tools":[{"function":{"name":"a","parameters":${'{"a":'.repeat(20_000)}1${'}'.repeat(20_000)}}}]}`,
		],
		['without an end', '['.repeat(100_000)],
	])('is refused with 400, %s', async (_, text) => {
		const engines = scripted();
		const gateway = await start({ engines });
		const answer = await gateway.post('/chat/completions', text);
		expect(answer.status).toBe(400);
		expect((await read(answer)).error.message).toMatch(/nested deeper than 200 levels/);
		expect(engines.asked).toEqual([]);
	});

	it('in a path of slashes too, whatever its length', async () => {
		const gateway = await start();
		for (const path of [`${'/'.repeat(16_000)}x`, '/models/o'.repeat(1_500)]) {
			const answer = await fetch(`http://127.0.0.1:${gateway.port}${path}`, { method: 'POST' });
			expect([404, 405]).toContain(answer.status);
		}
	});
});
