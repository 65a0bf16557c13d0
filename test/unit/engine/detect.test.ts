import { type Dialect, EnginePool } from '../../../lib/engine';
import { deadMachine } from './support/deadMachine';
import { type Reply, type ReplayRequest, replayServer } from './support/replayServer';
import { type RecordedEngine, transcript } from './support/transcripts';

type Routes = { readonly [path: string]: Reply };
const recorded = (engine: RecordedEngine, name: string): Reply => ({ transcript: transcript(engine, name) });
const json = (body: unknown, headers: { [name: string]: string } = {}): Reply => ({
	status: 200,
	body,
	headers,
});

async function detectOn(
	routes: Routes,
	otherwise: Reply,
): Promise<{ detection: unknown; requests: ReplayRequest[] }> {
	const server = await replayServer(({ path }) => routes[path] ?? otherwise);
	const pool = new EnginePool([]);
	try {
		const detection: unknown = await pool.detect(server.url).catch((error: unknown) => error);
		return { detection, requests: server.requests };
	} finally {
		await pool.close();
		await server.close();
	}
}

const OLLAMA: Routes = {
	'/api/version': recorded('ollama', 'version'),
	'/v1/models': recorded('ollama', 'models'),
	'/api/tags': recorded('ollama', 'tags'),
	'/api/ps': recorded('ollama', 'ps-loaded'),
};
const LLAMA: Routes = {
	'/props': recorded('llama-server', 'props'),
	'/v1/models': recorded('llama-server', 'models'),
	'/metrics': recorded('llama-server', 'metrics'),
};
const VLLM: Routes = {
	'/version': recorded('vllm', 'version'),
	'/v1/models': recorded('vllm', 'models'),
	'/metrics': recorded('vllm', 'metrics'),
};
const TEI: Routes = { '/info': recorded('tei', 'info'), '/metrics': recorded('tei', 'metrics') };

describe('detection by the shape of recorded answers', () => {
	test.each<[string, Routes, Reply, Dialect, string | undefined, string]>([
		['Ollama', OLLAMA, recorded('ollama', 'health-absent'), 'ollama', '0.24.0', 'tiny-chat:latest'],
		[
			'llama.cpp',
			LLAMA,
			recorded('llama-server', 'err-not-found-path'),
			'llamacpp',
			'b0-unknown',
			'tiny-chat',
		],
		['vLLM', VLLM, recorded('vllm', 'err-not-found-path'), 'vllm', '0.32.0', 'tiny-chat'],
		['TEI', TEI, recorded('tei', 'err-not-found-path'), 'tei', '1.9.3', 'MODELS/hf-minilm'],
	])('%s', async (_, routes, otherwise, dialect, version, model) => {
		const { detection } = await detectOn(routes, otherwise);
		expect(detection).toMatchObject({ dialect, models: expect.arrayContaining([model]) });
		expect(detection).toHaveProperty('version', version);
		expect(detection).toHaveProperty('evidence', expect.stringMatching(/./));
	});

	test('llama.cpp that still loads, or wants a key, is known by its server header', async () => {
		for (const name of ['loading-models', 'auth-props-without-key']) {
			const { detection } = await detectOn({}, recorded('llama-server', name));
			expect(detection).toMatchObject({ dialect: 'llamacpp', models: [] });
		}
	});

	test('vLLM that wants a key is known by its open metrics', async () => {
		const { detection } = await detectOn(
			{
				'/metrics': recorded('vllm', 'metrics'),
				'/v1/models': recorded('vllm', 'auth-models-without-key'),
			},
			recorded('vllm', 'err-not-found-path'),
		);
		expect(detection).toMatchObject({ dialect: 'vllm' });
	});
});

describe('detection by the shape of documented answers', () => {
	const notFound: Reply = { status: 404, body: { detail: 'Not Found' } };
	test.each<[Dialect, Routes]>([
		[
			'lmstudio',
			{
				'/api/v1/models': json({ models: [{ key: 'qwen', loaded_instances: [] }] }),
				'/v1/models': json({ data: [{ id: 'qwen', owned_by: 'organization_owner' }] }),
			},
		],
		[
			'sglang',
			{
				'/server_info': json({ model_path: '/m', version: '0.5.16' }),
				'/v1/models': json({ data: [{ id: 'm', owned_by: 'sglang' }] }),
			},
		],
		[
			'sglang',
			{
				'/get_server_info': json({ model_path: '/m' }),
				'/v1/models': json({ data: [{ id: 'm', owned_by: 'sglang' }] }),
			},
		],
		[
			'nim',
			{
				'/v1/metadata': json({ version: '2.0.1', modelInfo: [] }),
				'/v1/models': json({ data: [{ id: 'meta/llama', owned_by: 'vllm' }] }),
				'/version': json({ version: '0.30' }),
			},
		],
		[
			'tensorrt',
			{
				'/v1/models': json({ data: [{ id: 'm', owned_by: 'tensorrt_llm' }] }),
				'/version': json({ version: '1.2' }),
			},
		],
		[
			'localai',
			{
				'/.well-known/localai.json': json({ version: 'v4', endpoints: {} }),
				'/v1/models': json({ data: [{ id: 'm' }] }),
				'/api/version': json({ version: '0.1' }),
			},
		],
		['freellmapi', { '/v1/models': json({ data: [{ id: 'auto', owned_by: 'freellmapi' }] }) }],
		['openai', { '/v1/models': json({ data: [{ id: 'm', owned_by: 'me' }] }) }],
	])('%s', async (dialect, routes) => {
		const { detection } = await detectOn(routes, notFound);
		expect(detection).toMatchObject({ dialect });
	});
});

describe('what else is found at an address', () => {
	test('LM Studio that holds no model yet is LM Studio, not just any OpenAI-compatible server', async () => {
		const { detection } = await detectOn(
			{ '/api/v1/models': json({ models: [] }), '/v1/models': json({ object: 'list', data: [] }) },
			{ status: 404, body: {} },
		);
		expect(detection).toMatchObject({ dialect: 'lmstudio', models: [] });
	});

	test('an answer that decides is acted on while a less telling route still hangs', async () => {
		let hung = 0;
		const server = await replayServer(({ path }) => {
			if (path === '/metrics') hung++;
			return path === '/metrics' ? 'hang' : (VLLM[path] ?? recorded('vllm', 'err-not-found-path'));
		});
		const pool = new EnginePool([]);
		expect(await pool.detect(server.url)).toMatchObject({ dialect: 'vllm', version: '0.32.0' });
		expect(hung).toBe(1);
		await pool.close();
		await server.close();
	});
});

describe('nobody known', () => {
	test('a web server that is no engine is told apart from one that is down', async () => {
		const { detection } = await detectOn({}, { status: 404, body: '<html>nginx</html>' });
		expect(detection).toMatchObject({ kind: 'badAnswer', message: expect.stringMatching(/like no engine/) });
		const pool = new EnginePool([]);
		await expect(pool.detect('http://127.0.0.1:1')).rejects.toMatchObject({ kind: 'unreachable' });
		await expect(pool.detect('not a url://')).rejects.toMatchObject({ kind: 'invalidRequest' });
		await pool.close();
	});

	test('one that wants a key says so', async () => {
		const { detection } = await detectOn({}, { status: 401, body: { error: { message: 'key please' } } });
		expect(detection).toMatchObject({ kind: 'unauthorized', engineMessage: 'key please' });
	});

	test('everything is asked at once, and a silent address is given up after about two seconds', async () => {
		const { detection, requests } = await detectOn({}, 'hang');
		expect(detection).toMatchObject({ kind: 'timeout' });
		expect(requests.length).toBeGreaterThan(8);
	});

	test('a machine that is switched off is not there; it is not said to be slow', async () => {
		const machine = await deadMachine();
		const pool = new EnginePool([
			{ name: 'detected', baseUrl: machine.url, dialect: 'auto' },
			{ name: 'given', baseUrl: machine.url, dialect: 'openai' },
		]);
		try {
			await expect(pool.detect(machine.url)).rejects.toMatchObject({ kind: 'unreachable' });
			for (const engine of await pool.health())
				expect(engine).toMatchObject({ message: expect.stringMatching(/^No connection to /) });
		} finally {
			await pool.close();
			await machine.close();
		}
	});

	test('a slow route does not hide what another one tells', async () => {
		const { detection } = await detectOn(
			{ ...OLLAMA, '/metrics': 'hang', '/props': 'hang' },
			recorded('ollama', 'health-absent'),
		);
		expect(detection).toMatchObject({ dialect: 'ollama' });
	});
});

test('an engine of type auto is asked once, then spoken to in its own protocol', async () => {
	const server = await replayServer(({ path }) =>
		path === '/api/chat'
			? recorded('ollama', 'chat-stream')
			: (OLLAMA[path] ?? recorded('ollama', 'health-absent')),
	);
	const pool = new EnginePool([{ name: 'e1', dialect: 'auto', baseUrl: server.url }]);
	const ask = { model: 'tiny-chat', messages: [{ role: 'user', content: 'Hi' }] } as const;
	expect((await pool.complete(ask)).dialect).toBe('ollama');
	const asked = server.requests.length;
	await pool.complete(ask);
	expect(server.requests.length).toBe(asked + 1);
	await pool.close();
	await server.close();
});

test('health tells version, latency and why one is not well', async () => {
	const good = await replayServer(({ path }) =>
		path === '/health' ? recorded('vllm', 'health') : (VLLM[path] ?? recorded('vllm', 'err-not-found-path')),
	);
	const loading = await replayServer(() => recorded('llama-server', 'loading-health-503'));
	const locked = await replayServer(() => recorded('vllm', 'auth-missing'));
	const pool = new EnginePool([
		{ name: 'good', dialect: 'vllm', baseUrl: good.url },
		{ name: 'loading', dialect: 'llamacpp', baseUrl: loading.url },
		{ name: 'locked', dialect: 'vllm', baseUrl: locked.url },
		{ name: 'gone', dialect: 'vllm', baseUrl: 'http://127.0.0.1:1' },
	]);
	const health = await pool.health();
	expect(health).toMatchObject([
		{ engine: 'good', status: 'ok', version: '0.32.0', queue: { running: 0, waiting: 0 } },
		{ engine: 'loading', status: 'loading' },
		{ engine: 'locked', status: 'unauthorized' },
		{ engine: 'gone', status: 'down', message: expect.stringMatching(/cannot be reached/) },
	]);
	expect(await pool.models({ engines: ['good'] })).toEqual([
		{ engine: 'good', id: 'tiny-chat', loaded: true, contextTokens: 1024 },
	]);
	await pool.close();
	await Promise.all([good, loading, locked].map((server) => server.close()));
});

test('models tell context, size, capabilities and what is loaded', async () => {
	const ollama = await replayServer(({ path }) => OLLAMA[path] ?? recorded('ollama', 'health-absent'));
	const llama = await replayServer(
		({ path }) => LLAMA[path] ?? recorded('llama-server', 'err-not-found-path'),
	);
	const pool = new EnginePool([
		{ name: 'o', dialect: 'ollama', baseUrl: ollama.url },
		{ name: 'l', dialect: 'llamacpp', baseUrl: llama.url },
	]);
	const models = await pool.models();
	expect(models.find(({ id }) => id === 'tiny-chat:latest')).toMatchObject({
		engine: 'o',
		loaded: true,
		contextTokens: 512,
		parameters: '809K',
		quantization: 'F16',
		memoryBytes: expect.any(Number),
		gpuMemoryBytes: 0,
	});
	expect(models.find(({ id }) => id === 'minilm:latest')).toMatchObject({ engine: 'o', loaded: false });
	expect(models.find(({ engine }) => engine === 'l')).toEqual({
		engine: 'l',
		id: 'tiny-chat',
		loaded: true,
		contextTokens: 512,
		maxContextTokens: 2048,
		sizeBytes: 1619456,
		parameters: '809K',
		quantization: 'F16',
		dimensions: 128,
	});
	await pool.close();
	await Promise.all([ollama, llama].map((server) => server.close()));
});
