// The `llama-server` program, as a router of several models and by itself. What the wheel's server is asked is in
// test/integration/engine.
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type ChatRequest, EnginePool } from '../../../lib/engine';
import { testCells } from '../../support/engines/cells';
import { type EngineServer, startLlamaServer } from './servers';

jest.setTimeout(600_000);

const FIXTURES = path.join(__dirname, '../../fixtures/gguf');
const ASK: ChatRequest = {
	messages: [{ role: 'user', content: 'What is the capital of France?' }],
	temperature: 0,
	maxTokens: 64,
};

let folder: string;
let router: EngineServer;
let one: EngineServer;
let pool: EnginePool;
beforeAll(async () => {
	folder = mkdtempSync(path.join(tmpdir(), 'router-'));
	cpSync(FIXTURES, folder, { recursive: true });
	writeFileSync(
		path.join(folder, 'broken.gguf'),
		readFileSync(path.join(FIXTURES, 'ci-text.gguf')).subarray(0, 2_000),
	);
	[router, one] = await Promise.all([
		startLlamaServer({ models: folder }, '-c', '8192'),
		startLlamaServer({ model: 'ci-text' }, '-c', '1024', '-np', '1'),
	]);
	pool = new EnginePool([{ name: 'router', dialect: 'auto', baseUrl: router.url }]);
});
afterAll(async () => {
	await pool.close();
	await Promise.all([router.stop(), one.stop()]);
	rmSync(folder, { recursive: true });
});

describe('cells of the matrix', () => {
	testCells<EngineServer>('llamacpp', 'long', {
		'model that cannot be loaded': { server: () => router, address: { models: { chat: 'broken' } } },
		'model that is not there': { server: () => router, address: { models: { chat: 'nope' } } },
		'queue that is full': {
			server: () => one,
			before: ({ url }) => void busy(url),
		},
	});
});

/** Takes the only slot of a server for a while. */
async function busy(url: string): Promise<void> {
	const first = new EnginePool([{ name: 'first', dialect: 'llamacpp', baseUrl: url }]);
	await first.complete({
		...ASK,
		maxTokens: 400,
		responseFormat: { type: 'regex', pattern: '[a-z ]{400,}' },
	});
	await first.close();
}

describe('a router', () => {
	it('is detected, with all its models and which of them are loaded', async () => {
		expect(await pool.detect(router.url)).toMatchObject({
			dialect: 'llamacpp',
			models: expect.arrayContaining(['ci-text', 'ci-tool', 'tiny-rerank']),
		});
		const models = await pool.models();
		expect(models.find(({ id }) => id === 'ci-tool')).toMatchObject({ loaded: false });
	});

	it('loads the model that is asked for, and answers with it', async () => {
		expect(await pool.complete({ ...ASK, model: 'ci-text' })).toMatchObject({
			text: 'Hello! Paris is the capital of France, and this sentence never changes.',
			model: 'ci-text',
		});
		const models = await pool.models();
		expect(models.find(({ id }) => id === 'ci-text')).toMatchObject({ loaded: true });
	});

	it('loads on request, once more too, and unloads, once more too', async () => {
		await pool.load('router', 'ci-tool');
		await pool.load('router', 'ci-tool');
		await pool.unload('router', 'ci-tool');
		await pool.unload('router', 'ci-tool');
		const models = await pool.models();
		expect(models.find(({ id }) => id === 'ci-tool')).toMatchObject({ loaded: false });
	});

	it('says which model it does not have, and which it could not load', async () => {
		await expect(pool.load('router', 'nope')).rejects.toMatchObject({
			kind: 'modelNotFound',
			message: expect.stringContaining('"nope"'),
		});
		await expect(pool.load('router', 'broken')).rejects.toMatchObject({ kind: 'loadFailed' });
		await expect(pool.complete({ ...ASK, model: 'ci-txt' })).rejects.toMatchObject({
			kind: 'modelNotFound',
			message: expect.stringContaining('ci-text'),
		});
	});

	it('refuses embeddings of a model that writes', async () => {
		await expect(pool.embed(['a'], { model: 'ci-text' })).rejects.toMatchObject({ kind: 'unsupported' });
	});

	it('frees the slot when a call is aborted', async () => {
		const stopper = new AbortController();
		const endless: ChatRequest = { ...ASK, model: 'ci-text', maxTokens: 7_000, extra: { ignore_eos: true } };
		const run = async (): Promise<void> => {
			for await (const event of pool.chat(endless, { signal: stopper.signal }))
				if (event.type === 'text') stopper.abort();
		};
		await expect(run()).rejects.toMatchObject({ kind: 'cancelled' });
		const url = `${router.url}/slots?model=ci-text`;
		for (let tries = 0; tries < 200; tries++) {
			const slots = (await (await fetch(url)).json()) as Array<{ readonly is_processing: boolean }>;
			if (slots.every((slot) => !slot.is_processing)) return;
			await new Promise((resolve) => setTimeout(resolve, 25));
		}
		throw new Error('a slot of the router is still busy 5 s after the call was aborted');
	});
});
