/**
 * Many items through an operation that asks an engine: 20 and 5,000 of them (500 with --quick) through Send Message, Classify, Extract
 * Data, Answer From Passages and Embed Text, at an engine of 500 ms and at one of 5 ms, both with sixteen places. Two goals for each:
 * against n8n's Basic LLM Chain with batches of sixteen on our Chat Model, and against what the engine can give to a client that only
 * sends sixteen requests at once and reads the answers.
 *
 * Times are those that n8n measures for the node: its start, the other nodes and the saving of the execution are not in them. What n8n
 * needs inside of them is: it looks the credential up and decrypts it for each item, because it may hold expressions. The row "n8n for
 * each item" is the time of n8n's own Set node with one expression, in the same flow.
 */
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { inRoot } from '../scripts/lib/paths.mjs';
import { inLanes, median, startProcess } from './lib/measure.mjs';
import { startBenchHost } from './lib/n8nHost.mjs';
import { flow, link, node } from './lib/peerFlows.mjs';

const { parse } = createRequire(inRoot('host', 'package.json'))('flatted');

const PLACES = 16;
const OF_CHAIN = 0.9;
const OF_ENGINE = 0.8;
const text = 'The bell of the workshop rings at noon and again in the evening.';
const local = 'n8n-nodes-local-engine';

/** The operations, with what each asks the engine for and how many texts go into one request. */
const operations = {
	'Send Message': { resource: 'chat', operation: 'message', message: '={{ $json.text }}' },
	Classify: {
		...{ resource: 'text', operation: 'classify', textField: 'text' },
		classes: { values: [{ name: 'alpha' }, { name: 'beta' }] },
	},
	'Extract Data': {
		...{ resource: 'text', operation: 'extract', textField: 'text' },
		fields: { values: [{ name: 'what', type: 'string' }] },
	},
	'Answer From Passages': {
		...{ resource: 'chat', operation: 'answer', questionField: 'question' },
		passagesField: 'passages',
	},
	'Embed Text': { resource: 'embedding', operation: 'embed', embedding: 'engine', textField: 'text' },
};

/** Others in each round, or vectors would be remembered. */
const items = (count, round) =>
	Array.from({ length: count }, (_, at) => {
		const own = `${round}.${at}: ${text}`;
		return {
			text: own,
			question: `When does bell ${round}.${at} ring?`,
			passages: [{ text: own, source: 'bell.md' }],
		};
	});

/** Items in, one node, one item out. */
const flowOf = (id, middle, extra = [], connections = {}) => ({
	...flow(
		id,
		[
			node(
				'In',
				'n8n-nodes-base.webhook',
				2.1,
				{ httpMethod: 'POST', path: id, responseMode: 'lastNode', options: {} },
				{ webhookId: id },
			),
			node('Split', 'n8n-nodes-base.splitOut', 1, { fieldToSplitOut: 'body.items', options: {} }),
			{ ...middle, name: 'Work' },
			node('One', 'n8n-nodes-base.limit', 1, { maxItems: 1 }),
			node('Out', 'n8n-nodes-base.set', 3.4, {
				mode: 'raw',
				jsonOutput: '={{ { execution: $execution.id } }}',
				options: {},
			}),
			...extra,
		],
		{ In: link('Split'), Split: link('Work'), Work: link('One'), One: link('Out'), ...connections },
	),
	settings: { executionOrder: 'v1', saveDataSuccessExecution: 'all' },
});

/** Milliseconds that n8n measured for the node in the middle, which has to have given an item for each. */
async function timeOf(client, id, count, round) {
	const { status, json, text: answer } = await client.webhook(id, { items: items(count, round) });
	if (status !== 200) throw new Error(`${id} answered ${status}: ${answer.slice(0, 300)}`);
	for (let attempt = 0; attempt < 100; attempt++) {
		const { data, stoppedAt } = await client.rest('GET', `/executions/${json.execution}`);
		if (stoppedAt) {
			const [work] = parse(data).resultData.runData.Work;
			const out = work.data.main[0];
			if (out.length !== count) throw new Error(`${id} gave ${out.length} items for ${count}`);
			const failed = out.find(({ json: result }) => result.error !== undefined);
			if (failed) throw new Error(`${id}: ${failed.json.error}`);
			return work.executionTime;
		}
		await new Promise((resolve) => setTimeout(resolve, 50));
	}
	throw new Error(`The execution of ${id} does not end`);
}

/** What the engine gives to a client that does nothing else: milliseconds for so many texts. Vectors are read as numbers. */
async function bareTime(url, count, isEmbedding) {
	const perRequest = isEmbedding ? EMBED_BATCH : 1;
	const route = isEmbedding ? 'embeddings' : 'chat/completions';
	const list = items(count, 'bare').map((item) => item.text);
	const started = performance.now();
	await inLanes(Math.ceil(count / perRequest), PLACES, async (at) => {
		const input = list.slice(at * perRequest, (at + 1) * perRequest);
		const body = isEmbedding
			? { model: 'scripted', input, encoding_format: 'base64' }
			: { model: 'scripted', stream: true, messages: [{ role: 'user', content: input[0] }] };
		const response = await fetch(`${url}/v1/${route}`, {
			method: 'POST',
			headers: { 'content-type': 'application/json' },
			body: JSON.stringify(body),
		});
		const answer = await response.text();
		if (!isEmbedding) return;
		for (const { embedding } of JSON.parse(answer).data) {
			const { buffer, byteOffset, length } = Buffer.from(embedding, 'base64');
			Array.from(new Float32Array(buffer.slice(byteOffset, byteOffset + length)));
		}
	});
	return performance.now() - started;
}
/** Texts that our client sends in one request. */
const EMBED_BATCH = 64;

async function measure(client, { url, waitMs, count, rounds, emit }) {
	const { id } = await client.createCredential({
		name: `Engine ${waitMs}`,
		type: 'localEngineApi',
		data: {
			...{ dialect: 'openai', baseUrl: url, chatModel: 'scripted', embeddingModel: 'scripted' },
			maxConcurrency: PLACES,
		},
	});
	const credentials = { localEngineApi: { id, name: `Engine ${waitMs}` } };
	const chain = node('Chain', '@n8n/n8n-nodes-langchain.chainLlm', 1.9, {
		...{ promptType: 'define', text: '={{ $json.text }}' },
		batching: { batchSize: PLACES, delayBetweenBatches: 0 },
	});
	const model = node('Model', `${local}.chatModel`, 1, { options: {} }, { credentials });
	const chainId = `chain${waitMs}`;
	await client.importAndPublish(flowOf(chainId, chain, [model], { Model: link('Work', 'ai_languageModel') }));
	const assignments = [{ id: 'a', name: 'text', type: 'string', value: '={{ $json.text }}' }];
	const set = node('Set', 'n8n-nodes-base.set', 3.4, { assignments: { assignments }, options: {} });
	const setId = `set${waitMs}`;
	await client.importAndPublish(flowOf(setId, set));
	const ids = {};
	for (const [name, parameters] of Object.entries(operations)) {
		ids[name] = `${parameters.operation}${waitMs}`;
		await client.importAndPublish(
			flowOf(
				ids[name],
				node('Work', `${local}.localEngine`, 1, { ...parameters, options: {} }, { credentials }),
			),
		);
	}
	const times = { chain: [], set: [], bare: [], vectors: [] };
	for (const name of Object.keys(operations)) times[name] = [];
	for (let round = -1; round < rounds; round++) {
		// The first calls load modules.
		const size = round < 0 ? PLACES : count;
		const taken = {
			chain: await timeOf(client, chainId, size, round),
			set: await timeOf(client, setId, size, round),
		};
		for (const [name, each] of Object.entries(ids)) taken[name] = await timeOf(client, each, size, round);
		taken.bare = await bareTime(url, size, false);
		taken.vectors = await bareTime(url, size, true);
		if (round >= 0) for (const [name, ms] of Object.entries(taken)) times[name].push(ms);
	}
	emit({ bench: 'items', case: `n8n for each item, ${count} items`, unit: 'ms', ours: median(times.set) });
	for (const name of Object.keys(operations)) {
		const row = {
			bench: 'items',
			case: `${name}, ${count} items, ${waitMs} ms`,
			unit: 'ms',
			ours: median(times[name]),
		};
		const against = (peerName, peer, goal) => emit({ ...row, peer, peerName, ratio: peer / row.ours, goal });
		against("n8n's Basic LLM Chain on our Chat Model", median(times.chain), OF_CHAIN);
		against('the engine', median(name === 'Embed Text' ? times.vectors : times.bare), OF_ENGINE);
	}
}

export async function run({ quick, emit }) {
	const host = await startBenchHost({ env: { N8N_PAYLOAD_SIZE_MAX: '64' } });
	try {
		for (const { waitMs, count, rounds } of [
			{ waitMs: 500, count: 20, rounds: quick ? 1 : 3 },
			{ waitMs: 5, count: quick ? 500 : 5000, rounds: 3 },
		]) {
			const engine = await startProcess(fileURLToPath(new URL('lib/waitingEngine.mjs', import.meta.url)), [
				...[waitMs, PLACES].map(String),
			]);
			try {
				await measure(host.client, { url: engine.url, waitMs, count, rounds, emit });
			} finally {
				await engine.stop();
			}
		}
	} finally {
		await host.close();
	}
}
