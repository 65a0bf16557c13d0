import { replayServer, type ReplayServer } from './support/replayServer';
import { EnginePool } from '../../../lib/engine';

const request = { messages: [{ role: 'user' as const, content: 'Private words' }] };
const local = { name: 'qwen3:8b', details: {} };

/** An Ollama with these models. */
async function ollama(models: readonly object[]): Promise<ReplayServer> {
	return await replayServer(({ path }) => {
		if (path === '/api/tags') return { status: 200, body: { models } };
		if (path === '/api/ps') return { status: 200, body: { models: [] } };
		if (path === '/api/show') return { status: 200, body: {} };
		const line = {
			model: 'm',
			message: { role: 'assistant', content: 'fine' },
			done: true,
			done_reason: 'stop',
		};
		return { chunks: [`${JSON.stringify(line)}\n`], type: 'application/x-ndjson', end: 'complete' };
	});
}

const asked = (server: ReplayServer) => server.requests.filter(({ path }) => path === '/api/chat');

describe.each([
	['remote_host', { name: 'gpt-oss:120b', remote_host: 'https://ollama.com:443' }],
	['remote_model', { name: 'mine', remote_model: 'gpt-oss:120b' }],
	['its tag alone', { name: 'gpt-oss:120b-cloud' }],
])('a model of Ollama that runs elsewhere (%s)', (_, remote) => {
	let server: ReplayServer;
	let pool: EnginePool;
	beforeEach(async () => {
		server = await ollama([remote, local]);
		pool = new EnginePool([{ dialect: 'ollama', baseUrl: server.url }], { rounds: 0 });
	});
	afterEach(async () => {
		await pool.close();
		await server.close();
	});

	it('gets no text where remote engines are not allowed', async () => {
		await expect(pool.complete({ ...request, model: remote.name })).rejects.toMatchObject({
			kind: 'unsupported',
			message: expect.stringMatching(/is outside your network, and this call may use only/),
		});
		expect(asked(server)).toEqual([]);
	});

	it('answers where they are', async () => {
		const { text } = await pool.complete({ ...request, model: remote.name }, { allowRemote: true });
		expect(text).toBe('fine');
	});

	it('is not what is used when no model is named', async () => {
		await pool.complete(request);
		expect(asked(server)[0]?.body).toMatchObject({ model: 'qwen3:8b' });
	});

	it('is shown as such in lists, and left out for callers who may not use it', async () => {
		expect(await pool.models()).toMatchObject([{ id: remote.name, remote: true }, { id: 'qwen3:8b' }]);
		expect((await pool.models({ allowRemote: false })).map(({ id }) => id)).toEqual(['qwen3:8b']);
	});
});

it('an Ollama that holds nothing else refuses, too', async () => {
	const server = await ollama([{ name: 'kimi-k2:1t-cloud', remote_host: 'https://ollama.com' }]);
	const pool = new EnginePool([{ dialect: 'ollama', baseUrl: server.url }], { rounds: 0 });
	try {
		await expect(pool.complete(request)).rejects.toMatchObject({ kind: 'unsupported' });
		expect(asked(server)).toEqual([]);
	} finally {
		await pool.close();
		await server.close();
	}
});
