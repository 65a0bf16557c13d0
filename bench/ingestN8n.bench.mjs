/**
 * Documents by webhook into an index, in one n8n: our Sync against n8n's own nodes (default data loader, recursive splitter,
 * simple vector store) with the same vectors: ours computes the built-in static model itself, n8n's asks it of a small server
 * that speaks OpenAI's embeddings API. Chunks of 1,000 characters, no overlap, on both sides.
 */
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { markdownOf } from './lib/ingestCorpus.mjs';
import { median } from './lib/measure.mjs';
import { plainFlow, startBenchHost, template } from './lib/n8nHost.mjs';

const MIN_SPEEDUP = 3;
const MAX_HELD_MS = 50;
const MAX_GROWTH = 1.15;
const MAX_SLOWDOWN = 2;
const dist = process.env.LOCAL_ENGINE_DIST ?? fileURLToPath(new URL('../dist/', import.meta.url));

const corpus = (megabytes, seed) =>
	Array.from({ length: megabytes * 20 }, (_, at) => ({
		source: `${seed}-${at}.md`,
		text: markdownOf(seed * 10_000 + at, 50_000),
	}));

/** The built-in static model behind OpenAI's embeddings API. */
async function startEmbeddings() {
	const { builtinEmbedder } = await import(path.join(dist, 'lib', 'embedding', 'index.js'));
	const embedder = builtinEmbedder({ tier: 'fast' });
	const server = createServer(async (request, response) => {
		const parts = [];
		for await (const part of request) parts.push(part);
		const { input, encoding_format: encoding } = JSON.parse(Buffer.concat(parts).toString());
		const data = [];
		for await (const { vector } of embedder.embedDocuments([input].flat())) {
			const embedding =
				encoding === 'base64'
					? Buffer.from(vector.buffer, vector.byteOffset, vector.byteLength).toString('base64')
					: [...vector];
			data.push({ object: 'embedding', index: data.length, embedding });
		}
		response.setHeader('content-type', 'application/json');
		response.end(
			JSON.stringify({ object: 'list', model: 'static', data, usage: { prompt_tokens: 0, total_tokens: 0 } }),
		);
	});
	await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
	return { server, url: `http://127.0.0.1:${server.address().port}/v1` };
}

/** n8n's own way: the documents as items, loaded, split, embedded and stored in memory. */
function peerFlow(credential) {
	const langchain = '@n8n/n8n-nodes-langchain';
	const node = (name, type, typeVersion, parameters, more = {}) => ({
		id: name,
		name,
		type,
		typeVersion,
		position: [0, 0],
		parameters,
		...more,
	});
	return {
		id: 'peerIngest',
		name: 'Peer ingest',
		settings: {},
		nodes: [
			node(
				'In',
				'n8n-nodes-base.webhook',
				2.1,
				{ httpMethod: 'POST', path: 'peer', responseMode: 'lastNode', options: {} },
				{ webhookId: 'peer' },
			),
			node('Split', 'n8n-nodes-base.splitOut', 1, { fieldToSplitOut: 'body.documents', options: {} }),
			node('Store', `${langchain}.vectorStoreInMemory`, 1.1, {
				mode: 'insert',
				memoryKey: 'bench',
				clearStore: true,
			}),
			node(
				'Vectors',
				`${langchain}.embeddingsOpenAi`,
				1.2,
				{ model: 'static', options: {} },
				{ credentials: { openAiApi: credential } },
			),
			node('Loader', `${langchain}.documentDefaultDataLoader`, 1.1, {
				jsonMode: 'allInputData',
				textSplittingMode: 'custom',
				options: {},
			}),
			node('Splitter', `${langchain}.textSplitterRecursiveCharacterTextSplitter`, 1, {
				chunkSize: 1000,
				chunkOverlap: 0,
				options: {},
			}),
		],
		connections: {
			In: { main: [[{ node: 'Split', type: 'main', index: 0 }]] },
			Split: { main: [[{ node: 'Store', type: 'main', index: 0 }]] },
			Vectors: { ai_embedding: [[{ node: 'Store', type: 'ai_embedding', index: 0 }]] },
			Loader: { ai_document: [[{ node: 'Store', type: 'ai_document', index: 0 }]] },
			Splitter: { ai_textSplitter: [[{ node: 'Loader', type: 'ai_textSplitter', index: 0 }]] },
		},
	};
}

/** The flow of ours with a node in the middle that does nothing: what n8n does with the body in any case. */
async function emptyFlow() {
	const workflow = await template('knowledge-base-ingest');
	for (const node of workflow.nodes) {
		if (node.type.endsWith('.webhook')) Object.assign(node, { webhookId: 'empty' }).parameters.path = 'empty';
		if (node.type.endsWith('.vectorIndex'))
			Object.assign(node, { type: 'n8n-nodes-base.noOp', parameters: {}, onError: undefined });
		if (node.id === 'done') node.parameters = { respondWith: 'text', responseBody: 'done', options: {} };
	}
	return { ...workflow, id: 'empty', name: 'Empty' };
}

/** What the event loop and the memory of n8n have done since a time. */
async function observed(file, from) {
	// The line that tells of the end comes up to 100 ms later, and n8n saves the execution after it has answered.
	await sleep(400);
	const lines = (await readFile(file, 'utf8'))
		.trim()
		.split('\n')
		.map((line) => JSON.parse(line));
	const within = lines.filter(({ at }) => at >= from);
	return {
		heldMs: Math.max(...within.map(({ maxMs }) => maxMs)),
		rssMb: Math.max(...within.map(({ rssMb }) => rssMb)),
	};
}

/** Calls the plain webhook over and over until `until` is settled; resolves to the times of the calls. */
async function probe(client, until) {
	const times = [];
	let running = true;
	const done = until.finally(() => (running = false));
	while (running) times.push((await client.webhook('plain', { question: 'still there?' })).ms);
	await done;
	return times;
}

export async function run({ quick, emit }) {
	const size = quick ? 1 : 5;
	const folder = await mkdtemp(path.join(tmpdir(), 'bench-loop-'));
	const file = path.join(folder, 'loop.jsonl');
	const embeddings = await startEmbeddings();
	// Each measured call finds n8n idle: what an index does after a run (it is tidied in the first pause of 3 s) is over.
	const settled = () => sleep(quick ? 0 : 5_000);
	const row = (name, unit, ours, peer, peerName, ratio, goal = 1) =>
		emit({ bench: 'ingest-n8n', case: name, unit, ours, peer, peerName, ratio, goal });
	const host = await startBenchHost({
		preload: [fileURLToPath(new URL('./lib/loopDelay.cjs', import.meta.url))],
		env: { LOOP_DELAY_FILE: file },
	});
	try {
		const { client } = host;
		const { id } = await client.createCredential({
			name: 'Static',
			type: 'openAiApi',
			data: { apiKey: 'none', url: embeddings.url },
		});
		await client.importAndPublish(plainFlow());
		await client.importAndPublish(peerFlow({ id, name: 'Static' }));
		await client.importAndPublish(await emptyFlow());
		await client.importAndPublish(
			await template('knowledge-base-ingest', {
				sync: { embedding: 'builtinFast', method: 'recursive', chunkSize: 1000, chunkOverlap: 0 },
			}),
		);
		const ours = async (documents, during) => {
			const from = Date.now();
			const call = client.webhook(
				'knowledge-base/documents',
				{ documents },
				{ signal: AbortSignal.timeout(600_000) },
			);
			const times = during ? await probe(client, call) : [];
			const answer = await call;
			if (answer.json?.added !== documents.length)
				throw new Error(`sync answered ${answer.status}: ${answer.text.slice(0, 300)}`);
			return { ms: answer.ms, times, ...(await observed(file, from)) };
		};
		const peer = async (documents, route = 'peer') => {
			const from = Date.now();
			const answer = await client.webhook(route, { documents }, { signal: AbortSignal.timeout(600_000) });
			if (answer.status !== 200)
				throw new Error(`${route} answered ${answer.status}: ${answer.text.slice(0, 300)}`);
			return { ms: answer.ms, ...(await observed(file, from)) };
		};
		// Both sides load and compile what they run first.
		for (let round = 0; round < 2; round++) {
			await ours(corpus(size, 90 + round));
			await peer(corpus(size, 90 + round));
		}
		const runs = { ours: [], peer: [], empty: [] };
		for (let round = 0; round < (quick ? 2 : 5); round++) {
			await settled();
			runs.ours.push(await ours(corpus(size, round + 1)));
			await settled();
			runs.peer.push(await peer(corpus(size, round + 1)));
			runs.empty.push(await peer(corpus(size, round + 1), 'empty'));
		}
		const ms = (side) => median(runs[side].map((each) => each.ms));
		row(
			`${size} MB of markdown by webhook (a flow that does nothing with them: ${ms('empty').toFixed(0)} ms)`,
			'ms',
			ms('ours'),
			ms('peer'),
			"n8n's loader, splitter and simple store",
			ms('peer') / ms('ours'),
			MIN_SPEEDUP,
		);

		await settled();
		const once = await ours(corpus(size, 20));
		await settled();
		const twice = await ours(corpus(size * 2, 30));
		row(
			`peak memory of n8n, ${2 * size} MB against ${size} MB (${twice.rssMb.toFixed(0)} MB)`,
			'times',
			twice.rssMb / once.rssMb,
			MAX_GROWTH,
			'limit',
			MAX_GROWTH / (twice.rssMb / once.rssMb),
		);
		const [held, heldByPeer, heldAlone] = ['ours', 'peer', 'empty'].map((side) =>
			median(runs[side].map(({ heldMs }) => heldMs)),
		);
		// The time that n8n takes to read a body of that size and to save the execution is not ours.
		const limit = Math.max(MAX_HELD_MS, heldAlone);
		row(
			`event loop of n8n held at most (n8n's own nodes: ${heldByPeer.toFixed(0)} ms, a flow that does nothing: ${heldAlone.toFixed(0)} ms)`,
			'ms',
			held,
			limit,
			limit === heldAlone ? 'n8n alone' : 'limit',
			limit / held,
		);

		await settled();
		const before = [];
		for (let call = 0; call < 40; call++)
			before.push((await client.webhook('plain', { question: 'there?' })).ms);
		const { times } = await ours(corpus(size, 40), true);
		const slowdown = median(times) / median(before);
		row(
			`another webhook meanwhile (${median(times).toFixed(0)} ms against ${median(before).toFixed(0)} ms, p50)`,
			'times',
			slowdown,
			MAX_SLOWDOWN,
			'limit',
			MAX_SLOWDOWN / slowdown,
		);
	} finally {
		embeddings.server.close();
		await host.close();
		await rm(folder, { recursive: true, force: true });
	}
}
