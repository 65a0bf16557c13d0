/**
 * Whole flows at the webhook, sixteen in flight: our ask template against n8n's own Question and Answer Chain over its simple vector
 * store, and n8n's AI Agent with our Chat Model and Vector Store against the same agent with n8n's. One scripted engine embeds
 * and answers for both; each answer is checked. Throughput in one n8n, rounds alternating; memory in an n8n for each side.
 *
 * The agent's goal is the issue's; a processor profile says what there is to win: of the time of an agent call 41 % is n8n's expression
 * sandbox (the agent's own list of inputs is an expression), 45 % n8n's agent, engine and database, 8 % our model and store.
 */
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { median, startProcess } from './lib/measure.mjs';
import { startBenchHost, template } from './lib/n8nHost.mjs';
import {
	agent,
	flow,
	link,
	node,
	peerAgent,
	peerAsk,
	peerIngest,
	respond,
	webhook,
} from './lib/peerFlows.mjs';

const IN_FLIGHT = 16;
const MIN_SPEEDUP = 1.5;
const index = { __rl: true, mode: 'name', value: 'flow' };
const codeOf = (at) => String(4000 + at * 37);
const nameOf = (at) => `Office${at}`;
const documents = Array.from({ length: 100 }, (_, at) => ({
	source: `${nameOf(at)}.md`,
	text: `The door code of the ${nameOf(at)} office is ${codeOf(at)}.`,
}));

/** AI Agent with our model and our store. */
const ourAgent = (credentials) =>
	flow(
		'ourAgent',
		[
			webhook('our/agent'),
			agent,
			node('Model', 'n8n-nodes-local-engine.chatModel', 1, { options: {} }, { credentials }),
			node(
				'Store',
				'n8n-nodes-local-engine.vectorStore',
				1,
				{ mode: 'retrieve-as-tool', index, toolDescription: 'Searches the office handbook', topK: 6 },
				{ credentials },
			),
			respond,
		],
		{
			In: link('Agent'),
			Agent: link('Out'),
			Model: link('Agent', 'ai_languageModel'),
			Store: link('Agent', 'ai_tool'),
		},
	);

/** The knowledge-base templates with vectors and answers from the engine. */
async function ourTemplates(credentials) {
	const [ingest, ask] = await Promise.all([
		template('knowledge-base-ingest', { sync: { index, embedding: 'engine', batchSize: 128 } }),
		template('knowledge-base-ask', { search: { index } }),
	]);
	for (const each of [...ingest.nodes, ...ask.nodes])
		if (each.type.startsWith('n8n-nodes-local-engine.')) each.credentials = credentials;
	return [ingest, ask];
}

/** An n8n in which the flows of the named sides are published and their documents stored. */
async function prepare(engine, sides, options = {}) {
	const host = await startBenchHost(options);
	const { client } = host;
	const store = async (route) => {
		const answer = await client.webhook(`${route}/documents`, { documents });
		if (answer.status !== 200)
			throw new Error(`${route}/documents answered ${answer.status}: ${answer.text.slice(0, 300)}`);
	};
	if (sides.includes('ours')) {
		const { id } = await client.createCredential({
			name: 'Engine',
			type: 'localEngineApi',
			data: {
				dialect: 'openai',
				baseUrl: engine,
				chatModel: 'scripted',
				embeddingModel: 'words',
				maxConcurrency: IN_FLIGHT,
			},
		});
		const credentials = { localEngineApi: { id, name: 'Engine' } };
		for (const each of await ourTemplates(credentials)) await client.importAndPublish(each);
		await client.importAndPublish(ourAgent(credentials));
		await store('knowledge-base');
	}
	if (sides.includes('peer')) {
		const data = { apiKey: 'none', url: `${engine}/v1` };
		const { id } = await client.createCredential({ name: 'Peer', type: 'openAiApi', data });
		const credential = { id, name: 'Peer' };
		for (const each of [peerIngest, peerAsk, peerAgent]) await client.importAndPublish(each(credential));
		await store('peer');
	}
	return host;
}

let asked = 0;

/** `count` questions, sixteen at a time, none asked twice; resolves to requests per second. */
async function load(client, route, count) {
	let left = count;
	const askOn = async () => {
		while (left-- > 0) {
			const number = asked++;
			const at = number % documents.length;
			const question = `Call ${number}: What is the door code of the ${nameOf(at)} office?`;
			const { status, text } = await client.webhook(route, { question });
			if (status !== 200 || !text.includes(`The code is ${codeOf(at)}.`))
				throw new Error(`${route} answered ${status}: ${text.slice(0, 300)}`);
		}
	};
	const started = performance.now();
	await Promise.all(Array.from({ length: IN_FLIGHT }, askOn));
	return (count * 1000) / (performance.now() - started);
}

/** Highest resident memory of n8n while one side answers, MB. */
async function memoryOf(engine, side, route, count) {
	const folder = await mkdtemp(path.join(tmpdir(), 'bench-flow-'));
	const file = path.join(folder, 'loop.jsonl');
	const host = await prepare(engine, [side], {
		preload: [fileURLToPath(new URL('./lib/loopDelay.cjs', import.meta.url))],
		env: { LOOP_DELAY_FILE: file },
	});
	try {
		const from = Date.now();
		await load(host.client, route, count);
		const lines = (await readFile(file, 'utf8')).trim().split('\n');
		return Math.max(
			...lines
				.map((line) => JSON.parse(line))
				.filter(({ at }) => at >= from)
				.map(({ rssMb }) => rssMb),
		);
	} finally {
		await host.close();
		await rm(folder, { recursive: true, force: true });
	}
}

const flows = [
	{
		name: 'ask flow',
		ours: 'knowledge-base/ask',
		peer: 'peer/ask',
		peerName: "n8n's Question and Answer Chain",
	},
	{
		name: 'agent flow',
		ours: 'our/agent',
		peer: 'peer/agent',
		peerName: "the agent with n8n's model and store",
	},
];

export async function run({ quick, emit }) {
	const engineProcess = await startProcess(fileURLToPath(new URL('lib/qaEngine.mjs', import.meta.url)));
	const engine = engineProcess.url;
	const [rounds, size] = quick ? [3, 48] : [7, 160];
	try {
		const host = await prepare(engine, ['ours', 'peer']);
		try {
			for (const { name, ours, peer, peerName } of flows) {
				const speeds = { ours: [], peer: [] };
				for (let round = -1; round < rounds; round++) {
					const pair = [await load(host.client, ours, size), await load(host.client, peer, size)];
					if (round < 0) continue; // the first calls load modules
					speeds.ours.push(pair[0]);
					speeds.peer.push(pair[1]);
				}
				const [our, their] = [median(speeds.ours), median(speeds.peer)];
				emit({
					bench: 'flow',
					case: `${name}, ${IN_FLIGHT} in flight`,
					unit: 'requests/s',
					ours: our,
					peer: their,
					peerName,
					ratio: our / their,
					goal: MIN_SPEEDUP,
				});
			}
		} finally {
			await host.close();
		}
		for (const { name, ours, peer, peerName } of flows) {
			const our = await memoryOf(engine, 'ours', ours, rounds * size);
			const their = await memoryOf(engine, 'peer', peer, rounds * size);
			emit({
				bench: 'flow',
				case: `${name}, memory of n8n`,
				unit: 'MB',
				ours: our,
				peer: their,
				peerName,
				ratio: their / our,
				goal: 1,
			});
		}
	} finally {
		await engineProcess.stop();
	}
}
