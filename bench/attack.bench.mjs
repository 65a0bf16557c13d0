/**
 * Ten hostile requests a second, of all kinds in host/attacks.cjs, on an n8n that answers honest callers: how many of those are
 * answered, how long they wait compared with callers of a flow of n8n's own nodes in the same n8n, and how long n8n's health check
 * waits.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { attacks } from '../host/attacks.cjs';
import { quantile, startProcess } from './lib/measure.mjs';
import { plainFlow, startBenchHost, template } from './lib/n8nHost.mjs';

const HOSTILE_PER_SECOND = 10;
/** Of each of the two honest flows. */
const HONEST_PER_SECOND = 3;
const MOST_HEALTH_MS = 2_000;
/** Slower than the flow of n8n's own nodes by this factor at most. */
const MOST_TIMES = 1.5;

const gatewayKey = 'bench-key-0123456789';
const SECRET = 'The vault opens with the word mandragora.';
const TEMPLATES = [
	...['knowledge-base-ingest', 'knowledge-base-ask', 'distillation-feedback', 'ab-test', 'engine-gateway'],
];

/** Imports the templates with an engine and a key for the gateway. */
async function publish(client, engineUrl) {
	const credential = async (name, type, data) => ({
		id: (await client.createCredential({ name, type, data })).id,
		name,
	});
	const credentials = {
		localEngineApi: await credential('engine', 'localEngineApi', {
			dialect: 'openai',
			baseUrl: engineUrl,
			chatModel: 'scripted',
		}),
		engineGatewayApi: await credential('keys', 'engineGatewayApi', {
			keys: { values: [{ name: 'bench', key: gatewayKey, maxConcurrency: 0, requestsPerMinute: 0 }] },
		}),
	};
	for (const name of TEMPLATES) {
		const workflow = await template(name);
		for (const node of workflow.nodes) {
			if (node.type.endsWith('.engineGateway')) node.credentials = credentials;
			else if (name === 'ab-test' && node.type.endsWith('.localEngine'))
				node.credentials = { localEngineApi: credentials.localEngineApi };
		}
		await client.importAndPublish(workflow);
	}
	await client.importAndPublish(plainFlow());
}

/** Calls `work(n)` so often a second, whether the ones before have ended or not; resolves when all have. */
async function atRate(perSecond, seconds, work) {
	const begun = performance.now();
	const all = [];
	for (let each = 0; each < perSecond * seconds; each++) {
		await sleep(Math.max(0, begun + (each * 1_000) / perSecond - performance.now()));
		all.push(work(each));
	}
	return await Promise.all(all);
}

export async function run({ quick, emit }) {
	const seconds = quick ? 20 : 120;
	const engine = await startProcess(fileURLToPath(new URL('lib/scriptedEngine.mjs', import.meta.url)));
	const { client, close, n8n } = await startBenchHost();
	try {
		await publish(client, engine.url);
		const stored = await client.webhook('knowledge-base/documents', {
			documents: [{ source: 'vault.md', text: SECRET }],
		});
		if (stored.json?.added !== 1) throw new Error(`ingest answered ${stored.status}: ${stored.text}`);

		const ask = async () => {
			const { status, json, ms } = await client.webhook('knowledge-base/ask', {
				question: 'What opens the vault?',
			});
			return { ms, right: status === 200 && json?.citations?.[0]?.text === SECRET };
		};
		const plain = async () => {
			const { json, ms } = await client.webhook('plain', { question: 'What opens the vault?' });
			return { ms, right: json?.echo === 'What opens the vault?' };
		};
		const lost = () => ({ ms: 60_000, right: false });
		for (let each = 0; each < 10; each++) await Promise.all([ask(), plain()]); // the first calls load modules

		const kinds = attacks({ gatewayKey });
		const unexpected = new Map();
		const attack = async (each) => {
			const { name, path, body, headers, answers } = kinds[each % kinds.length];
			const { status } = await client
				.webhook(path, body, { headers })
				.catch((error) => ({ status: error.name }));
			if (!answers.includes(status)) unexpected.set(`${name}: ${status}`, true);
		};
		let health = 0;
		let over = false;
		const watch = (async () => {
			while (!over) {
				const before = performance.now();
				await (await fetch(`${n8n.url}/healthz`)).text();
				health = Math.max(health, performance.now() - before);
				await sleep(100);
			}
		})();
		const [, asked, echoed] = await Promise.all([
			atRate(HOSTILE_PER_SECOND, seconds, attack),
			atRate(HONEST_PER_SECOND, seconds, () => ask().catch(lost)),
			atRate(HONEST_PER_SECOND, seconds, () => plain().catch(lost)),
		]);
		over = true;
		await watch;

		const share = asked.filter(({ right }) => right).length / asked.length;
		const others = [...unexpected.keys()].join('; ') || 'none';
		emit({
			bench: 'attack',
			case: `honest questions answered right during ${seconds} s of attacks of ${kinds.length} kinds (unexpected answers to attacks: ${others})`,
			unit: 'share',
			ours: share,
			peer: echoed.filter(({ right }) => right).length / echoed.length,
			peerName: 'a flow of n8n’s own nodes',
			ratio: share,
			goal: 1,
		});
		const p99 = (times) =>
			quantile(
				times.map(({ ms }) => ms),
				0.99,
			);
		const p50 = (times) =>
			quantile(
				times.map(({ ms }) => ms),
				0.5,
			);
		emit({
			bench: 'attack',
			case: `wait of honest callers, p99 of ${asked.length} (p50 ${p50(asked).toFixed(0)} and ${p50(echoed).toFixed(0)} ms)`,
			unit: 'ms',
			ours: p99(asked),
			peer: p99(echoed),
			peerName: 'a flow of n8n’s own nodes',
			ratio: (MOST_TIMES * p99(echoed)) / p99(asked),
			goal: 1,
		});
		emit({
			bench: 'attack',
			case: 'longest wait for n8n’s health check',
			unit: 'ms',
			ours: health,
			peer: MOST_HEALTH_MS,
			peerName: 'limit',
			ratio: MOST_HEALTH_MS / health,
			goal: 1,
		});
	} finally {
		await close();
		await engine.stop();
	}
}
