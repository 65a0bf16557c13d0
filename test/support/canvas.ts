// Workflows put together by hand: nodes with their parameters and the connections between them, as the editor saves them.
import { createRequire } from 'node:module';
import path from 'node:path';
import type { N8nClient, Workflow } from './n8n';

export interface CanvasNode {
	readonly type: string;
	readonly typeVersion?: number;
	readonly parameters?: Record<string, unknown>;
	readonly credentials?: Record<string, { id: string; name: string }>;
	readonly webhookId?: string;
	readonly onError?: string;
}

/** `[from, to]` on the main flow, or `[from, to, 'ai_tool']`. */
export type Link = readonly [from: string, to: string, type?: string];

export const ours = (name: string) => `n8n-nodes-local-engine.${name}`;
export const langchain = (name: string) => `@n8n/n8n-nodes-langchain.${name}`;
export const named = (name: string) => ({ __rl: true, mode: 'name', value: name });

/** A workflow of these nodes; ids are at most 21 characters. */
export function canvas(id: string, nodes: Record<string, CanvasNode>, links: readonly Link[]): Workflow {
	const connections: Record<string, Record<string, Array<Array<Record<string, unknown>>>>> = {};
	for (const [from, to, type = 'main'] of links) {
		const outputs = ((connections[from] ??= {})[type] ??= [[]]);
		outputs[0]?.push({ node: to, type, index: 0 });
	}
	return {
		id,
		name: id,
		connections,
		settings: { executionOrder: 'v1' },
		nodes: Object.entries(nodes).map(([name, node], i) => ({
			id: `${id}-${i}`,
			name,
			typeVersion: 1,
			position: [320 * i, 0],
			parameters: {},
			...node,
		})),
	} as Workflow;
}

/** A webhook that answers with all items of the last node. */
export const webhook = (address: string): CanvasNode => ({
	type: 'n8n-nodes-base.webhook',
	typeVersion: 2,
	webhookId: address,
	parameters: {
		path: address,
		httpMethod: 'POST',
		responseMode: 'lastNode',
		responseData: 'allEntries',
		options: {},
	},
});

export interface NodeRun {
	readonly executionStatus: string;
	readonly error?: { message: string; description?: string };
	readonly data?: Record<string, Array<Array<{ json: Record<string, unknown> }>>>;
	readonly inputOverride?: Record<string, Array<Array<{ json: Record<string, unknown> }>>>;
}

/** What the run panel shows of a workflow's latest execution, by node. */
export async function lastRun(client: N8nClient, workflowId: string): Promise<Record<string, NodeRun[]>> {
	const flatted = createRequire(
		path.join(__dirname, '..', '..', 'host', 'node_modules', 'n8n', 'package.json'),
	)('flatted') as { parse(text: string): { resultData: { runData: Record<string, NodeRun[]> } } };
	const deadline = Date.now() + 60_000;
	for (;;) {
		const [latest] = await client.executions(workflowId);
		if (latest && latest.status !== 'running' && latest.status !== 'new') {
			const { data } = (await client.rest('GET', `/executions/${latest.id}`)) as { data: string };
			return flatted.parse(data).resultData.runData;
		}
		if (Date.now() > deadline) throw new Error(`No finished execution of ${workflowId}`);
		await new Promise((resolve) => setTimeout(resolve, 100));
	}
}
