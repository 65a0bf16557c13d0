import { EnginePool, measureChart, type MeasureReport, type OperationProgress } from '../../../lib/engine';
import { measurePrompt } from '../../../lib/engine/measure/prompt';
import { type ReplayRequest, type Reply, type ReplayServer, replayServer } from './support/replayServer';
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

	test('a download in which nothing moves ends by the deadline of its call', async () => {
		await withOllama(
			() => ({ chunks: ['{"status":"pulling abc"}\n'], type: 'application/x-ndjson', end: 'hang' }),
			async (pool) => {
				const call = { deadlines: { betweenTokensMs: 50 } };
				await expect(all(pool.pull('o', 'm', call))).rejects.toMatchObject({ kind: 'timeout' });
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

describe('downloads that the engine does by itself', () => {
	async function withEngine<T>(
		dialect: 'lmstudio' | 'localai' | 'llamacpp',
		reply: (request: ReplayRequest, count: number) => Reply,
		use: (pool: EnginePool, server: ReplayServer) => Promise<T>,
	): Promise<T> {
		const server = await replayServer(reply);
		const pool = new EnginePool([{ name: 'x', dialect, baseUrl: server.url }]);
		try {
			return await use(pool, server);
		} finally {
			await pool.close();
			await server.close();
		}
	}
	const json = (body: object): Reply => ({ status: 200, body });
	const lmStudio =
		(...states: object[]) =>
		({ path }: ReplayRequest): Reply =>
			path === '/api/v1/models'
				? json({ models: [] })
				: json({ job_id: 'job/1', ...(states.length > 1 ? states.splice(0, 1)[0] : states[0]) });

	test('LM Studio’s is followed until it is complete, through a pause and a moment of silence', async () => {
		let polls = 0;
		const states = lmStudio(
			{ status: 'downloading', downloaded_bytes: 1, total_size_bytes: 100 },
			{ status: 'downloading', downloaded_bytes: 60, total_size_bytes: 100 },
			{ status: 'paused', downloaded_bytes: 60, total_size_bytes: 100 },
			{ status: 'completed', downloaded_bytes: 100, total_size_bytes: 100 },
		);
		await withEngine(
			'lmstudio',
			(request) => (request.path.includes('/status/') && ++polls === 1 ? 'fin' : states(request)),
			async (pool, server) => {
				expect(await all(pool.pull('x', 'qwen/qwen3-4b'))).toEqual([
					{ status: 'downloading', done: 1, total: 100 },
					{ status: 'downloading', done: 60, total: 100 },
					{ status: 'paused', done: 60, total: 100 },
					{ status: 'completed', done: 100, total: 100 },
				]);
				expect(server.requests[0]).toMatchObject({
					method: 'POST',
					path: '/api/v1/models/download',
					body: { model: 'qwen/qwen3-4b' },
				});
				expect(server.requests[1]?.path).toBe('/api/v1/models/download/status/job%2F1');
			},
		);
	});

	test('a model that is there already is done at once', async () => {
		await withEngine(
			'lmstudio',
			({ path }) => json(path === '/api/v1/models' ? { models: [] } : { status: 'already_downloaded' }),
			async (pool) => {
				expect(await all(pool.pull('x', 'm'))).toEqual([{ status: 'already_downloaded' }]);
			},
		);
	});

	test('one that failed, one that stands still and one that cannot be followed are errors', async () => {
		await withEngine('lmstudio', lmStudio({ status: 'failed' }), async (pool) => {
			await expect(all(pool.pull('x', 'm'))).rejects.toMatchObject({
				kind: 'server',
				message: expect.stringMatching(/could not download "m"/),
			});
		});
		await withEngine('lmstudio', lmStudio({ status: 'paused', downloaded_bytes: 5 }), async (pool) => {
			await expect(all(pool.pull('x', 'm', { deadlines: { betweenTokensMs: 50 } }))).rejects.toMatchObject({
				kind: 'timeout',
				message: expect.stringMatching(/stands still.*paused/),
			});
		});
		await withEngine(
			'lmstudio',
			() => json({ nothing: 'known' }),
			async (pool) => {
				await expect(all(pool.pull('x', 'm'))).rejects.toMatchObject({ kind: 'badAnswer' });
			},
		);
	});

	test('who stops watching is no longer told, and the engine is asked no more', async () => {
		await withEngine('lmstudio', lmStudio({ status: 'downloading' }), async (pool, server) => {
			const stopper = new AbortController();
			const seen: OperationProgress[] = [];
			const watching = (async () => {
				for await (const step of pool.pull('x', 'm', { signal: stopper.signal })) {
					seen.push(step);
					stopper.abort();
				}
			})();
			await expect(watching).rejects.toMatchObject({ kind: 'cancelled' });
			expect(seen).toEqual([{ status: 'downloading' }]);
			expect(server.requests.filter(({ path }) => path.includes('/status/'))).toHaveLength(0);
		});
	});

	test('LocalAI’s job is followed; that it was processed is no success when it has an error', async () => {
		const jobs = [
			{ processed: false, progress: 40, message: 'processing', error: null },
			{ processed: true, progress: 100, message: 'error: no such gallery model', error: {} },
		];
		let finished = false;
		const reply = ({ path }: ReplayRequest): Reply =>
			path === '/models/apply'
				? json({ uuid: 'u1', status: 'http://elsewhere/models/jobs/u1' })
				: path === '/v1/models'
					? json({ data: [] })
					: json((finished ? { processed: true, message: 'completed', error: null } : jobs.shift()) ?? {});
		await withEngine('localai', reply, async (pool, server) => {
			await expect(all(pool.pull('x', 'localai@nothing'))).rejects.toMatchObject({
				kind: 'server',
				engineMessage: 'error: no such gallery model',
			});
			expect(server.requests[1]?.path).toBe('/models/jobs/u1');
			finished = true;
			expect((await all(pool.pull('x', 'localai@phi-2'))).at(-1)).toEqual({ status: 'completed' });
		});
	});

	test('LM Studio unloads every instance of a model; a name that is no model’s is an instance’s', async () => {
		const rows = [
			{ key: 'm', loaded_instances: [{ id: 'm' }, { id: 'm:2' }] },
			{ key: 'idle', loaded_instances: [] },
		];
		await withEngine(
			'lmstudio',
			({ path }) => json(path === '/api/v1/models' ? { models: rows } : {}),
			async (pool, server) => {
				for (const name of ['m', 'idle', 'm:2']) await pool.unload('x', name);
				const freed = server.requests.filter(({ path }) => path.endsWith('/unload')).map(({ body }) => body);
				expect(freed).toEqual([{ instance_id: 'm' }, { instance_id: 'm:2' }, { instance_id: 'm:2' }]);
			},
		);
	});

	test('a llama.cpp router is watched until the model is there, or has failed', async () => {
		const states: object[] = [{ value: 'loading' }, { value: 'loaded' }];
		await withEngine(
			'llamacpp',
			({ path }) =>
				path === '/models'
					? json({ data: [{ id: 'm', status: states.length > 1 ? states.shift() : states[0] }] })
					: json(path === '/models/load' ? { success: true } : { data: [] }),
			async (pool, server) => {
				await pool.load('x', 'm');
				expect(server.requests.filter(({ path }) => path === '/models')).toHaveLength(2);
				states[0] = { value: 'unloaded', failed: true, exit_code: 1 };
				await expect(pool.load('x', 'm')).rejects.toMatchObject({ kind: 'loadFailed' });
			},
		);
	});

	test('a llama.cpp router that has a model loaded already has loaded it, and what is not loaded is unloaded; one it does not know is named', async () => {
		const refuses = (status: number, message: string) => ({ status, body: { error: { message } } });
		await withEngine(
			'llamacpp',
			({ path, body }) => {
				if (path === '/models') return json({ data: [{ id: 'm', status: { value: 'loaded' } }] });
				if (path === '/models/unload') return refuses(400, 'model is not running');
				if (path !== '/models/load') return json({ data: [] });
				return JSON.stringify(body).includes('"m"')
					? refuses(400, 'model is already running')
					: refuses(404, 'File Not Found');
			},
			async (pool) => {
				await pool.load('x', 'm');
				await pool.unload('x', 'm');
				await expect(pool.load('x', 'other')).rejects.toMatchObject({
					kind: 'modelNotFound',
					message: expect.stringContaining('x does not have the model "other"'),
				});
			},
		);
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
		// But for the first, which is sent again to see what the engine kept.
		expect(beginnings[1]).toBe(beginnings[0]);
		expect(new Set(beginnings).size).toBe(requests.length - 1);
		expect(measurePrompt(undefined, 200, 1).split(' ').length).toBeGreaterThan(100);
	});

	test('tells what the prefix cache gave when the first request was sent again, and how many drafts were kept', async () => {
		const counted = (count: number): Reply => ({
			chunks: [
				delta('x'),
				'data: {"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}\n\n',
				`data: {"choices":[],"usage":{"prompt_tokens":100,"completion_tokens":10,"prompt_tokens_details":{"cached_tokens":${count === 2 ? 99 : 0}}},"timings":{"draft_n":16,"draft_n_accepted":12}}\n\n`,
			],
			end: 'complete',
		});
		const { report } = await sweep(counted, {});
		expect(report).toMatchObject({ prefixCache: { hitShare: 0.99 }, draftAcceptance: 0.75 });
		const chart = report === undefined ? '' : measureChart(report);
		expect(chart).toContain('99 % of the first prompt came from the prefix cache');
		expect(chart).toContain('75 % of the proposed tokens were kept');
		const { report: silent } = await sweep(() => answer, {});
		expect(silent).not.toHaveProperty('prefixCache');
		expect(silent).not.toHaveProperty('draftAcceptance');
	});

	test('vLLM, whose answers do not tell, is asked for its counters', async () => {
		let requests = 0;
		const server = await replayServer(({ path }) => {
			if (path === '/v1/models') return { status: 200, body: { data: [{ id: 'm', owned_by: 'vllm' }] } };
			if (path !== '/metrics') return (requests++, answer);
			const lines = {
				prefix_cache_queries_total: 1000 + 100 * requests,
				prefix_cache_hits_total: 500 + (requests > 1 ? 80 : 0),
				spec_decode_num_draft_tokens_total: 200 * requests,
				spec_decode_num_accepted_tokens_total: 100 * requests,
			};
			const page = Object.entries(lines).map(([name, value]) => `vllm:${name}{engine="0"} ${value}.0\n`);
			return { chunks: page, type: 'text/plain', end: 'complete' };
		});
		const pool = new EnginePool([{ name: 'v', dialect: 'vllm', baseUrl: server.url }], { rounds: 0 });
		try {
			const reports: MeasureReport[] = [];
			for await (const event of pool.measure({ concurrency: [1], requestsPerStep: 4 }))
				if (event.type === 'report') reports.push(event.report);
			expect(reports[0]).toMatchObject({ prefixCache: { hitShare: 0.8 }, draftAcceptance: 0.5 });
		} finally {
			await pool.close();
			await server.close();
		}
	});

	test('SGLang tells the share that was kept itself, once for each rank', async () => {
		let requests = 0;
		const server = await replayServer(({ path }) => {
			if (path === '/v1/models') return { status: 200, body: { data: [{ id: 'm', owned_by: 'sglang' }] } };
			if (path !== '/metrics') return (requests++, answer);
			const cached = requests > 1 ? 30 : 0;
			const page = [
				`sglang:prompt_tokens_total{model_name="m"} ${100 * requests}.0\n`,
				`sglang:cached_tokens_total{model_name="m",cache_source="device"} ${2 * cached}.0\n`,
				`sglang:cached_tokens_total{model_name="m",cache_source="host"} ${cached}.0\n`,
				...[0.5, 0.7].map((rate, rank) => `sglang:spec_accept_rate{dp_rank="${rank}"} ${rate}\n`),
			];
			return { chunks: page, type: 'text/plain', end: 'complete' };
		});
		const pool = new EnginePool([{ name: 's', dialect: 'sglang', baseUrl: server.url }], { rounds: 0 });
		try {
			const reports: MeasureReport[] = [];
			for await (const event of pool.measure({ concurrency: [1], requestsPerStep: 4 }))
				if (event.type === 'report') reports.push(event.report);
			expect(reports[0]).toMatchObject({ prefixCache: { hitShare: 0.9 }, draftAcceptance: 0.6 });
		} finally {
			await pool.close();
			await server.close();
		}
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

	test('an engine that hangs is left when the budget is used up', async () => {
		const { report, steps } = await sweep(() => 'hang', { budgetMs: 100 });
		expect(steps).toBe(0);
		expect(report).toMatchObject({ steps: [], stopped: expect.stringMatching(/first request/) });
	});

	test('is drawn as a page that shows the figures and nothing foreign', async () => {
		const { report } = await sweep(() => answer, {});
		if (report === undefined) throw new Error('no report');
		const page = measureChart({ ...report, model: '<script>alert(1)</script>' });
		expect(page).toMatch(/<svg[\s\S]*polyline/);
		expect(page).not.toContain('<script>');
		expect(page).toMatch(/Handles \d+ requests at once/);
	});
});
