// n8n's own OpenAI nodes with their defaults, on the Engine Gateway of the same n8n.
import { canvas, langchain, lastRun, named, ours, webhook, type CanvasNode } from '../../support/canvas';
import { startChatEngine, type ChatEngine } from '../../support/chatEngine';
import { CLIENTS } from '../../support/clients/table';
import { freePort } from '../../support/listen';
import { sharedHost, type N8nClient } from '../../support/n8n';
import { publishNode } from '../../support/oneNode';
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
		if (offered === undefined) return 'Hello.';
		// Each field of the tool's form gets the question.
		const fields = Object.keys((offered.function.parameters.properties ?? {}) as object);
		const question = messages.findLast(({ role }) => role === 'user')?.content;
		return {
			tool: offered.function.name,
			arguments: Object.fromEntries(fields.map((field) => [field, question])),
		};
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
	const { json } = await client.webhook('gatewayAgent', { question: '6*7' });
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

/** What one of n8n's own Agents says, with this tool and the gateway as its model. */
async function agentSays(
	question: string,
	tool: { name: string; description: string; node: { nodeType: string; nodeParameters: object } },
): Promise<{ readonly said: string; readonly events: string }> {
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
			instructions: 'Use the tool.',
			tools: [{ ...tool, type: 'node', node: { ...tool.node, nodeTypeVersion: 1 } }],
		},
	});
	// n8n answers with a stream of events.
	const response = await fetch(`${client.url}/rest${agents}/${id}/chat`, {
		method: 'POST',
		headers: { 'content-type': 'application/json', cookie: client.cookie },
		body: JSON.stringify({ message: question }),
	});
	const events = await response.text();
	await client.rest('DELETE', `${agents}/${id}`);
	const said = events
		.split('\n')
		.flatMap((line) => (line.startsWith('data: ') ? [JSON.parse(line.slice(6))] : []))
		.map((event) => (event.type === 'text-delta' ? (event.delta ?? event.text ?? '') : ''))
		.join('');
	return { said, events };
}

it(`${CLIENTS.n8nAgents.name} answers with a tool`, async () => {
	const { said, events } = await agentSays('6*7', {
		...{ name: 'calculator', description: 'Calculates' },
		node: { nodeType: langchain('toolCalculator'), nodeParameters: {} },
	});
	expect([said, events]).toEqual([expect.stringMatching(/^The result is .*42/), expect.anything()]);
	expect(engine.asked.some(({ messages }) => messages.some(({ role }) => role === 'tool'))).toBe(true);
});

it(`${CLIENTS.n8nAgents.name} answers from a Vector Index`, async () => {
	const notes = { resource: 'documents', index: named('gateway-agent-notes') };
	const store = await publishNode(client, 'vectorIndex', { ...notes, operation: 'sync' });
	const text = 'The spare key hangs behind the blue door of the workshop.';
	const stored = await store([{ source: 'keys.md', text }]);
	expect(stored.json).toMatchObject([{ source: 'keys.md', state: 'added' }]);
	const { said, events } = await agentSays('Where is the spare key?', {
		...{ name: 'notes', description: 'Searches the notes' },
		node: {
			nodeType: ours('vectorIndex'),
			nodeParameters: {
				...{ ...notes, operation: 'search' },
				toolDescription: 'Searches the notes',
				questionField: "={{ $fromAI('question', `What to search for`, 'string') }}",
			},
		},
	});
	expect([said, events]).toEqual([expect.stringContaining('behind the blue door'), expect.anything()]);
	expect(said).toContain('keys.md');
});
