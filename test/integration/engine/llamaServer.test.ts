// EnginePool against the real llama.cpp server.
import {
	type ChatEvent,
	type ChatRequest,
	EnginePool,
	type EngineAddress,
	type PoolOptions,
} from '../../../lib/engine';
import { createEmbedder, embedEach } from '../../../lib/embedding';
import { describeLlama, freePort, type LlamaServer, startLlama } from '../../support/llamaServer';

const SENTENCE = 'Hello! Paris is the capital of France, and this sentence never changes.';
const ASK: ChatRequest = {
	messages: [{ role: 'user', content: 'What is the capital of France?' }],
	temperature: 0,
	maxTokens: 64,
};
const TOOL = {
	name: 'get_weather',
	description: 'Weather for a city',
	parameters: {
		type: 'object',
		properties: { city: { type: 'string', enum: ['Paris'] } },
		required: ['city'],
	},
};

const pools: EnginePool[] = [];
const poolOf = (
	engines: readonly (Partial<EngineAddress> & { readonly baseUrl: string })[],
	options: PoolOptions = {},
): EnginePool => {
	const pool = new EnginePool(
		engines.map((address, i) => ({ name: `e${i + 1}`, dialect: 'llamacpp', ...address })),
		options,
	);
	pools.push(pool);
	return pool;
};
afterEach(async () => {
	await Promise.all(pools.splice(0).map((pool) => pool.close()));
});

async function idleSlots(url: string): Promise<boolean> {
	const slots: unknown = await (await fetch(`${url}/slots`)).json();
	return (
		Array.isArray(slots) &&
		slots.every(
			(slot: unknown) =>
				typeof slot === 'object' && slot !== null && Reflect.get(slot, 'is_processing') === false,
		)
	);
}

async function until(what: () => boolean | Promise<boolean>): Promise<void> {
	for (let i = 0; i < 400; i++) {
		if (await what()) return;
		await new Promise((resolve) => setTimeout(resolve, 25));
	}
	throw new Error('it did not become so within 10 s');
}

describeLlama('chat', () => {
	let text: LlamaServer;
	beforeAll(async () => {
		text = await startLlama('ci-text', { ctx: 1024, parallel: 2, metrics: true });
	});
	afterAll(() => text.stop());

	it('is detected, with its version and model', async () => {
		const detection = await poolOf([]).detect(`${text.url}/v1`);
		expect(detection).toMatchObject({ dialect: 'llamacpp', models: ['ci-text'] });
		expect(detection.ms).toBeLessThan(2_500);
	});

	it('answers, with usage and timings', async () => {
		const result = await poolOf([{ baseUrl: text.url }]).complete(ASK);
		expect(result).toMatchObject({ text: SENTENCE, finishReason: 'stop', model: 'ci-text', engine: 'e1' });
		expect(result.usage.promptTokens).toBeGreaterThan(5);
		expect(result.usage.completionTokens).toBeGreaterThan(10);
		expect(result.timings.firstTokenMs).toBeGreaterThan(0);
		const again = await poolOf([{ baseUrl: text.url }]).complete(ASK);
		expect(again.usage.cachedTokens).toBeGreaterThan(5);
	});

	it('streams the same', async () => {
		const events: ChatEvent[] = [];
		for await (const event of poolOf([{ baseUrl: text.url, dialect: 'auto' }]).chat(ASK)) events.push(event);
		expect(events[0]).toMatchObject({ type: 'start', model: 'ci-text' });
		expect(events.map((event) => (event.type === 'text' ? event.text : '')).join('')).toBe(SENTENCE);
		expect(events.at(-1)).toMatchObject({ type: 'end', finishReason: 'stop' });
	});

	it('stops at a stop word, at its limit of tokens, and gives log-probabilities', async () => {
		const pool = poolOf([{ baseUrl: text.url }]);
		expect((await pool.complete({ ...ASK, stop: [' capital'] })).text).toBe('Hello! Paris is the');
		const cut = await pool.complete({ ...ASK, maxTokens: 3, logprobs: 3 });
		expect(cut.finishReason).toBe('length');
		expect(cut.logprobs).toHaveLength(3);
		expect(cut.logprobs?.[0]?.top).toHaveLength(3);
	});

	it('keeps to a schema, a choice, a pattern and a grammar', async () => {
		const pool = poolOf([{ baseUrl: text.url }]);
		const schema = {
			type: 'object',
			properties: { city: { type: 'string', enum: ['Paris', 'Rome'] }, ok: { type: 'boolean' } },
			required: ['city', 'ok'],
			additionalProperties: false,
		};
		const extracted = await pool.extract<{ city: string; ok: boolean }>({ ...ASK, maxTokens: 400, schema });
		expect(['Paris', 'Rome']).toContain(extracted.value.city);
		expect(typeof extracted.value.ok).toBe('boolean');
		const chosen = await pool.complete({
			...ASK,
			responseFormat: { type: 'choice', options: ['red "wine"', 'white'] },
		});
		expect(['red "wine"', 'white']).toContain(chosen.text);
		const pattern = await pool.complete({
			...ASK,
			responseFormat: { type: 'regex', pattern: '^[A-C]{2}-\\d{3}(x|y z)?$' },
		});
		expect(pattern.text).toMatch(/^[A-C]{2}-\d{3}(x|y z)?$/);
		const grammar = await pool.complete({
			...ASK,
			responseFormat: { type: 'grammar', grammar: 'root ::= "yes" | "no"' },
		});
		expect(['yes', 'no']).toContain(grammar.text);
	});

	it('classifies with a confidence', async () => {
		const { label, confidence } = await poolOf([{ baseUrl: text.url }]).classify({
			text: 'Bonjour',
			labels: [{ name: 'greeting' }, { name: 'invoice' }],
		});
		expect(['greeting', 'invoice', null]).toContain(label);
		expect(confidence).toBeGreaterThanOrEqual(0);
		expect(confidence).toBeLessThanOrEqual(1);
	});

	it('refuses a prompt that does not fit what is loaded, without sending it', async () => {
		const failure: unknown = await poolOf([{ baseUrl: text.url }], { rounds: 0 })
			.complete({
				...ASK,
				messages: [{ role: 'user', content: 'one two three four five six seven. '.repeat(400) }],
			})
			.catch((error: unknown) => error);
		expect(failure).toMatchObject({ kind: 'contextExceeded', contextTokens: 512 });
		expect(failure).toHaveProperty('promptTokens', expect.any(Number));
		expect(failure).not.toHaveProperty('status', 400);
	});

	it('says so in the engine’s words where only the engine can tell', async () => {
		// Under the client's own check, above the 512 tokens of a slot: 1,480 characters of rare letters.
		const failure: unknown = await poolOf([{ baseUrl: text.url }], { rounds: 0 })
			.complete({ ...ASK, messages: [{ role: 'user', content: '§¶'.repeat(700) }] })
			.catch((error: unknown) => error);
		expect(failure).toMatchObject({
			kind: 'contextExceeded',
			status: 400,
			engineMessage: expect.stringMatching(/exceeds the available context size/),
			contextTokens: 512,
		});
	});

	it('frees the slot when the call is aborted', async () => {
		const stopper = new AbortController();
		const pool = poolOf([{ baseUrl: text.url }]);
		const endless: ChatRequest = {
			...ASK,
			temperature: 2,
			maxTokens: 400,
			responseFormat: { type: 'regex', pattern: '[a-z ]{400,}' },
		};
		const run = async () => {
			for await (const event of pool.chat(endless, { signal: stopper.signal })) {
				if (event.type === 'text') stopper.abort();
			}
		};
		await expect(run()).rejects.toMatchObject({ kind: 'cancelled' });
		await until(() => idleSlots(text.url));
	});

	it('tells models, context and health', async () => {
		const pool = poolOf([{ baseUrl: text.url }]);
		expect(await pool.models()).toMatchObject([{ id: 'ci-text', loaded: true, contextTokens: 512 }]);
		expect(await pool.health()).toMatchObject([
			{ status: 'ok', dialect: 'llamacpp', queue: { running: 0, waiting: 0 } },
		]);
	});

	it('queues in front of the engine, and loses nobody', async () => {
		const pool = poolOf([{ baseUrl: text.url, maxConcurrency: 2 }]);
		const results = await Promise.all(Array.from({ length: 30 }, () => pool.complete(ASK)));
		expect(results.every(({ text: said }) => said === SENTENCE)).toBe(true);
		expect(Math.max(...results.map(({ timings }) => timings.queueMs))).toBeGreaterThan(0);
	});

	it('is measured', async () => {
		const events = [];
		for await (const event of poolOf([{ baseUrl: text.url }]).measure({
			concurrency: [1, 2],
			requestsPerStep: 4,
			promptTokens: 64,
			maxTokens: 8,
			budgetMs: 30_000,
			pricePerHour: 1,
		}))
			events.push(event);
		const report = events.at(-1);
		expect(report).toMatchObject({
			type: 'report',
			report: { model: 'ci-text', capacity: { concurrency: expect.any(Number) } },
		});
		const shared = report?.type === 'report' ? report.report.prefixCache?.hitShare : undefined;
		expect(shared).toBeGreaterThan(0.9);
		expect(events[0]).toMatchObject({ type: 'step', step: { concurrency: 1, requests: 4, failed: 0 } });
	});
});

describeLlama('tools and keys', () => {
	let tool: LlamaServer;
	beforeAll(async () => {
		tool = await startLlama('ci-tool', { ctx: 2048, apiKey: 'sk-test-key' });
	});
	afterAll(() => tool.stop());

	it('calls a tool, and takes its result', async () => {
		const pool = poolOf([{ baseUrl: tool.url, apiKey: 'sk-test-key' }]);
		const first = await pool.complete({
			...ASK,
			messages: [{ role: 'user', content: 'Weather in Paris?' }],
			tools: [TOOL],
			maxTokens: 120,
		});
		expect(first.finishReason).toBe('toolCalls');
		const [call] = first.toolCalls;
		expect(call).toMatchObject({ name: 'get_weather' });
		expect(JSON.parse(call?.arguments ?? '')).toEqual({ city: 'Paris' });
		const second = await pool.complete({
			...ASK,
			messages: [
				{ role: 'user', content: 'Weather in Paris?' },
				{ role: 'assistant', content: '', reasoning: 'I should look.', toolCalls: first.toolCalls },
				{ role: 'tool', toolCallId: call?.id ?? '', content: 'sunny' },
			],
			tools: [TOOL],
			maxTokens: 40,
		});
		expect(['stop', 'length', 'toolCalls']).toContain(second.finishReason);
	});

	it('a call that is cut off at the token limit is told, and no failure of the engine', async () => {
		const pool = poolOf([{ baseUrl: tool.url, apiKey: 'sk-test-key' }], { breakerThreshold: 1 });
		for (const maxTokens of [3, 8, 12]) {
			const cut = await pool.complete({ ...ASK, tools: [TOOL], toolChoice: 'required', maxTokens });
			expect(cut.finishReason).toBe('length');
			expect(cut.toolCalls.every(({ invalid }) => invalid !== undefined)).toBe(true);
		}
		expect((await pool.health())[0]?.breaker).toEqual({ 'ci-tool': 'closed' });
	});

	it('says that the key is wrong, and never shows it', async () => {
		const failure: unknown = await poolOf([{ baseUrl: tool.url, apiKey: 'sk-wrong-key' }], { rounds: 0 })
			.complete(ASK)
			.catch((error: unknown) => error);
		expect(failure).toMatchObject({ kind: 'unauthorized', status: 401 });
		expect(JSON.stringify(failure)).not.toContain('sk-wrong-key');
	});
});

describeLlama('JSON mode', () => {
	it('gives an object also where the model would say something else', async () => {
		const text = await startLlama('ci-text', { ctx: 1024 });
		try {
			const pool = poolOf([{ baseUrl: text.url }]);
			expect((await pool.complete(ASK)).text).toBe(SENTENCE);
			const held = await pool.complete({ ...ASK, maxTokens: 500, responseFormat: { type: 'json' } });
			expect(held.text).toMatch(/^\s*\{/);
			if (held.finishReason === 'stop') expect(typeof JSON.parse(held.text)).toBe('object');
		} finally {
			await text.stop();
		}
	});
});

describeLlama('vectors', () => {
	let embed: LlamaServer;
	let tokens: LlamaServer;
	let rank: LlamaServer;
	beforeAll(async () => {
		[embed, tokens, rank] = await Promise.all([
			startLlama('tiny-rerank', { embedding: true, pooling: 'mean' }),
			startLlama('tiny-rerank', { embedding: true, pooling: 'none' }),
			startLlama('tiny-rerank', { reranking: true }),
		]);
	});
	afterAll(() => Promise.all([embed.stop(), tokens.stop(), rank.stop()]));

	it('embeds a batch in order', async () => {
		const pool = poolOf([{ baseUrl: embed.url }]);
		const texts = Array.from({ length: 30 }, (_, i) => `text number ${i} of thirty`);
		const all = await pool.embed(texts, { batchSize: 7, concurrency: 3 });
		expect(all).toMatchObject({ dimensions: 64, engine: 'e1' });
		for (const i of [0, 13, 29]) {
			const one = await pool.embed([texts[i] ?? '']);
			const dot = all.vectors[i]?.reduce((sum, x, at) => sum + x * (one.vectors[0]?.[at] ?? 0), 0);
			expect(dot).toBeGreaterThan(0.9999);
		}
	});

	it('names the text that is too long, cuts it, or averages its parts', async () => {
		const pool = poolOf([{ baseUrl: embed.url }], { rounds: 0 });
		const texts = ['short', 'hello world '.repeat(400), 'also short'];
		await expect(pool.embed(texts)).rejects.toMatchObject({ kind: 'contextExceeded', inputIndex: 1 });
		expect((await pool.embed(texts, { onTooLong: 'truncate' })).flags).toEqual([
			undefined,
			'truncated',
			undefined,
		]);
		expect((await pool.embed(texts, { onTooLong: 'mean' })).flags).toEqual([
			undefined,
			'averaged',
			undefined,
		]);
	});

	it('ten texts of which one is too long are nine vectors and one error', async () => {
		const texts = Array.from({ length: 10 }, (_, i) => (i === 4 ? 'hello world '.repeat(400) : `text ${i}`));
		const embedder = createEmbedder({ pool: poolOf([{ baseUrl: embed.url }], { rounds: 0 }), batchSize: 10 });
		const done = await embedEach(embedder, texts);
		expect(done.map((one) => ('error' in one ? 'error' : one.vector.length))).toEqual(
			texts.map((_, i) => (i === 4 ? 'error' : 64)),
		);
		expect(done[4]).toMatchObject({ error: { kind: 'contextExceeded', promptTokens: 802 } });
	});

	it('are never made by a reranker, whether it is named or not', async () => {
		const pool = poolOf(
			[
				{ baseUrl: `http://127.0.0.1:${await freePort()}`, models: { embedding: 'minilm' } },
				{ baseUrl: rank.url },
			],
			{ rounds: 0, patienceMs: 0 },
		);
		for (const options of [{}, { model: 'minilm' }])
			await expect(pool.embed(['a'], options)).rejects.toMatchObject({ kind: 'unreachable', engine: 'e1' });
		await expect(pool.embed(['a'], { model: 'tiny-rerank' }, { engines: ['e2'] })).rejects.toMatchObject({
			kind: 'unsupported',
			message: expect.stringContaining('e2 runs the reranker "tiny-rerank", which makes no embeddings'),
		});
		expect(await pool.rerank('q', ['a'], {}, { engines: ['e2'] })).toHaveLength(1);
	});

	it('a model that is not there is an error, though the server would answer', async () => {
		await expect(poolOf([{ baseUrl: embed.url }]).embed(['a'], { model: 'nope' })).rejects.toMatchObject({
			kind: 'modelNotFound',
			message: expect.stringContaining('It has: tiny-rerank'),
		});
	});

	it('gives a vector for each token, with its place in the text', async () => {
		const text = 'Hello Wörld, straße 東京 unbelievable 🎉 end.';
		const { vectors, offsets } = await poolOf([{ baseUrl: tokens.url }]).tokenVectors(text);
		expect(vectors).toHaveLength(offsets.length);
		expect(vectors[0]).toHaveLength(64);
		const words = offsets.map((span) => (span === null ? null : text.slice(span.start, span.end)));
		expect(words).toEqual([
			null,
			'Hello',
			'Wörld',
			',',
			'st',
			'raße',
			'東',
			'京',
			'unbelievable',
			'🎉',
			'end',
			'.',
			null,
		]);
	});

	it('says that a pooling server gives no token vectors', async () => {
		await expect(
			poolOf([{ baseUrl: embed.url }], { rounds: 0 }).tokenVectors('Hello world'),
		).rejects.toMatchObject({ kind: 'unsupported', message: expect.stringMatching(/--pooling none/) });
	});

	it('reranks', async () => {
		const ranked = await poolOf([{ baseUrl: rank.url }]).rerank('capital of France', [
			'Paris is the capital.',
			'',
			'Bananas are yellow.',
			'Rome is in Italy.',
		]);
		expect(ranked.map(({ index }) => index).sort()).toEqual([0, 2, 3]);
		expect(ranked[0]?.score).toBeGreaterThanOrEqual(ranked[2]?.score ?? 0);
		expect(ranked[0]?.engine).toBe('e1');
	});

	it('says what a server was not started for', async () => {
		await expect(poolOf([{ baseUrl: embed.url }], { rounds: 0 }).rerank('q', ['a'])).rejects.toMatchObject({
			kind: 'unsupported',
			engineMessage: expect.stringMatching(/--reranking/),
		});
	});
});

describeLlama('an engine that dies', () => {
	const words: ChatRequest = {
		...ASK,
		temperature: 2,
		maxTokens: 900,
		responseFormat: { type: 'regex', pattern: '[a-z ]{900,}' },
	};

	it('by kill -9 interrupts a stream, and a collected call goes to the next', async () => {
		const [one, two] = await Promise.all([
			startLlama('ci-text', { ctx: 1024 }),
			startLlama('ci-text', { ctx: 1024 }),
		]);
		try {
			const pool = poolOf([{ baseUrl: one.url }, { baseUrl: two.url, tier: 1 }]);
			let seen = 0;
			const stream = (async () => {
				for await (const event of pool.chat(words)) {
					if (event.type === 'text' && ++seen === 3) await one.kill();
				}
			})();
			await expect(stream).rejects.toMatchObject({
				kind: 'interrupted',
				engine: 'e1',
				partial: { text: expect.stringMatching(/[a-z ]/) },
			});
			const result = await pool.complete(ASK);
			expect(result).toMatchObject({
				text: SENTENCE,
				engine: 'e2',
				attempts: [
					{ engine: 'e1', outcome: 'unreachable' },
					{ engine: 'e2', outcome: 'ok' },
				],
			});
		} finally {
			await Promise.all([one.stop(), two.stop()]);
		}
	});

	it('by hanging is left at the deadline between tokens', async () => {
		const one = await startLlama('ci-text', { ctx: 1024 });
		const two = await startLlama('ci-text', { ctx: 1024 });
		try {
			const pool = poolOf([{ baseUrl: one.url }, { baseUrl: two.url, tier: 1 }], {
				deadlines: { betweenTokensMs: 500, firstTokenMs: 2_000 },
			});
			one.freeze();
			const result = await pool.complete(ASK);
			expect(result.attempts).toMatchObject([
				{ engine: 'e1', outcome: 'timeout' },
				{ engine: 'e2', outcome: 'ok' },
			]);
		} finally {
			one.thaw();
			await Promise.all([one.stop(), two.stop()]);
		}
	});
});
