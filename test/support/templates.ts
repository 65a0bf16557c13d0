// The gallery in a running n8n: every template imported as it stands, with the credentials that it asks for.
import { readdirSync } from 'node:fs';
import path from 'node:path';
import { template, type N8nClient, type Workflow, type WorkflowNode } from './n8n';

const root = path.join(__dirname, '..', '..');

export const gatewayKey = 'templates-key-0123456789';

/** Names of all templates, as files without their ending. */
export const templateNames: readonly string[] = readdirSync(path.join(root, 'workflows'))
	.filter((name) => name.endsWith('.json'))
	.map((name) => name.slice(0, -'.json'.length))
	.sort();

const stickyNote = 'n8n-nodes-base.stickyNote';
const gateway = 'n8n-nodes-local-engine.engineGateway';
const needsEngine = /^n8n-nodes-local-engine\.(localEngine|distillation|engineGateway|chatModel)$/;

/** The node that "Execute workflow" starts from: the one with nothing before it, beside notes and sub-nodes. */
export function triggerOf(workflow: Workflow): WorkflowNode {
	const behind = new Set<string>();
	const feeding = new Set<string>();
	for (const [from, outputs] of Object.entries(workflow.connections as Connections)) {
		for (const [type, targets] of Object.entries(outputs)) {
			if (type !== 'main') feeding.add(from);
			for (const { node } of targets.flat()) behind.add(node);
		}
	}
	const trigger = workflow.nodes.find(
		({ name, type }) => type !== stickyNote && !behind.has(name) && !feeding.has(name),
	);
	if (!trigger) throw new Error(`The template "${workflow.name}" has no trigger`);
	return trigger;
}

/** From node → kind of connection → outputs → targets. */
export type Connections = Record<string, Record<string, Array<Array<{ node: string; type: string }>>>>;

export interface Gallery {
	/** The stored workflow of a template. */
	workflow(name: string): Workflow & { versionId: string };
	publish(name: string): Promise<void>;
}

/** Imports templates; those that need an engine get one credential for `engineUrl`, the gateways one for {@link gatewayKey}. */
export async function importGallery(
	client: N8nClient,
	engineUrl: string,
	names: readonly string[] = templateNames,
): Promise<Gallery> {
	const live = { dialect: 'openai', baseUrl: engineUrl, apiKey: '', chatModel: 'teacher' };
	const engine = await client.createCredential({
		name: 'My engine',
		type: 'localEngineApi',
		data: { ...live, headers: {}, furtherEngines: {} },
	});
	// The first engine of the gateway is down: the second has to stand in.
	const failover = await client.createCredential({
		name: 'My engines',
		type: 'localEngineApi',
		data: {
			...{ ...live, baseUrl: 'http://127.0.0.1:9', headers: {} },
			furtherEngines: { engines: [{ ...live, sameTier: false }] },
		},
	});
	const keys = await client.createCredential({
		name: 'My callers',
		type: 'engineGatewayApi',
		data: {
			keys: { values: [{ name: 'support-bot', key: gatewayKey, maxConcurrency: 0, requestsPerMinute: 0 }] },
		},
	});
	const stored = new Map<string, Workflow & { versionId: string }>();
	for (const name of names) {
		const workflow = template(name);
		for (const node of workflow.nodes) {
			if (!needsEngine.test(node.type) || workflow.meta?.templateCredsSetupCompleted) continue;
			node.credentials =
				node.type === gateway
					? {
							localEngineApi: { id: failover.id, name: 'My engines' },
							engineGatewayApi: { id: keys.id, name: 'My callers' },
						}
					: { localEngineApi: { id: engine.id, name: 'My engine' } };
		}
		stored.set(name, { ...workflow, ...(await client.importWorkflow(workflow)) });
	}
	const of = (name: string) => {
		const workflow = stored.get(name);
		if (!workflow) throw new Error(`The template "${name}" was not imported`);
		return workflow;
	};
	return { workflow: of, publish: async (name) => await client.publish(of(name)) };
}
