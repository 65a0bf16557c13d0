// A workflow around one node: a webhook takes `{ list: […] }` and hands each entry to it as an item.
import { randomUUID } from 'node:crypto';
import type { N8nClient } from './n8n';

export type Credentials = Record<string, { id: string; name: string }>;

/** Publishes it; resolves to a caller that sends a list and gets the node's items back. A failed item is an error item. */
export async function publishNode(
	client: N8nClient,
	type: string,
	parameters: Record<string, unknown>,
	options: {
		readonly credentials?: Credentials;
		/** Parameters of the webhook, to answer with a file for instance. */
		readonly answer?: Record<string, unknown>;
	} = {},
): Promise<(list: unknown[]) => ReturnType<N8nClient['webhook']>> {
	const path = `${type}-${randomUUID()}`;
	const node = (name: string, nodeType: string, typeVersion: number, x: number, given: object) => ({
		id: randomUUID(),
		name,
		type: nodeType,
		typeVersion,
		position: [x, 0],
		parameters: given,
	});
	await client.importAndPublish({
		id: randomUUID().replaceAll('-', '').slice(0, 16),
		name: path,
		settings: { executionOrder: 'v1' },
		nodes: [
			{
				...node('Webhook', 'n8n-nodes-base.webhook', 2.1, 0, {
					httpMethod: 'POST',
					path,
					responseMode: 'lastNode',
					responseData: 'allEntries',
					options: {},
					...options.answer,
				}),
				webhookId: randomUUID(),
			},
			node('Each', 'n8n-nodes-base.splitOut', 1, 200, { fieldToSplitOut: 'body.list', options: {} }),
			{
				...node('Node', `n8n-nodes-local-engine.${type}`, 1, 400, parameters),
				onError: 'continueRegularOutput',
				...(options.credentials && { credentials: options.credentials }),
			},
		],
		connections: {
			Webhook: { main: [[{ node: 'Each', type: 'main', index: 0 }]] },
			Each: { main: [[{ node: 'Node', type: 'main', index: 0 }]] },
		},
	});
	return (list) => client.webhook(path, { list });
}
