import { EnginePool, measureChart, type MeasureReport, type OperationProgress } from '../../../lib/engine';
import { quantile } from '../../../lib/engine/measure/measure';
import { measurePrompt } from '../../../lib/engine/measure/prompt';
import { type Reply, type ReplayServer, replayServer } from './support/replayServer';
import { transcript } from './support/transcripts';

async function withOllama<T>(
	reply: (path: string) => Reply,
	use: (pool: EnginePool, server: ReplayServer) => Promise<T>,
): Promise<T> {
	const server = await replayServer(({ path }) =>
		path === '/api/tags'
			? { transcript: transcript('ollama', 'tags') }
			: path === '/api/ps'
				? { transcript: transcript('ollama', 'ps-loaded') }
				: reply(path),
	);
	const pool = new EnginePool([{ name: 'o', dialect: 'ollama', baseUrl: server.url }]);
	try {
		return await use(pool, server);
	} finally {
		await pool.close();
		await server.close();
	}
}

async function all(progress: AsyncIterable<OperationProgress>): Promise<OperationProgress[]> {
	const steps: OperationProgress[] = [];
	for await (const step of progress) steps.push(step);
	return steps;
}

describe('models on an engine', () => {
	test('a download tells how far it is', async () => {
		const lines = [
			'{"status":"pulling manifest"}\n',
			'{"status":"pulling abc","total":100,"comp',
			'leted":40}\n{"status":"success"}\n',
		];
		const steps = await withOllama(
			() => ({ chunks: lines, type: 'application/x-ndjson', end: 'complete' }),
			(pool) => all(pool.pull('o', 'm')),
		);
		expect(steps).toEqual([
			{ status: 'pulling manifest' },
			{ status: 'pulling abc', done: 40, total: 100 },
			{ status: 'success' },
		]);
	});

	test('a recorded download without network fails in Ollama’s words, though the status was 200', async () => {
		await withOllama(
			() => ({ transcript: transcript('ollama', 'pull-offline') }),
			async (pool) => {
				await expect(all(pool.pull('o', 'no-such-model-xyz'))).rejects.toMatchObject({
					kind: 'server',
					engineMessage: expect.stringMatching(/no such host/),
				});
			},
		);
	});

	test('a download that just ends is not complete', async () => {
		await withOllama(
			() => ({ chunks: ['{"status":"pulling abc"}\n'], type: 'application/x-ndjson', end: 'complete' }),
			async (pool) => {
				await expect(all(pool.pull('o', 'm'))).rejects.toMatchObject({ kind: 'interrupted' });
			},
		);
	});

	test('loading and unloading are asked for in the engine’s words', async () => {
		await withOllama(
			() => ({ transcript: transcript('ollama', 'generate-load-only') }),
			async (pool, server) => {
				await pool.load('o', 'tiny-chat', { keepAlive: '5m', contextSize: 4096 });
				await pool.unload('o', 'tiny-chat');
				const asked = server.requests.filter(({ path }) => path === '/api/generate').map(({ body }) => body);
				expect(asked).toEqual([
					{ model: 'tiny-chat', stream: false, keep_alive: '5m', options: { num_ctx: 4096 } },
					{ model: 'tiny-chat', stream: false, keep_alive: 0 },
				]);
			},
		);
	});

	test('what an engine does not do is refused with what to do instead; so is an engine nobody knows', async () => {
		const pool = new EnginePool([{ name: 'v', dialect: 'vllm', baseUrl: 'http://127.0.0.1:1' }]);
		await expect(all(pool.pull('v', 'm'))).rejects.toMatchObject({ kind: 'unsupported' });
		await expect(pool.load('v', 'm')).rejects.toMatchObject({
			kind: 'unsupported',
			message: expect.stringMatching(/started with/),
		});
		await expect(pool.unload('x', 'm')).rejects.toMatchObject({
			kind: 'invalidRequest',
			message: expect.stringMatching(/There are: v/),
		});
		await pool.close();
	});
});

describe('measuring', () => {
	const delta = (content: string) => `data: {"choices":[{"index":0,"delta":{"content":"${content}"}}]}\n\n`;
	const answer: Reply = {
		chunks: [
			...Array.from({ length: 10 }, () => delta('x')),
			'data: {"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}\n\n',
			'data: {"choices":[],"usage":{"prompt_tokens":5,"completion_tokens":10}}\n\n',
		],
		end: 'complete',
		gapMs: 2,
	};
	const sweep = async (reply: (count: number) => Reply, options: object) => {
		const server = await replayServer((_, count) => reply(count));
		const pool = new EnginePool(
			[{ name: 'e1', dialect: 'openai', baseUrl: server.url, models: { chat: 'm' } }],
			{ rounds: 0, breakerThreshold: 1_000 },
		);
		const reports: MeasureReport[] = [];
		let steps = 0;
		try {
			for await (const event of pool.measure({ concurrency: [1, 4], requestsPerStep: 8, ...options })) {
				if (event.type === 'report') reports.push(event.report);
				else steps++;
			}
		} finally {
			await pool.close();
			await server.close();
		}
		return { report: reports[0], steps, requests: server.requests };
	};

	test('gives throughput, latencies, capacity by Little’s law and the price', async () => {
		const { report, steps } = await sweep(() => answer, { pricePerHour: 3.6 });
		expect(steps).toBe(2);
		const [one, four] = report?.steps ?? [];
		expect(one).toMatchObject({ concurrency: 1, requests: 8, failed: 0, meetsTarget: true });
		expect(four?.tokensPerSecond).toBeGreaterThan(one?.tokensPerSecond ?? Number.POSITIVE_INFINITY);
		expect(report?.capacity?.concurrency).toBe(4);
		expect(report?.capacity?.requestsPerSecond).toBeCloseTo(4 / ((four?.requestMs.mean ?? 0) / 1000), 6);
		expect(four?.costPerMillionTokens).toBeCloseTo(1_000 / (four?.tokensPerSecond ?? 0), 6);
	});

	test('no two prompts begin alike, so that no prefix cache helps', async () => {
		const { requests } = await sweep(() => answer, {});
		const beginnings = requests.map(({ body }) => JSON.stringify(body).slice(0, 90));
		expect(new Set(beginnings).size).toBe(requests.length);
		expect(measurePrompt(undefined, 200, 1).split(' ').length).toBeGreaterThan(100);
	});

	test('ends where the target is missed, and says so', async () => {
		const { report, steps } = await sweep(() => answer, { target: { firstTokenMs: 0.0001 } });
		expect(steps).toBe(1);
		expect(report).not.toHaveProperty('capacity');
		expect(report?.stopped).toMatch(/target was missed at 1/);
	});

	test('counts failed requests, and fails itself when none succeeds', async () => {
		const busy: Reply = { status: 503, body: { error: 'server busy' } };
		const { report } = await sweep((count) => (count % 3 === 0 ? busy : answer), {});
		expect(report?.steps[0]?.failed).toBeGreaterThan(0);
		expect(report?.steps[0]?.meetsTarget).toBe(false);
		await expect(sweep(() => busy, {})).rejects.toMatchObject({ kind: 'overloaded' });
		await expect(sweep(() => answer, { concurrency: [1_000] })).rejects.toMatchObject({
			kind: 'invalidRequest',
		});
	});

	test('keeps to its budget', async () => {
		const { report } = await sweep(() => answer, { budgetMs: 1, concurrency: [1, 2, 3, 4] });
		expect(report?.steps.length).toBeLessThan(4);
		expect(report?.stopped).toMatch(/budget/);
	});

	test('is drawn as a page that shows the figures and nothing foreign', async () => {
		const { report } = await sweep(() => answer, {});
		if (report === undefined) throw new Error('no report');
		const page = measureChart({ ...report, model: '<script>alert(1)</script>' });
		expect(page).toMatch(/<svg[\s\S]*polyline/);
		expect(page).not.toContain('<script>');
		expect(page).toMatch(/Holds \d+ in flight/);
	});

	test('quantiles lie between the ranks', () => {
		expect(quantile([4, 1, 3, 2], 0.5)).toBe(2.5);
		expect(quantile([], 0.5)).toBe(0);
	});
});
