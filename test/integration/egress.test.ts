// n8n's egress filter holds for our engine clients, also after a redirect; and a key is nowhere to be read afterwards.
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { startHost, sharedHost, type Host, type Workflow } from '../support/n8n';

jest.setTimeout(180_000);

const key = 'sk-egress-0123456789abcdef';

/** A server on one of the machine's own addresses that remembers who asked and answers with a redirect or not at all. */
async function listen(
	address: string,
	redirectTo?: string,
): Promise<{ url: string; asked: string[]; server: Server }> {
	const asked: string[] = [];
	const server = createServer((request, response) => {
		asked.push(`${request.method} ${request.url} ${request.headers.authorization ?? ''}`);
		if (redirectTo) response.writeHead(307, { location: redirectTo + (request.url ?? '') });
		else response.writeHead(404);
		response.end();
	});
	await new Promise<void>((resolve) => server.listen(0, address, resolve));
	return { url: `http://${address}:${(server.address() as AddressInfo).port}`, asked, server };
}

function workflow(path: string, credential: { id: string; name: string }): Workflow {
	const answer = (name: string, responseCode: number) => ({
		name,
		type: 'n8n-nodes-base.respondToWebhook',
		typeVersion: 1.5,
		position: [600, responseCode],
		parameters: { respondWith: 'firstIncomingItem', options: { responseCode } },
	});
	return {
		id: path,
		name: path,
		nodes: [
			{
				name: 'Call',
				type: 'n8n-nodes-base.webhook',
				typeVersion: 2.1,
				position: [0, 0],
				webhookId: path,
				parameters: { httpMethod: 'POST', path, responseMode: 'responseNode', options: {} },
			},
			{
				name: 'Engine',
				type: 'n8n-nodes-local-engine.localEngine',
				typeVersion: 1,
				position: [300, 0],
				onError: 'continueErrorOutput',
				parameters: { resource: 'chat', operation: 'message', message: 'Hello', options: {} },
				credentials: { localEngineApi: credential },
			},
			answer('Good', 200),
			answer('Bad', 400),
		] as unknown as Workflow['nodes'],
		connections: {
			Call: { main: [[{ node: 'Engine', type: 'main', index: 0 }]] },
			Engine: {
				main: [[{ node: 'Good', type: 'main', index: 0 }], [{ node: 'Bad', type: 'main', index: 0 }]],
			},
		},
	};
}

describe('with n8n’s egress filter switched on', () => {
	let host: Host;
	let forbidden: Awaited<ReturnType<typeof listen>>;
	let redirecting: Awaited<ReturnType<typeof listen>>;

	beforeAll(async () => {
		const { tarball } = await sharedHost();
		host = await startHost({
			tarball,
			env: { N8N_SSRF_PROTECTION_ENABLED: 'true', N8N_SSRF_ALLOWED_IP_RANGES: '127.0.0.1/32' },
		});
		forbidden = await listen('127.0.0.2');
		redirecting = await listen('127.0.0.1', forbidden.url);
	});

	afterAll(async () => {
		forbidden?.server.close();
		redirecting?.server.close();
		await host?.remove();
	});

	const ask = async (name: string, baseUrl: string) => {
		const credential = await host.client.createCredential({
			name,
			type: 'localEngineApi',
			data: { dialect: 'openai', baseUrl, apiKey: key, chatModel: 'm' },
		});
		await host.client.importAndPublish(workflow(name, { id: credential.id, name }));
		return await host.client.webhook(name, {});
	};

	test('a forbidden address is refused before anything is sent', async () => {
		const answer = await ask('egress-direct', forbidden.url);
		expect(answer.status).toBe(400);
		expect(answer.json.error).toMatch(/127\.0\.0\.2/);
		expect(forbidden.asked).toEqual([]);
	});

	test('a redirect to a forbidden address is not followed, and the key does not travel', async () => {
		const answer = await ask('egress-redirect', redirecting.url);
		expect(answer.status).toBe(400);
		expect(redirecting.asked.length).toBeGreaterThan(0);
		expect(forbidden.asked).toEqual([]);
	});

	test('the key is in no log line, answer or execution', async () => {
		const executions = [
			...(await host.client.executions('egress-direct')),
			...(await host.client.executions('egress-redirect')),
		] as Array<{ id: string }>;
		expect(executions).toHaveLength(2);
		for (const { id } of executions) {
			expect(JSON.stringify(await host.client.rest('GET', `/executions/${id}`))).not.toContain(key);
		}
		expect(host.output()).not.toContain(key);
	});
});
