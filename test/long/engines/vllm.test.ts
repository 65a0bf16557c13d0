// vLLM on a CPU, with tiny models that are made here: chat, tools, schemas, thinking, embeddings, reranking, metrics, and what it
// says when something is wrong.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type ChatEvent, type ChatRequest, EnginePool, type MeasureReport } from '../../../lib/engine';
import { createEmbedder, embedEach } from '../../../lib/embedding';
import { type Setup, testCells } from '../../support/engines/cells';
import { type EngineServer, startVllm, writeTinyModels } from './servers';

jest.setTimeout(3_000_000);

const SENTENCE = 'Paris is the capital of France.';
const ASK: ChatRequest = {
	messages: [{ role: 'user', content: 'What is the capital of France?' }],
	temperature: 0,
	maxTokens: 64,
};
const WEATHER = {
	name: 'get_weather',
	description: 'Weather for a city',
	parameters: {
		type: 'object',
		properties: { city: { type: 'string', enum: ['Paris'] } },
		required: ['city'],
	},
};
const SCHEMA = {
	type: 'object',
	properties: { city: { type: 'string', enum: ['Paris', 'Rome'] } },
	required: ['city'],
	additionalProperties: false,
};
const KEY = 'sk-right';
/** More tokens than any of the models reads: they have one for each byte. */
const LONG = 'word '.repeat(100);
/** It goes on when the script has ended, until the tokens are used up. */
const ENDLESS = { extra: { ignore_eos: true }, maxTokens: 900 };

let folder: string;
let chat: EngineServer;
let think: EngineServer;
let embed: EngineServer;
beforeAll(async () => {
	folder = mkdtempSync(path.join(tmpdir(), 'vllm-'));
	writeTinyModels(folder);
	const started = (model: string, ...args: readonly string[]): Promise<EngineServer> =>
		startVllm(path.join(folder, model), ...args);
	const writing = ['--max-model-len', '1024', '--max-num-seqs', '4'];
	const parser = ['--enable-auto-tool-choice', '--tool-call-parser', 'hermes'];
	// One after the other: each takes a gigabyte and both cores while it starts.
	chat = await started(
		'tiny-chat',
		...writing,
		...parser,
		'--enable-prompt-tokens-details',
		'--block-size',
		'32',
	);
	think = await started('think', ...writing, '--reasoning-parser', 'qwen3', '--api-key', KEY);
	embed = await started('embed', '--runner', 'pooling', '--max-model-len', '256');
});
afterAll(async () => {
	await Promise.all([chat, think, embed].map((server) => server?.stop()));
	rmSync(folder, { recursive: true, force: true });
});

const pools: EnginePool[] = [];
function poolAt({ url }: EngineServer, dialect: 'auto' | 'vllm' = 'vllm', apiKey?: string): EnginePool {
	const pool = new EnginePool([{ name: 'v', dialect, baseUrl: url, apiKey }], { rounds: 0, patienceMs: 0 });
	pools.push(pool);
	return pool;
}
afterEach(async () => {
	await Promise.all(pools.splice(0).map((pool) => pool.close()));
});

const RUNNING = /vllm:num_requests_running\{[^}]*\} ([\d.e+]+)/;
const WRITTEN = /vllm:generation_tokens_total\{[^}]*\} ([\d.e+]+)/;

async function metric({ url }: EngineServer, line: RegExp): Promise<number> {
	const page = await (await fetch(`${url}/metrics`)).text();
	return Number(line.exec(page)?.[1] ?? 0);
}

describe('chat', () => {
	it('is detected, with its version and its model', async () => {
		const detection = await poolAt(chat).detect(`${chat.url}/v1`);
		expect(detection).toMatchObject({ dialect: 'vllm', version: '0.32.0', models: ['tiny-chat'] });
		expect(await poolAt(chat).models()).toMatchObject([
			{ id: 'tiny-chat', loaded: true, contextTokens: 1024 },
		]);
		expect(await poolAt(chat).health()).toMatchObject([
			{ status: 'ok', dialect: 'vllm', queue: { running: 0, waiting: 0 } },
		]);
	});

	it('answers in one piece and as a stream', async () => {
		const pool = poolAt(chat, 'auto');
		const answer = await pool.complete(ASK);
		expect(answer).toMatchObject({ text: SENTENCE, finishReason: 'stop', model: 'tiny-chat' });
		expect(answer.usage.completionTokens).toBe(4);
		const events: ChatEvent[] = [];
		for await (const event of pool.chat(ASK)) events.push(event);
		expect(events.map((event) => (event.type === 'text' ? event.text : '')).join('')).toBe(SENTENCE);
		expect(events.at(-1)).toMatchObject({ type: 'end', finishReason: 'stop' });
	});

	it('counts the tokens of a prompt as the engine does', async () => {
		const pool = poolAt(chat);
		const { usage } = await pool.complete(ASK);
		expect(await pool.countTokens(ASK)).toBe(usage.promptTokens);
	});

	it('calls a tool by itself, when it must, and by name', async () => {
		const pool = poolAt(chat);
		for (const toolChoice of ['auto', 'required', { name: WEATHER.name }] as const) {
			const { toolCalls, finishReason } = await pool.complete({
				...ASK,
				maxTokens: 200,
				tools: [WEATHER],
				toolChoice,
			});
			expect(finishReason).toBe('toolCalls');
			expect(toolCalls).toMatchObject([{ name: 'get_weather' }]);
			expect(JSON.parse(toolCalls[0]?.arguments ?? '')).toEqual({ city: 'Paris' });
		}
	});

	it('keeps to a schema, a choice, a pattern and a grammar', async () => {
		const pool = poolAt(chat);
		const answered = async (responseFormat: ChatRequest['responseFormat']): Promise<string> =>
			(await pool.complete({ ...ASK, responseFormat })).text;
		// Blanks may use up its tokens.
		expect(await answered({ type: 'jsonSchema', schema: SCHEMA })).toMatch(/^\s*\{\s*("city"|$)/);
		expect(['red', 'white']).toContain(await answered({ type: 'choice', options: ['red', 'white'] }));
		expect(await answered({ type: 'regex', pattern: '[A-C]{2}-\\d{3}' })).toMatch(/^[A-C]{2}-\d{3}$/);
		expect(['yes', 'no']).toContain(await answered({ type: 'grammar', grammar: 'root ::= "yes" | "no"' }));
	});

	it('gives log-probabilities, and stops at a word', async () => {
		const pool = poolAt(chat);
		const { logprobs } = await pool.complete({ ...ASK, logprobs: 2 });
		expect(logprobs?.[0]).toMatchObject({ token: 'Paris is ', top: expect.any(Array) });
		expect((await pool.complete({ ...ASK, stop: ['capital'] })).text).toBe('Paris is the ');
	});

	it('takes fields of its own, and stops when the call is aborted', async () => {
		const before = await metric(chat, WRITTEN);
		const stopper = new AbortController();
		const run = async (): Promise<void> => {
			for await (const event of poolAt(chat).chat({ ...ASK, ...ENDLESS }, { signal: stopper.signal }))
				if (event.type === 'text') stopper.abort();
		};
		await expect(run()).rejects.toMatchObject({ kind: 'cancelled' });
		while ((await metric(chat, RUNNING)) > 0) await new Promise((resolve) => setTimeout(resolve, 50));
		expect((await metric(chat, WRITTEN)) - before).toBeLessThan(ENDLESS.maxTokens - 100);
	});

	it('is measured, with the share that the prefix cache gave', async () => {
		const reports: MeasureReport[] = [];
		const options = { concurrency: [1], requestsPerStep: 2, prompt: 'w'.repeat(400), maxTokens: 4 };
		for await (const event of poolAt(chat).measure(options))
			if (event.type === 'report') reports.push(event.report);
		expect(reports[0]?.prefixCache?.hitShare).toBeGreaterThan(0.5);
		// The engine's own counters say the same to who does not get it with the answers.
		expect(await metric(chat, /vllm:prefix_cache_hits_total\{[^}]*\} ([\d.e+]+)/)).toBeGreaterThan(0);
	});
});

describe('vectors', () => {
	it('embeds, and a text that is too long fails alone and by its place', async () => {
		const pool = poolAt(embed);
		const { vectors } = await pool.embed(['a', 'b']);
		expect(vectors.map(({ length }) => length)).toEqual([64, 64]);
		const results = await embedEach(createEmbedder({ pool }), ['a', LONG, 'b']);
		expect(results.map((result) => 'error' in result)).toEqual([false, true, false]);
		expect(results[1]).toMatchObject({ error: { kind: 'contextExceeded' } });
	});

	it('reranks by the likeness of vectors', async () => {
		const scores = await poolAt(embed).rerank('a', ['b', 'c c c', 'a']);
		expect(scores[0]?.index).toBe(2);
		expect(scores.map(({ index }) => index).sort()).toEqual([0, 1, 2]);
	});
});

describe('cells of the matrix', () => {
	const on = (server: () => EngineServer, more: Partial<Setup<EngineServer>> = {}): Setup<EngineServer> => ({
		server,
		...more,
	});
	const named = (chatModel: string) => ({ models: { chat: chatModel, embedding: 'embed' } });
	const onChat = (more: Partial<Setup<EngineServer>> = {}): Setup<EngineServer> =>
		on(() => chat, { address: named('tiny-chat'), ...more });
	const thinking = { address: { ...named('think'), apiKey: KEY } };
	testCells<EngineServer>('vllm', 'long', {
		'prompt longer than the context': onChat({
			more: { messages: [{ role: 'user', content: 'é'.repeat(700) }] },
		}),
		'text to embed longer than the model reads': on(() => embed, {
			address: named(''),
			more: { text: LONG },
		}),
		'model that is not there': onChat({ address: named('no-such') }),
		'tool call cut off at the token limit': onChat({ more: { maxTokens: 3 } }),
		'tool that must be called': onChat(),
		'tool that must be called, without `--tool-call-parser`': on(() => think, thinking),
		'named tool': onChat(),
		'JSON mode': onChat(),
		'JSON schema': onChat({ more: { maxTokens: 10 } }),
		'schema that the engine does not understand': onChat({
			more: { responseFormat: { type: 'jsonSchema', schema: { type: 'nonsense' } } },
		}),
		thinking: on(() => think, thinking),
		'prompt that is in the prefix cache': onChat({
			more: { messages: [{ role: 'user', content: 'x'.repeat(400) }] },
			again: true,
		}),
		'wrong key': on(() => think, { address: { ...named('think'), apiKey: 'sk-wrong' } }),
		'embeddings of an engine that runs a chat model': onChat({
			address: { models: { embedding: 'tiny-chat' } },
		}),
		'reranking of an engine that does not rerank': onChat({ address: { models: { rerank: 'tiny-chat' } } }),
		'engine that is killed in the middle of an answer': onChat({
			more: ENDLESS,
			meanwhile: async (server) => {
				await answering(server);
				server.kill();
			},
		}),
		'model process that is killed in the middle of an answer': on(() => think, {
			...thinking,
			more: ENDLESS,
			meanwhile: async (server) => {
				await answering(server);
				server.killChildren();
			},
		}),
	});
});

/** Until it is in the middle of an answer. */
async function answering(server: EngineServer): Promise<void> {
	while ((await metric(server, RUNNING)) < 1) await new Promise((resolve) => setTimeout(resolve, 20));
	await new Promise((resolve) => setTimeout(resolve, 100));
}
