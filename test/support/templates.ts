// The gallery in a running n8n: every template imported as it stands, with the credentials that it asks for.
import { readdirSync } from 'node:fs';
import path from 'node:path';
import { template, type N8nClient, type Workflow, type WorkflowNode } from './n8n';

const root = path.join(__dirname, '..', '..');

export const gatewayKey = 'templates-key-0123456789';
export const mcpToken = 'templates-token-0123456789';

/** Others read what these store: the index of the knowledge base, and a record. */
const first = ['knowledge-base-ingest', 'distillation-record'];

/** Names of all templates, as files without their ending, in an order in which each runs with its sample. */
export const templateNames: readonly string[] = readdirSync(path.join(root, 'workflows'))
	.filter((name) => name.endsWith('.json'))
	.map((name) => name.slice(0, -'.json'.length))
	.sort((a, b) => Number(first.includes(b)) - Number(first.includes(a)) || (a < b ? -1 : 1));

const stickyNote = 'n8n-nodes-base.stickyNote';
const gateway = 'n8n-nodes-local-engine.engineGateway';
const mcpServer = '@n8n/n8n-nodes-langchain.mcpTrigger';
const needsEngine = /^n8n-nodes-local-engine\.(localEngine|distillation|chatModel)$/;

/** The node that "Execute workflow" starts from: the one with nothing before it, beside notes and sub-nodes. */
export function triggerOf(workflow: Workflow): WorkflowNode {
	const behind = new Set<string>();
	const feeding = new Set<string>();
	for (const [from, outputs] of Object.entries(workflow.connections as Connections)) {
		for (const [type, targets] of Object.entries(outputs)) {
			if (type !== 'main') feeding.add(from);
			else for (const { node } of targets.flat()) behind.add(node);
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

type Stored = Workflow & { readonly versionId: string };

export interface Gallery {
	/** The stored workflow of a template. */
	workflow(name: string): Stored;
	publish(name: string): Promise<void>;
	/** One more import of a template under another id, changed; its pinned data is left out, its webhooks begin with the id. */
	variant(
		name: string,
		change: (node: (name: string) => WorkflowNode, workflow: Workflow) => void,
	): Promise<Stored>;
	/** The credential for the engine that answers. */
	readonly engine: { readonly id: string; readonly name: string };
	/** One for an engine that is off, and behind it the one that answers. */
	readonly failover: { readonly id: string; readonly name: string };
	/** The same with another engine that is off, which nobody has asked before. */
	newFailover(): Promise<{ readonly id: string; readonly name: string }>;
	/** One for an engine that nobody started. */
	readonly down: { readonly id: string; readonly name: string };
}

/** Imports templates as they stand; those that need an engine get a credential for `engineUrl`, the gateways {@link gatewayKey}. */
export async function importGallery(
	client: N8nClient,
	engineUrl: string,
	names: readonly string[] = templateNames,
): Promise<Gallery> {
	const live = {
		...{ dialect: 'openai', baseUrl: engineUrl, apiKey: '', chatModel: 'teacher' },
		...{ embeddingModel: 'words' },
	};
	const dead = { ...live, baseUrl: 'http://127.0.0.1:9' };
	const credential = async (name: string, type: string, data: Record<string, unknown>) => ({
		id: (await client.createCredential({ name, type, data })).id,
		name,
	});
	const one = { headers: {}, furtherEngines: {} };
	const engine = await credential('My engine', 'localEngineApi', { ...live, ...one });
	const down = await credential('Switched off', 'localEngineApi', { ...dead, ...one });
	// The first engine of the gateways is down: the second has to stand in.
	const failoverFrom = async (baseUrl: string) =>
		await credential('My engines', 'localEngineApi', {
			...{ ...dead, baseUrl, headers: {} },
			furtherEngines: { engines: [{ ...live, sameTier: false }] },
		});
	const failover = await failoverFrom(dead.baseUrl);
	const callers = await credential('My callers', 'engineGatewayApi', {
		keys: { values: [{ name: 'support-bot', key: gatewayKey, maxConcurrency: 0, requestsPerMinute: 0 }] },
	});
	const bearer = await credential('My assistants', 'httpBearerAuth', { token: mcpToken });
	const withCredentials = (name: string): Workflow => {
		const workflow = template(name);
		if (workflow.meta?.templateCredsSetupCompleted) return workflow;
		for (const node of workflow.nodes) {
			if (node.type === gateway) node.credentials = { localEngineApi: failover, engineGatewayApi: callers };
			else if (node.type === mcpServer) node.credentials = { httpBearerAuth: bearer };
			else if (needsEngine.test(node.type)) node.credentials = { localEngineApi: engine };
		}
		return workflow;
	};
	const stored = new Map<string, Stored>();
	const store = async (workflow: Workflow) => ({ ...workflow, ...(await client.importWorkflow(workflow)) });
	for (const name of names) stored.set(name, await store(withCredentials(name)));
	const find = (name: string) => {
		const workflow = stored.get(name);
		if (!workflow) throw new Error(`The template "${name}" was not imported`);
		return workflow;
	};
	let variants = 0;
	return {
		engine,
		failover,
		newFailover: async () => await failoverFrom('http://127.0.0.1:19'),
		down,
		workflow: find,
		publish: async (name) => await client.publish(find(name)),
		variant: async (name, change) => {
			const workflow = withCredentials(name);
			workflow.id = `${workflow.id}${++variants}`;
			workflow.pinData = {};
			for (const node of workflow.nodes) {
				if (node.type === 'n8n-nodes-base.webhook')
					node.parameters.path = `${workflow.id}/${String(node.parameters.path)}`;
				if ('webhookId' in node) node.webhookId = `${String(node.webhookId)}-${variants}`;
			}
			change((wanted) => {
				const node = workflow.nodes.find((candidate) => candidate.name === wanted);
				if (!node) throw new Error(`The template "${name}" has no node "${wanted}"`);
				return node;
			}, workflow);
			return await store(workflow);
		},
	};
}
