import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { ITriggerFunctions } from 'n8n-workflow';
import { UserError } from 'n8n-workflow';
import { serveOnPort } from '../../../../nodes/EngineGateway/ownPort';
import { readSettings } from '../../../../nodes/EngineGateway/settings';

const key = 'unit-test-key-0123456789';

/** What n8n throws when a credential was deleted (n8n/dist/errors/credential-not-found.error.js). */
const deleted = () => new UserError('Credential with ID "1" does not exist for type "engineGatewayApi".');
const away = () => new Error('Could not establish database connection within the configured timeout');

type Stored = () => unknown;
const keys: Stored = () => ({ keys: { values: [{ name: 'team', key }] } });
/** An engine that refuses everything at once. */
const server = createServer((_request, response) => response.writeHead(400).end('{"error":"no"}'));
beforeAll(() => new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve)));
afterAll(() => server.close());
const engine: Stored = () => ({
	dialect: 'openai',
	baseUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
	chatModel: 'm',
});
const failing =
	(error: () => Error): Stored =>
	() => {
		throw error();
	};

/** A port of its own for each: a client's connection to the last one is not taken for this one's. */
let port = 39_417;

async function serve() {
	port++;
	const credentials: Record<string, Stored> = { engineGatewayApi: keys, localEngineApi: engine };
	const logged: string[] = [];
	const log = (line: string) => void logged.push(line);
	const parameters: Record<string, unknown> = { serveAt: 'port', host: '127.0.0.1', port };
	const context = {
		getNode: () => ({ id: 'a', name: 'Gateway', credentials: { engineGatewayApi: {}, localEngineApi: {} } }),
		getWorkflow: () => ({ id: 'w' }),
		getNodeParameter: (name: string, fallback: unknown) => parameters[name] ?? fallback,
		getCredentials: async (type: string) => credentials[type]?.(),
		helpers: {},
		logger: { error: log, info: log },
	} as unknown as ITriggerFunctions;
	const settings = await readSettings(context);
	const served = await serveOnPort(context, settings, () => undefined);
	const ask = () =>
		fetch(`http://127.0.0.1:${port}/v1/chat/completions`, {
			method: 'POST',
			headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
			body: JSON.stringify({ messages: [{ role: 'user', content: 'Hi' }] }),
		});
	return { credentials, logged, server: served, ask };
}

const tenSeconds = async () => {
	jest.advanceTimersByTime(10_000);
	for (let i = 0; i < 50; i++) await new Promise((resolve) => setImmediate(resolve));
};

beforeEach(() => {
	jest.useFakeTimers({
		doNotFake: [
			'setImmediate',
			'setTimeout',
			'clearTimeout',
			'nextTick',
			'queueMicrotask',
			'performance',
			'Date',
		],
	});
});
afterEach(() => jest.useRealTimers());

describe('a gateway on its own port, ten seconds after its credential', () => {
	it.each([
		['of keys was deleted', 'engineGatewayApi', failing(deleted), 401, /refuses all keys.*does not exist/],
		[
			'of keys lost this key',
			'engineGatewayApi',
			() => ({ keys: { values: [{ key: `${key}x` }] } }),
			401,
			undefined,
		],
		['of engines was deleted', 'localEngineApi', failing(deleted), 503, /uses no engine/],
	] as const)('%s', async (_, type, stored, status, line) => {
		const { credentials, logged, server, ask } = await serve();
		try {
			expect((await ask()).status).not.toBe(401);
			credentials[type] = stored;
			await tenSeconds();
			expect((await ask()).status).toBe(status);
			if (line !== undefined) expect(logged.join('\n')).toMatch(line);
			expect(logged.join('\n')).not.toContain(key);
			credentials[type] = type === 'engineGatewayApi' ? keys : engine;
			await tenSeconds();
			expect((await ask()).status).not.toBe(401);
		} finally {
			await server.close();
		}
	});

	it('could not be read, because n8n’s database is away: it stays in use, and the log says so once', async () => {
		const { credentials, logged, server, ask } = await serve();
		try {
			credentials.engineGatewayApi = failing(away);
			await tenSeconds();
			await tenSeconds();
			expect((await ask()).status).not.toBe(401);
			expect(logged.filter((entry) => /stays in use/.test(entry))).toHaveLength(1);
		} finally {
			await server.close();
		}
	});
});
