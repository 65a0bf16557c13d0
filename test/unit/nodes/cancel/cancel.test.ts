// Stop in n8n: every operation that waits for a server that says nothing ends within five seconds, and leaves no connection.
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { IDataObject } from 'n8n-workflow';
import { outputOf } from '../../../support/operation';
import { randomSource } from '../../../support/random';
import { operations } from '../tenants/tenants';
import { asksEngine, bases } from '../values/bases';

jest.setTimeout(60_000);

/** Everything that still runs has ended by then. */
const MOST_MS = 5_000;

const open = new Set<Socket>();
let silent: Server;
let port = 0;
let home = '';
const before = process.env.N8N_USER_FOLDER;

beforeAll(async () => {
	silent = createServer((socket) => {
		open.add(socket);
		socket.on('close', () => open.delete(socket));
		socket.on('error', () => undefined);
		socket.resume();
	});
	await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
	port = (silent.address() as { port: number }).port;
	home = mkdtempSync(path.join(tmpdir(), 'cancel-'));
	process.env.N8N_USER_FOLDER = home;
});
afterAll(() => {
	silent.close();
	for (const socket of open) socket.destroy();
	if (before === undefined) delete process.env.N8N_USER_FOLDER;
	else process.env.N8N_USER_FOLDER = before;
	rmSync(home, { recursive: true, force: true, maxRetries: 5 });
});

const fieldsOf = (name: string): readonly string[] =>
	(operations.get(name)?.fields ?? []).map((field) => field.name);

/** What an operation waits for: each kind of server that it can have. */
const waits = [...operations.keys()].flatMap((name) => [
	...(fieldsOf(name).includes('backend') ? [[name, 'Qdrant'] as const] : []),
	...(fieldsOf(name).includes('recordBackend') && !name.startsWith('localEngine')
		? [[name, 'Postgres'] as const]
		: []),
	...(asksEngine(name) || name.includes(': engine.') ? [[name, 'an engine'] as const] : []),
]);

const random = randomSource(11);

it.each(waits)('%s is stopped while it waits for %s', async (name, server) => {
	const operation = operations.get(name);
	const base = bases[name];
	if (!operation || !base) throw new Error(`There is no base for "${name}"`);
	const url = `http://127.0.0.1:${port}`;
	const given: IDataObject = {
		...base.parameters,
		...(server === 'Qdrant' && { backend: 'qdrant' }),
		...(server === 'Postgres' && { recordBackend: 'postgres' }),
		...('confirm' in base.parameters && { confirm: 'kb' }),
	};
	const stop = new AbortController();
	const work = outputOf(operation, {
		...base,
		parameters: given,
		signal: stop.signal,
		node: {
			credentials: {
				...(server === 'an engine' && { localEngineApi: { id: '1', name: 'engine' } }),
				...(name.includes(': space.') && { localEngineSpaceApi: { id: '2', name: 'space' } }),
			},
		},
		credentials: (type) => {
			if (type === 'localEngineSpaceApi') return { name: 'hr', secretKey: 'the-key-of-the-space' };
			if (type === 'qdrantApi') return { qdrantUrl: url };
			if (type === 'postgres') return { host: '127.0.0.1', port, database: 'n', user: 'n', password: 'p' };
			return { dialect: 'openai', baseUrl: url, chatModel: 'm', embeddingModel: 'm' };
		},
	}).catch((error: unknown) => error);
	await sleep(random() * 300);
	stop.abort();
	const ended = await Promise.race([work.then(() => true), sleep(MOST_MS).then(() => false)]);
	expect(ended).toBe(true);
	for (let waited = 0; open.size > 0 && waited < MOST_MS; waited += 50) await sleep(50);
	expect(open.size).toBe(0);
});
