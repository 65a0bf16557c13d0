import { runInNewContext } from 'node:vm';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { resolveWebhookDescriptionField, webhookDescriptionIsNativelyResolvable } from 'n8n-workflow';
import type {
	ICredentialsDecrypted,
	INode,
	INodeExecutionData,
	ITriggerFunctions,
	IWebhookFunctions,
} from 'n8n-workflow';
import { Batch } from '../../../../nodes/EngineGateway/batch';
import { engineGatewayApiTest } from '../../../../nodes/EngineGateway/credentialTest';
import { EngineGateway } from '../../../../nodes/EngineGateway/EngineGateway.node';

const key = 'unit-test-key-0123456789';
const node = new EngineGateway();

function nodeWith(parameters: Record<string, unknown>, withKeys: boolean): INode {
	return {
		id: `node-${JSON.stringify(parameters)}`,
		name: 'Engine Gateway',
		type: 'n8n-nodes-local-engine.engineGateway',
		typeVersion: 1,
		position: [0, 0],
		parameters: parameters as INode['parameters'],
		...(withKeys ? { credentials: { engineGatewayApi: { id: '1', name: 'keys' } } } : {}),
	};
}

/** As much of n8n's context as the node touches. */
function contextOf(parameters: Record<string, unknown>, more: Record<string, unknown> = {}, withKeys = true) {
	const emitted: INodeExecutionData[][] = [];
	const self = nodeWith(parameters, withKeys);
	const context = {
		getNode: () => self,
		getWorkflow: () => ({ id: 'workflow' }),
		getMode: () => 'trigger',
		getNodeParameter: (name: string, fallback: unknown) => parameters[name] ?? fallback,
		getCredentials: async () => ({ keys: { values: [{ name: 'team', key }] } }),
		emit: (data: INodeExecutionData[][]) => emitted.push(...data),
		helpers: {},
		logger: { error: () => undefined },
		...more,
	};
	return { emitted, context: context as unknown as ITriggerFunctions & IWebhookFunctions };
}

/** Runs the node's webhook behind a real HTTP server, with the body read as n8n reads it. */
async function callWebhook(
	parameters: Record<string, unknown>,
	body: object,
	headers: Record<string, string> = {},
	more: Record<string, unknown> = {},
) {
	let outcome: Awaited<ReturnType<EngineGateway['webhook']>> | undefined;
	const server = createServer((request: IncomingMessage, response: ServerResponse) => {
		const { context } = contextOf(parameters, {
			getRequestObject: () => request,
			getResponseObject: () => response,
			getBodyData: () => body,
			...more,
		});
		void node.webhook.call(context).then((result) => (outcome = result));
	});
	await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
	const address = server.address();
	const port = typeof address === 'object' && address ? address.port : 0;
	const response = await fetch(`http://127.0.0.1:${port}/webhook/v1/embeddings`, {
		method: 'POST',
		body: '{}',
		headers,
	});
	const answer = JSON.parse(await response.text());
	while (!outcome) await new Promise((resolve) => setTimeout(resolve, 2));
	await new Promise((resolve) => server.close(resolve));
	return { status: response.status, answer, outcome };
}

describe('the endpoints of the gateway', () => {
	const pathsOf = (parameters: Record<string, unknown>) =>
		node.description.webhooks?.map((webhook) => {
			const field = resolveWebhookDescriptionField(nodeWith(parameters, false), webhook, 'path');
			return `${String(webhook.httpMethod)} ${field.resolved && typeof field.value === 'string' ? field.value : 'needs the expression engine'}`;
		});

	it('lie below the path, found without n8n’s expression engine', () => {
		expect(pathsOf({ serveAt: 'webhook', path: 'team/v1' })).toEqual([
			'POST team/v1/chat/completions',
			'POST team/v1/responses',
			'POST team/v1/messages',
			'POST team/v1/messages/count_tokens',
			'POST team/v1/completions',
			'POST team/v1/embeddings',
			'POST team/v1/rerank',
			'GET team/v1/models',
			'GET team/v1/health',
		]);
		expect(node.description.webhooks?.every(webhookDescriptionIsNativelyResolvable)).toBe(true);
	});

	it('stay out of the way of others when the gateway has a port of its own, of another on this port too', () => {
		expect(pathsOf({ serveAt: 'port', path: 'v1', port: 9100 })?.[0]).toBe('POST port/chat/completions');
		const isFull = (parameters: Record<string, unknown>) =>
			(node.description.webhooks ?? []).map((webhook) =>
				resolveWebhookDescriptionField(nodeWith(parameters, false), webhook, 'isFullPath'),
			);
		// else n8n puts the ID of the node's webhooks before the path
		for (const field of isFull({ serveAt: 'port', path: 'v1', port: 9100 }))
			expect(field).toEqual({ resolved: true, value: false });
		for (const field of isFull({ serveAt: 'webhook', path: 'v1' }))
			expect(field).toEqual({ resolved: true, value: true });
	});

	it('give the same as an expression, which n8n evaluates when a parameter is one', () => {
		for (const webhook of node.description.webhooks ?? []) {
			const source = /^=\{\{([\s\S]*)\}\}$/.exec(webhook.path)?.[1] ?? '';
			const path: unknown = runInNewContext(source, { $parameter: { serveAt: 'webhook', path: 'v1' } });
			expect(path).toMatch(/^v1\/[a-z/_]+$/);
		}
	});
});

describe('a request at the webhook URL', () => {
	const parameters = { serveAt: 'webhook', path: 'v1', exchanges: 'each' };
	const authorization = `Bearer ${key}`;

	it('is answered, and starts the workflow by itself where no trigger runs', async () => {
		const { status, answer, outcome } = await callWebhook(parameters, { input: 'a text' }, { authorization });
		expect(status).toBe(200);
		expect(answer.data[0].embedding).toHaveLength(256);
		expect(outcome.noWebhookResponse).toBe(true);
		expect(outcome.workflowData?.[0]?.[0]?.json).toMatchObject({
			route: 'embeddings',
			key: 'team',
			status: 200,
		});
	});

	it('goes to the trigger of this process where one runs, until it is closed', async () => {
		const own = { ...parameters, path: 'own/v1' };
		const { context, emitted } = contextOf(own);
		const { closeFunction } = await node.trigger.call(context);
		const { outcome } = await callWebhook(own, { input: 'a text' }, { authorization });
		expect(outcome.workflowData).toBeUndefined();
		expect(emitted).toHaveLength(1);
		await closeFunction?.();
		expect((await callWebhook(own, { input: 'a' }, { authorization })).outcome.workflowData).toBeDefined();
	});

	it('whose credential was deleted is refused as OpenAI’s clients expect it, and the log says why', async () => {
		const logged: string[] = [];
		const deleted = 'Credential with ID "1" does not exist for type "engineGatewayApi".';
		const { status, answer, outcome } = await callWebhook(
			{ ...parameters, path: 'deleted/v1' },
			{ input: 'a text' },
			{ authorization },
			{
				getCredentials: async () => await Promise.reject(new Error(deleted)),
				logger: { error: (line: string) => logged.push(line) },
			},
		);
		expect([status, outcome]).toEqual([503, { noWebhookResponse: true }]);
		expect(answer).toEqual({
			error: {
				message: expect.stringContaining('The gateway cannot answer'),
				type: 'server_error',
				param: null,
				code: 'gateway_unavailable',
			},
		});
		expect(JSON.stringify(answer)).not.toContain('Credential with ID');
		expect(logged).toEqual([expect.stringContaining(deleted)]);
	});

	it('starts nothing without a key, or when exchanges are not wanted', async () => {
		const stranger = await callWebhook(parameters, { input: 'a text' });
		expect([stranger.status, stranger.outcome.workflowData]).toEqual([401, undefined]);
		const silent = await callWebhook({ ...parameters, exchanges: 'none' }, { input: 'a' }, { authorization });
		expect([silent.status, silent.outcome.workflowData]).toEqual([200, undefined]);
	});
});

describe('publishing', () => {
	it.each([
		[{ serveAt: 'webhook', path: 'v1' }, /open to everybody/],
		[{ serveAt: 'port', host: '0.0.0.0' }, /open to the network/],
		[{ serveAt: 'webhook', path: 'a b' }, /"Path" must be/],
		[{ serveAt: 'port', port: 0 }, /"Port" must be/],
		[{ serveAt: 'elsewhere' }, /"Serve At" must be/],
	])('is refused for %j, saying why', async (parameters, message) => {
		await expect(node.trigger.call(contextOf(parameters, {}, false).context)).rejects.toThrow(message);
	});

	it('says when the port is taken', async () => {
		const other = createServer();
		await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
		const address = other.address();
		const port = typeof address === 'object' && address ? address.port : 0;
		await expect(node.trigger.call(contextOf({ serveAt: 'port', port }).context)).rejects.toThrow(
			/port is taken/,
		);
		await new Promise((resolve) => other.close(resolve));
	});
});

describe('the test of the credential', () => {
	const test = (values: Array<{ name?: string; key?: string }>) =>
		engineGatewayApiTest({
			id: '1',
			name: 'keys',
			type: 'engineGatewayApi',
			data: { keys: { values } },
		} as ICredentialsDecrypted);

	it('counts the callers, and finds short keys and equal names', async () => {
		expect(await test([{ name: 'a', key }])).toEqual({ status: 'OK', message: '1 caller will be let in' });
		expect(await test([{ name: 'a', key: 'short' }])).toMatchObject({ status: 'Error' });
		expect(
			await test([
				{ name: 'a', key },
				{ name: 'a', key: `${key}2` },
			]),
		).toMatchObject({ status: 'Error' });
		expect(await test([])).toMatchObject({ status: 'Error' });
	});

	it('offers a caller without a key a new one each time, long enough to be taken', async () => {
		const offered = await Promise.all([0, 1].map(() => test([{ name: 'a', key }, { name: 'ada' }])));
		const keys = offered.map(({ status, message }) => {
			expect(status).toBe('Error');
			return /^Enter a key for "ada"\. .*: (\S+)$/.exec(message)?.[1] ?? '';
		});
		expect(keys[0]).not.toBe(keys[1]);
		expect(await test([{ name: 'ada', key: keys[0] }])).toMatchObject({ status: 'OK' });
	});
});

describe('batches of exchanges', () => {
	beforeEach(() => jest.useFakeTimers());
	afterEach(() => jest.useRealTimers());

	it('are handed over at their size, at their age, and at the end, each entry once', () => {
		const handed: number[][] = [];
		const batch = new Batch<number>(2, 1000, (entries) => handed.push(entries));
		batch.add(1);
		batch.add(2);
		batch.add(3);
		jest.advanceTimersByTime(999);
		expect(handed).toEqual([[1, 2]]);
		jest.advanceTimersByTime(1);
		expect(handed).toEqual([[1, 2], [3]]);
		batch.add(4);
		batch.flush();
		jest.advanceTimersByTime(5000);
		expect(handed).toEqual([[1, 2], [3], [4]]);
	});
});
