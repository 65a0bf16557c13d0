// n8n's own OpenAI nodes with their defaults, on the Engine Gateway of the same n8n.
import { canvas, langchain, lastRun, webhook, type CanvasNode } from '../../support/canvas';
import { startChatEngine, type ChatEngine } from '../../support/chatEngine';
import { CLIENTS } from '../../support/clients/table';
import { freePort } from '../../support/listen';
import { sharedHost, type N8nClient } from '../../support/n8n';
import { gatewayKey, publishGateway } from './support';

jest.setTimeout(120_000);

let client: N8nClient;
let engine: ChatEngine;
let openAi: { readonly openAiApi: { readonly id: string; readonly name: string } };
let stop: () => Promise<void>;

beforeAll(async () => {
	({ client } = await sharedHost());
	engine = await startChatEngine(({ messages, tools }) => {
		const heard = messages.find(({ role }) => role === 'tool');
		if (heard !== undefined) return `The result is ${heard.content ?? ''}.`;
		const [offered] = tools ?? [];
		return offered === undefined ? 'Hello.' : { tool: offered.function.name, arguments: { input: '6*7' } };
	});
	const port = await freePort();
	({ stop } = await publishGateway(client, 'gateway-n8n', [{ url: engine.url, chatModel: 'scripted' }], {
		serveAt: 'port',
		port,
		exchanges: 'none',
	}));
	const { id } = await client.createCredential({
		name: 'Gateway',
		type: 'openAiApi',
		data: { apiKey: gatewayKey, url: `http://127.0.0.1:${port}/v1` },
	});
	openAi = { openAiApi: { id, name: 'Gateway' } };
});
afterAll(async () => {
	await stop();
	await engine.close();
});
beforeEach(() => engine.asked.splice(0));

it(`${CLIENTS.n8nChatModel.name} calls a tool and answers`, async () => {
	const model: CanvasNode = {
		type: langchain('lmChatOpenAi'),
		typeVersion: 1.3,
		parameters: { model: { __rl: true, mode: 'id', value: 'scripted' }, options: {} },
		credentials: openAi,
	};
	await client.importAndPublish(
		canvas(
			'gatewayAgent',
			{
				Webhook: webhook('gatewayAgent'),
				Agent: {
					type: langchain('agent'),
					typeVersion: 3.1,
					parameters: { promptType: 'define', text: '={{ $json.body.question }}', options: {} },
				},
				Model: model,
				Calculator: { type: langchain('toolCalculator') },
			},
			[
				['Webhook', 'Agent'],
				['Model', 'Agent', 'ai_languageModel'],
				['Calculator', 'Agent', 'ai_tool'],
			],
		),
	);
	const { json } = await client.webhook('gatewayAgent', { question: 'What is 6*7?' });
	expect(json).toEqual([{ output: expect.stringMatching(/^The result is .*42/) }]);
	expect(engine.asked).toHaveLength(2);
	expect(engine.asked[1]?.messages.map(({ role }) => role).slice(-3)).toEqual(['user', 'assistant', 'tool']);
});

it(`${CLIENTS.n8nOpenAi.name} answers`, async () => {
	await client.importAndPublish(
		canvas(
			'gatewayOpenAi',
			{
				Webhook: webhook('gatewayOpenAi'),
				OpenAI: {
					type: langchain('openAi'),
					typeVersion: 2,
					parameters: {
						resource: 'text',
						operation: 'response',
						modelId: { __rl: true, mode: 'id', value: 'scripted' },
						responses: { values: [{ content: '={{ $json.body.question }}' }] },
						builtInTools: {},
						options: {},
					},
					credentials: openAi,
				},
			},
			[['Webhook', 'OpenAI']],
		),
	);
	const { json } = await client.webhook('gatewayOpenAi', { question: 'Hi' });
	const runs = await lastRun(client, 'gatewayOpenAi');
	expect([JSON.stringify(json), runs.OpenAI?.[0]?.error?.message]).toEqual([
		expect.stringContaining('Hello.'),
		undefined,
	]);
	expect(engine.asked[0]?.messages.at(-1)).toMatchObject({ role: 'user', content: 'Hi' });
});

it(`${CLIENTS.n8nAgents.name} answers with a tool`, async () => {
	const { id: project } = await client.rest('GET', '/projects/personal');
	const agents = `/projects/${project}/agents/v2`;
	const { id } = await client.rest('POST', agents, { name: 'On the gateway' });
	const { configHash } = await client.rest('GET', `${agents}/${id}/config`);
	await client.rest('PUT', `${agents}/${id}/config`, {
		baseConfigHash: configHash,
		config: {
			name: 'On the gateway',
			model: 'openai/scripted',
			credential: openAi.openAiApi.id,
			instructions: 'Calculate with the tool.',
			tools: [
				{
					type: 'node',
					name: 'calculator',
					description: 'Calculates',
					node: {
						nodeType: '@n8n/n8n-nodes-langchain.toolCalculator',
						nodeTypeVersion: 1,
						nodeParameters: {},
					},
				},
			],
		},
	});
	// n8n answers with a stream of events.
	const response = await fetch(`${client.url}/rest${agents}/${id}/chat`, {
		method: 'POST',
		headers: { 'content-type': 'application/json', cookie: client.cookie },
		body: JSON.stringify({ message: 'What is 6*7?' }),
	});
	const events = await response.text();
	await client.rest('DELETE', `${agents}/${id}`);
	const said = events
		.split('\n')
		.flatMap((line) => (line.startsWith('data: ') ? [JSON.parse(line.slice(6))] : []))
		.map((event) => (event.type === 'text-delta' ? (event.delta ?? event.text ?? '') : ''))
		.join('');
	expect([said, events]).toEqual([expect.stringMatching(/^The result is .*42/), expect.anything()]);
	expect(engine.asked.some(({ messages }) => messages.some(({ role }) => role === 'tool'))).toBe(true);
});
