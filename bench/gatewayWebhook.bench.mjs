/**
 * The gateway at n8n's webhook URL against the cheapest node that n8n can serve: a community webhook node that answers by itself
 * and starts no execution. Both in the same n8n, in alternating blocks of calls; ours also asks a scripted engine for each answer,
 * so the difference holds that request too. Blocks and not single calls in turn, because each call at a community webhook takes a
 * prepared expression isolate from n8n's pool and the next call pays for making a new one: in strict turns one side would pay for
 * both (seen: 10 against 54 ms, whichever node comes second).
 */
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { median, startProcess } from './lib/measure.mjs';
import { startBenchHost } from './lib/n8nHost.mjs';

const LIMIT_MS = 2;
const BLOCK = 25;
const key = 'bench-key-0123456789';

const cheapestNode = `
exports.Cheapest = class {
	description = {
		displayName: 'Cheapest', name: 'cheapest', group: ['trigger'], version: 1, description: 'Answers by itself',
		defaults: { name: 'Cheapest' }, inputs: [], outputs: ['main'], properties: [],
		webhooks: [{ name: 'default', httpMethod: 'POST', responseMode: 'onReceived', path: 'cheapest/chat/completions', isFullPath: true }],
	};
	async webhook() {
		this.getResponseObject().json({ ok: true });
		return { noWebhookResponse: true };
	}
};
`;

/** A pack of one node, put where n8n looks for packs. */
async function installCheapest(home) {
	const folder = path.join(home, '.n8n', 'nodes', 'node_modules', 'n8n-nodes-cheapest');
	await mkdir(folder, { recursive: true });
	await writeFile(path.join(folder, 'Cheapest.node.js'), cheapestNode);
	const manifest = {
		name: 'n8n-nodes-cheapest',
		version: '1.0.0',
		n8n: { n8nNodesApiVersion: 1, nodes: ['Cheapest.node.js'] },
	};
	await writeFile(path.join(folder, 'package.json'), JSON.stringify(manifest));
}

const workflow = (id, type, parameters, credentials) => ({
	id,
	name: id,
	settings: {},
	nodes: [{ id, webhookId: id, name: id, type, typeVersion: 1, position: [0, 0], parameters, credentials }],
	connections: {},
});

export async function run({ quick, emit }) {
	const engine = await startProcess(fileURLToPath(new URL('lib/scriptedEngine.mjs', import.meta.url)));
	const { client, close } = await startBenchHost({ prepare: installCheapest });
	try {
		const local = await client.createCredential({
			name: 'engines',
			type: 'localEngineApi',
			data: { dialect: 'openai', baseUrl: engine.url, chatModel: 'scripted' },
		});
		const keys = await client.createCredential({
			name: 'keys',
			type: 'engineGatewayApi',
			data: { keys: { values: [{ name: 'bench', key, maxConcurrency: 0, requestsPerMinute: 0 }] } },
		});
		await client.importAndPublish(workflow('cheapest', 'n8n-nodes-cheapest.cheapest', {}));
		await client.importAndPublish(
			workflow(
				'gateway',
				'n8n-nodes-local-engine.engineGateway',
				{ serveAt: 'webhook', path: 'bench/v1', exchanges: 'none' },
				{
					localEngineApi: { id: local.id, name: 'engines' },
					engineGatewayApi: { id: keys.id, name: 'keys' },
				},
			),
		);
		const body = { model: 'scripted', max_tokens: 10, messages: [{ role: 'user', content: 'Hello' }] };
		const headers = { authorization: `Bearer ${key}` };
		const ask = async (route) => {
			const { status, text, ms } = await client.webhook(`${route}/chat/completions`, body, { headers });
			if (status !== 200) throw new Error(`${route} answered ${status}: ${text.slice(0, 300)}`);
			return ms;
		};
		for (let round = 0; round < 20; round++) for (const route of ['cheapest', 'bench/v1']) await ask(route);
		const times = { cheapest: [], 'bench/v1': [] };
		for (let block = 0; block < (quick ? 6 : 20); block++) {
			const turn = Object.keys(times);
			for (const route of block % 2 ? turn : turn.reverse())
				for (let call = 0; call < BLOCK; call++) times[route].push(await ask(route));
		}
		const { cheapest, 'bench/v1': ours } = times;
		const added = median(ours) - median(cheapest);
		emit({
			bench: 'gateway-webhook',
			case: `gateway at the webhook URL minus the cheapest node (${median(ours).toFixed(1)} - ${median(cheapest).toFixed(1)} ms, p50)`,
			unit: 'ms',
			ours: added,
			peer: LIMIT_MS,
			peerName: 'limit',
			ratio: LIMIT_MS / Math.max(added, 0.1),
			goal: 1,
		});
	} finally {
		await close();
		await engine.stop();
	}
}
