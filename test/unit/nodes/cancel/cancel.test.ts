// Stop in n8n: every operation that waits for a server that says nothing ends within five seconds, and leaves no connection.
import { createServer, type Server, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { randomSource } from '../../../support/random';
import { useFolderForAll } from '../tenants/tenants';
import { prepare } from '../values/bases';
import { runAgainst, waits } from './waits';

jest.setTimeout(60_000);

/** Everything that still runs has ended by then. */
const MOST_MS = 5_000;

const open = new Set<Socket>();
let silent: Server;
let port = 0;

useFolderForAll();
beforeAll(async () => {
	silent = createServer((socket) => {
		open.add(socket);
		socket.on('close', () => open.delete(socket));
		socket.on('error', () => undefined);
		socket.resume();
	});
	await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
	port = (silent.address() as { port: number }).port;
	await prepare();
});
afterAll(() => {
	silent.close();
	for (const socket of open) socket.destroy();
});

const random = randomSource(11);

it.each(waits)('%s is stopped while it waits for %s', async (name, server) => {
	const stop = new AbortController();
	const work = runAgainst(name, server, { host: '127.0.0.1', port, signal: stop.signal });
	await sleep(random() * 300);
	stop.abort();
	const ended = await Promise.race([work.then(() => true), sleep(MOST_MS).then(() => false)]);
	expect(ended).toBe(true);
	for (let waited = 0; open.size > 0 && waited < MOST_MS; waited += 50) await sleep(50);
	expect(open.size).toBe(0);
});
