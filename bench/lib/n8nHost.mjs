// A fresh n8n with the packed nodes, for benchmarks.
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { N8nClient } from '../../host/client.cjs';
import { startN8n } from '../../host/n8n.cjs';
import { installPack, packTarball } from '../../host/pack.cjs';

const root = fileURLToPath(new URL('../../', import.meta.url));
const owner = {
	email: 'owner@local-engine.example',
	firstName: 'Bench',
	lastName: 'Owner',
	password: 'Local-Engine-1',
};

/** A folder for CPU profiles of n8n, to see where the time of a benchmark goes. They are written when it ends. */
const profiles = process.env.BENCH_PROF;

/** Starts it, signs the owner up; `withPack: false` leaves the nodes out. */
export async function startBenchHost({ withPack = true, preload = [], env = {}, prepare } = {}) {
	const home = await mkdtemp(path.join(tmpdir(), 'bench-n8n-'));
	if (withPack) {
		const { tarball } = await packTarball(path.join(root, '.cache', 'pack-bench'));
		await installPack(home, tarball);
	}
	await prepare?.(home);
	const profiled = profiles && { NODE_OPTIONS: `--cpu-prof --cpu-prof-dir=${profiles}` };
	const n8n = await startN8n({ home, preload, env: { ...profiled, ...env } });
	const client = new N8nClient(n8n.url);
	await client.signUp(owner);
	return {
		n8n,
		client,
		home,
		close: async () => {
			await n8n.stop();
			await rm(home, { recursive: true, force: true, maxRetries: 5 });
		},
	};
}

/** A template of workflows/ with some parameters of its Vector Index nodes changed. */
export async function template(name, parameters = {}) {
	const workflow = JSON.parse(await readFile(path.join(root, 'workflows', `${name}.json`), 'utf8'));
	for (const node of workflow.nodes) {
		if (node.type.endsWith('.vectorIndex'))
			Object.assign(node.parameters, parameters[node.parameters.operation]);
	}
	return workflow;
}

/** A webhook flow of n8n's own nodes: one Set node with one expression, the last node answers. */
export const plainFlow = (route = 'plain') => ({
	id: `plain${route}`,
	name: `Plain ${route}`,
	settings: {},
	nodes: [
		{
			id: 'in',
			name: 'In',
			type: 'n8n-nodes-base.webhook',
			typeVersion: 2.1,
			position: [0, 0],
			webhookId: route,
			parameters: { httpMethod: 'POST', path: route, responseMode: 'lastNode', options: {} },
		},
		{
			id: 'set',
			name: 'Set',
			type: 'n8n-nodes-base.set',
			typeVersion: 3.4,
			position: [220, 0],
			parameters: {
				assignments: {
					assignments: [{ id: 'a', name: 'echo', type: 'string', value: '={{ $json.body.question }}' }],
				},
				options: {},
			},
		},
	],
	connections: { In: { main: [[{ node: 'Set', type: 'main', index: 0 }]] } },
});
