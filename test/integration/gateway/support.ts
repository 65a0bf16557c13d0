// A workflow with the Engine Gateway in a real n8n, and an engine that does what a test says.
import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { N8nClient } from '../../support/n8n';

export const gatewayKey = 'integration-key-0123456789';

export interface EngineOf {
	readonly url: string;
	readonly chatModel?: string;
	readonly embeddingModel?: string;
	readonly rerankModel?: string;
}

/** Credentials for these engines (each a tier of its own) and for {@link gatewayKey}; parameters for the node. */
export async function publishGateway(
	client: N8nClient,
	name: string,
	engines: readonly EngineOf[],
	parameters: Record<string, unknown>,
): Promise<{
	id: string;
	/** Puts another key in the place of {@link gatewayKey}. */
	readonly changeKey: (key: string) => Promise<void>;
	readonly stop: () => Promise<void>;
}> {
	const [first, ...further] = engines.map(({ url, ...models }) => ({
		dialect: 'auto',
		baseUrl: url,
		apiKey: '',
		chatModel: '',
		embeddingModel: '',
		rerankModel: '',
		maxConcurrency: 0,
		remote: false,
		...models,
	}));
	const local = await client.createCredential({
		name: `${name} engines`,
		type: 'localEngineApi',
		data: { ...first, headers: {}, furtherEngines: { engines: further } },
	});
	const keysWith = (key: string) => ({
		name: `${name} keys`,
		type: 'engineGatewayApi',
		data: { keys: { values: [{ name: 'team', key, maxConcurrency: 0, requestsPerMinute: 0 }] } },
	});
	const keys = await client.createCredential(keysWith(gatewayKey));
	const workflow = await client.importAndPublish({
		id: randomUUID().replaceAll('-', '').slice(0, 16),
		name,
		settings: { executionOrder: 'v1' },
		nodes: [
			{
				id: randomUUID(),
				webhookId: randomUUID(),
				name: 'Engine Gateway',
				type: 'n8n-nodes-local-engine.engineGateway',
				typeVersion: 1,
				position: [0, 0],
				parameters,
				credentials: {
					localEngineApi: { id: local.id, name: `${name} engines` },
					engineGatewayApi: { id: keys.id, name: `${name} keys` },
				},
			},
			{
				id: randomUUID(),
				name: 'Done',
				type: 'n8n-nodes-base.noOp',
				typeVersion: 1,
				position: [200, 0],
				parameters: {},
			},
		],
		connections: { 'Engine Gateway': { main: [[{ node: 'Done', type: 'main', index: 0 }]] } },
	});
	return {
		id: workflow.id,
		changeKey: async (key) => {
			await client.rest('PATCH', `/credentials/${keys.id}`, keysWith(key));
		},
		stop: async () => {
			await client.rest('POST', `/workflows/${workflow.id}/deactivate`);
		},
	};
}

export interface ScriptedEngine {
	readonly url: string;
	/** Chat requests that are being answered now. */
	readonly open: () => number;
	readonly stop: () => Promise<void>;
}

/** An OpenAI-compatible engine whose chat is answered by `answer`; it lists one model, "scripted". */
export async function startScripted(
	answer: (request: IncomingMessage, response: ServerResponse, body: string) => void,
): Promise<ScriptedEngine> {
	let open = 0;
	const server = createServer((request, response) => {
		if (request.method !== 'POST') {
			const isModels = request.url?.endsWith('/models') === true;
			response.writeHead(isModels ? 200 : 404, { 'content-type': 'application/json' });
			response.end(isModels ? '{"object":"list","data":[{"id":"scripted","object":"model"}]}' : '{}');
			return;
		}
		let body = '';
		request.on('data', (part: Buffer) => (body += part.toString()));
		request.on('end', () => {
			open += 1;
			response.once('close', () => (open -= 1));
			answer(request, response, body);
		});
	});
	await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
	const address = server.address();
	return {
		url: `http://127.0.0.1:${typeof address === 'object' && address ? address.port : 0}`,
		open: () => open,
		stop: async () => {
			const closed = new Promise((resolve) => server.close(resolve));
			server.closeAllConnections();
			await closed;
		},
	};
}

export const chunkOf = (delta: object, finish: string | null = null): string =>
	`data: ${JSON.stringify({
		id: 'c',
		object: 'chat.completion.chunk',
		created: 1,
		model: 'scripted',
		choices: [{ index: 0, delta, finish_reason: finish }],
	})}\n\n`;

/** Waits for what n8n does in the background, at most two minutes: it starts triggers one after the other. */
export async function until(what: () => boolean | Promise<boolean>): Promise<void> {
	const deadline = Date.now() + 120_000;
	while (Date.now() < deadline) {
		if (await what()) return;
		await new Promise((resolve) => setTimeout(resolve, 50));
	}
	throw new Error('it did not become so within two minutes');
}
