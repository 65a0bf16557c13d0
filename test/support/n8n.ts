// The one helper that gives suites a real n8n with this package installed from its tarball, as a user would have it.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { N8nClient } from '../../host/client.cjs';
import { startN8n } from '../../host/n8n.cjs';
import { installPack, packTarball } from '../../host/pack.cjs';

export { N8nClient };

const root = path.join(__dirname, '..', '..');

export const owner = {
	email: 'owner@local-engine.example',
	firstName: 'Test',
	lastName: 'Owner',
	password: 'Local-Engine-1',
} as const;

/** A node of a workflow file, as far as tests change it. */
export interface WorkflowNode {
	name: string;
	type: string;
	parameters: Record<string, unknown>;
	credentials?: Record<string, { id: string; name: string }>;
}

export interface Workflow {
	id: string;
	name: string;
	nodes: WorkflowNode[];
	connections: Record<string, unknown>;
	/** Sample data by node: "Execute workflow" takes it instead of what the node would put out. */
	pinData?: Record<string, unknown[]>;
	meta?: { templateCredsSetupCompleted?: boolean };
}

/** A running n8n with its home in a temporary folder. */
export interface Host {
	readonly url: string;
	readonly home: string;
	readonly tarball: string;
	readonly client: N8nClient;
	/** Folder of the embedded indexes. */
	readonly data: string;
	pid(): number;
	output(): string;
	/** Ends it at once, as a power cut would. */
	kill(): Promise<void>;
	/** Starts n8n again on the same home and port. */
	restart(): Promise<void>;
	/** Stops n8n and deletes its home. */
	remove(): Promise<void>;
}

export interface HostOptions {
	readonly env?: Record<string, string>;
	readonly preload?: string[];
	/** An already packed tarball; without it the package is packed now. */
	readonly tarball?: string;
	/** Leave the package out (to measure what it costs). */
	readonly withoutPack?: boolean;
	/** node_modules with another n8n than the one of host/, and the Node that runs it. */
	readonly modules?: string;
	readonly node?: string;
}

/** Starts a fresh n8n (some 12 s), with the owner signed in. */
export async function startHost(options: HostOptions = {}): Promise<Host> {
	const home = mkdtempSync(path.join(tmpdir(), 'local-engine-n8n-'));
	const tarball = options.tarball ?? (await packTarball(path.join(root, '.cache', 'pack'))).tarball;
	if (!options.withoutPack) await installPack(home, tarball);
	const { env, preload, modules, node } = options;
	const start = { home, env, preload, modules, node };
	let n8n = await startN8n(start);
	const client = new N8nClient(n8n.url);
	await client.signUp(owner);
	return {
		url: n8n.url,
		home,
		tarball,
		client,
		data: path.join(home, '.n8n', 'local-engine'),
		pid: () => n8n.pid,
		output: () => n8n.output(),
		kill: () => n8n.kill(),
		restart: async () => {
			await n8n.stop();
			n8n = await startN8n({ ...start, port: n8n.port });
		},
		remove: async () => {
			await n8n.stop();
			rmSync(home, { recursive: true, force: true, maxRetries: 5 });
		},
	};
}

/** The n8n that this run's suites share, with a client that is signed in. */
export async function sharedHost(): Promise<{
	url: string;
	client: N8nClient;
	home: string;
	tarball: string;
}> {
	const { url, home, tarball } = JSON.parse(process.env.LOCAL_ENGINE_TEST_HOST ?? '{}') as {
		url?: string;
		home?: string;
		tarball?: string;
	};
	if (!url || !home || !tarball)
		throw new Error('No shared n8n: jest.config.js names test/support/globalSetup.ts');
	const client = new N8nClient(url);
	await client.signIn(owner);
	return { url, client, home, tarball };
}

/** A template of workflows/ as it stands. */
export function template(name: string): Workflow {
	return JSON.parse(readFileSync(path.join(root, 'workflows', `${name}.json`), 'utf8')) as Workflow;
}

/** The template as a workflow of its own: other id, other webhook address, other index, so that suites do not meet. */
export function templateFor(name: string, suite: string, parameters: Record<string, unknown> = {}): Workflow {
	const workflow = template(name);
	workflow.id = `${workflow.id}${suite}`;
	workflow.name = `${workflow.name} (${suite})`;
	workflow.pinData = {};
	for (const node of workflow.nodes) {
		if (node.type === 'n8n-nodes-base.webhook')
			node.parameters.path = `${suite}/${String(node.parameters.path)}`;
		if (node.parameters.index) node.parameters.index = { __rl: true, mode: 'name', value: suite };
		if (node.parameters.operation === 'sync') Object.assign(node.parameters, parameters);
		if ('webhookId' in node) node.webhookId = `${suite}-${String(node.webhookId)}`;
	}
	return workflow;
}

/** Both templates of the knowledge base, published for a suite; resolves to functions that call them. */
export async function publishKnowledgeBase(
	client: N8nClient,
	suite: string,
	/** Changed parameters of the Sync Documents node. */
	parameters: Record<string, unknown> = {},
) {
	await client.importAndPublish(templateFor('knowledge-base-ingest', suite, parameters));
	await client.importAndPublish(templateFor('knowledge-base-ask', suite));
	return {
		ingest: (body: unknown, init?: RequestInit) =>
			client.webhook(`${suite}/knowledge-base/documents`, body, init),
		ask: (body: unknown, init?: RequestInit) => client.webhook(`${suite}/knowledge-base/ask`, body, init),
	};
}
