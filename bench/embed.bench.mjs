/**
 * pool.embed() against the best loop one can write by hand for the same engine, and against LangChain's OpenAIEmbeddings and
 * OllamaEmbeddings as n8n's nodes use them (their defaults), in turns within one run. First on an engine that works on one batch
 * at a time, as a GPU does; then on a real llama.cpp server, where Python has the package xllamacpp (LLAMA_PYTHON, else what
 * `npm test` prepared). MINILM_GGUF names a GGUF file of all-MiniLM-L6-v2 (or put it to .cache/models/minilm-f16.gguf): without
 * one a tiny BERT of random weights is measured, which makes the client's share larger than it ever is.
 */
import { OllamaEmbeddings } from '@langchain/ollama';
import { OpenAIEmbeddings } from '@langchain/openai';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Agent } from 'undici';
import { startLlamaServer } from './lib/llamaServer.mjs';
import { inLanes, startProcess } from './lib/measure.mjs';
import { moduleOf, root } from './lib/modules.mjs';

export async function run({ quick, emit }) {
	const engine = await startProcess(fileURLToPath(new URL('lib/pacedEngine.mjs', import.meta.url)));
	try {
		await compare({
			emit,
			quick,
			name: 'scripted engine, 384 dimensions',
			url: engine.url,
			dialect: 'vllm',
			model: 'embed-384-2-10',
			ollama: true,
			count: quick ? 640 : 3_200,
		});
	} finally {
		await engine.stop();
	}
	const cached = `${root}.cache/models/minilm-f16.gguf`;
	const gguf = process.env.MINILM_GGUF || (existsSync(cached) ? cached : undefined);
	if (gguf === undefined)
		console.log('no MINILM_GGUF (a GGUF file of all-MiniLM-L6-v2): measuring with a tiny BERT instead');
	const server = await startLlamaServer({
		model: gguf ?? `${root}test/fixtures/gguf/tiny-rerank.gguf`,
		arguments: ['--embedding', '--pooling', 'mean', '--alias', 'm'],
	});
	if (server === undefined) {
		console.log(
			'skipped: the real llama.cpp server (no Python with xllamacpp; npm test prepares one, LLAMA_PYTHON names one)',
		);
		return;
	}
	const sizes = gguf === undefined ? [640, 3_200] : [192, 512];
	try {
		await compare({
			emit,
			quick,
			name: `llama.cpp server, ${gguf === undefined ? 'tiny BERT' : 'MiniLM'}`,
			url: server.url,
			dialect: 'llamacpp',
			model: 'm',
			ollama: false,
			count: sizes[quick ? 0 : 1],
		});
	} finally {
		await server.close();
	}
}

async function compare({ emit, quick, name, url, dialect, model, ollama, count }) {
	const { EnginePool } = moduleOf('engine');
	const pool = new EnginePool([{ dialect, baseUrl: url, name: 'local' }]);
	const agent = new Agent({ headersTimeout: 0, bodyTimeout: 0 });
	const texts = Array.from(
		{ length: count },
		(_, i) =>
			`Passage ${i}: ${'the harbour town wakes before the sun and the boats go out. '.repeat(2 + (i % 5))}`,
	);
	const openai = new OpenAIEmbeddings({
		model,
		apiKey: 'none',
		maxRetries: 0,
		configuration: { baseURL: `${url}/v1` },
	});
	const runs = {
		ours: async () => (await pool.embed(texts, { model })).vectors,
		'best hand-written loop': () => byHand(agent, url, model, texts),
		OpenAIEmbeddings: () => openai.embedDocuments(texts),
		...(ollama
			? { OllamaEmbeddings: () => new OllamaEmbeddings({ model, baseUrl: url }).embedDocuments(texts) }
			: {}),
	};
	const times = Object.fromEntries(Object.keys(runs).map((who) => [who, []]));
	const expected = await byHand(agent, url, model, texts);
	// Three turns at least; more as long as there is time, because the best of many is what the engine can give.
	const until = performance.now() + (quick ? 25_000 : 240_000);
	try {
		for (let turn = 0; turn < (quick ? 7 : 15) && (turn < 3 || performance.now() < until); turn++) {
			// Who begins changes with every turn.
			const order = Object.entries(runs);
			for (let i = 0; i < order.length; i++) {
				const [who, embed] = order[(i + turn) % order.length];
				const started = performance.now();
				const vectors = await embed();
				times[who].push(performance.now() - started);
				check(who, vectors, expected);
			}
		}
	} finally {
		await pool.close();
		await agent.close();
	}
	// The best of the turns: whatever else the machine does only ever adds.
	const rate = (who) => count / (Math.min(...times[who]) / 1000);
	for (const [peerName, goal] of [
		['best hand-written loop', 0.97],
		['OpenAIEmbeddings', 0.97],
		...(ollama ? [['OllamaEmbeddings', 0.97]] : []),
	]) {
		emit({
			bench: 'embed',
			case: `${count} texts, ${name}`,
			unit: 'texts/s',
			ours: Math.round(rate('ours')),
			peer: Math.round(rate(peerName)),
			peerName,
			ratio: Math.round((rate('ours') / rate(peerName)) * 1000) / 1000,
			goal,
		});
	}
}

/** Batches of 128, two in flight so that the engine never waits, base64, one copy a vector, scaled to unit length. */
async function byHand(agent, url, model, texts) {
	const vectors = new Array(texts.length);
	await inLanes(Math.ceil(texts.length / 128), 2, async (batch) => {
		const start = batch * 128;
		const { body } = await agent.request({
			origin: url,
			path: '/v1/embeddings',
			method: 'POST',
			headers: { 'content-type': 'application/json' },
			body: JSON.stringify({ model, input: texts.slice(start, start + 128), encoding_format: 'base64' }),
		});
		const { data } = await body.json();
		for (const { index, embedding } of data) {
			const vector = new Float32Array(new Uint8Array(Buffer.from(embedding, 'base64')).buffer);
			const norm = Math.hypot(...vector);
			vectors[start + index] = vector.map((x) => x / norm);
		}
	});
	return vectors;
}

/** A fast answer that is wrong is not an answer. */
function check(who, vectors, expected) {
	if (vectors.length !== expected.length)
		throw new Error(`${who}: ${vectors.length} vectors for ${expected.length} texts`);
	for (let i = 0; i < vectors.length; i += 37) {
		let dot = 0;
		let norm = 0;
		for (let at = 0; at < expected[i].length; at++) {
			dot += vectors[i][at] * expected[i][at];
			norm += vectors[i][at] ** 2;
		}
		if (dot / Math.sqrt(norm) < 0.999) throw new Error(`${who}: the vector of text ${i} is another one`);
	}
}
