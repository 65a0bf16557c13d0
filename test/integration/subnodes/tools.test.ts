// Every operation that is offered as a tool, as it comes out of the panel: called by n8n's AI Agent and by an MCP client.
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { type CanvasNode, canvas, langchain, type Link, named, ours, webhook } from '../../support/canvas';
import { type ChatEngine, startChatEngine } from '../../support/chatEngine';
import { type N8nClient, sharedHost } from '../../support/n8n';

jest.setTimeout(120_000);

interface Case {
	readonly name: string;
	readonly type: string;
	readonly resource: string;
	readonly operation: string;
	/** What has to be chosen in the form besides the operation. */
	readonly parameters?: Record<string, unknown>;
	/** What the model gives. */
	readonly given: Record<string, string>;
	/** What it gets, without the escaping of JSON in JSON. */
	readonly answer: string;
}

const vectorIndex = 'vectorIndexTool';
const localEngine = 'localEngineTool';
const note = 'The spare key hangs behind the blue door of the workshop.';

/** In an order in which each finds what the one before stored. */
const CASES: readonly Case[] = [
	{
		...{ name: 'Store', type: vectorIndex, resource: 'documents', operation: 'sync' },
		given: { name: 'keys.md', text: note },
		answer: '"source":"keys.md","state":"added"',
	},
	{
		...{ name: 'Search', type: vectorIndex, resource: 'documents', operation: 'search' },
		given: { question: 'Where is the spare key?' },
		answer: '"source":"keys.md"',
	},
	{
		...{ name: 'Read', type: vectorIndex, resource: 'documents', operation: 'get' },
		given: { source: 'keys.md' },
		answer: `[{"source":"keys.md","text":"${note}"}]`,
	},
	{
		...{ name: 'Info', type: vectorIndex, resource: 'index', operation: 'info' },
		given: {},
		answer: '"documents":1,"passages":1',
	},
	{
		...{ name: 'Indexes', type: vectorIndex, resource: 'index', operation: 'list' },
		given: {},
		answer: '"indexes":[',
	},
	{
		...{ name: 'Ask', type: localEngine, resource: 'chat', operation: 'message' },
		given: { message: 'Good morning' },
		answer: '[{"text":"You said: Good morning"}]',
	},
	{
		...{ name: 'Sort', type: localEngine, resource: 'text', operation: 'classify' },
		parameters: { classes: { values: [{ name: 'invoice' }, { name: 'complaint' }] } },
		given: { text: 'Please pay 12 euros.' },
		answer: '"label":"invoice"',
	},
	{
		...{ name: 'Read_Fields', type: localEngine, resource: 'text', operation: 'extract' },
		parameters: { fields: { values: [{ name: 'year', type: 'string' }] } },
		given: { text: 'The invoice is from 2024.' },
		answer: '[{"data":{"year":"2024"}}]',
	},
	{
		...{ name: 'Models', type: localEngine, resource: 'engine', operation: 'models' },
		given: {},
		answer: '"model":"scripted"',
	},
	{
		...{ name: 'Health', type: localEngine, resource: 'engine', operation: 'health' },
		given: {},
		answer: '"status":"ok"',
	},
];

const plain = (text: string | null | undefined): string => (text ?? '').replaceAll('\\"', '"');

let url: string;
let client: N8nClient;
let engine: ChatEngine;
let credential: { id: string; name: string };

beforeAll(async () => {
	({ url, client } = await sharedHost());
	engine = await startChatEngine(({ messages, tools }) => {
		const text = JSON.stringify(messages);
		if (tools) {
			// The agent calls one tool after the other.
			const next = CASES[messages.filter(({ role }) => role === 'tool').length];
			return next ? { tool: next.name, arguments: next.given } : 'All done.';
		}
		if (text.includes('Extract the requested data')) return '{"year":"2024"}';
		if (text.includes('Please pay')) return 'invoice';
		return `You said: ${messages.at(-1)?.content}`;
	});
	const { id } = await client.createCredential({
		name: 'Tools engine',
		type: 'localEngineApi',
		data: { dialect: 'openai', baseUrl: engine.url, chatModel: 'scripted' },
	});
	credential = { id, name: 'Tools engine' };
});
afterAll(async () => await engine.close());

/** The tools as the panel makes them: only the operation is chosen, and the index, so that tests do not meet. */
function toolsFor(parent: string, index: string): { nodes: Record<string, CanvasNode>; links: Link[] } {
	const nodes = CASES.map(({ name, type, resource, operation, parameters }): [string, CanvasNode] => [
		name,
		{
			type: ours(type),
			parameters: {
				resource,
				operation,
				...parameters,
				...(type === vectorIndex && operation !== 'list' && { index: named(index) }),
			},
			...(type === localEngine && { credentials: { localEngineApi: credential } }),
		},
	]);
	return {
		nodes: Object.fromEntries(nodes),
		links: CASES.map(({ name }): Link => [name, parent, 'ai_tool']),
	};
}

it.each([2.2, 3.1])('an AI Agent (%s) uses each of them', async (typeVersion) => {
	const path = `agent-tools-${typeVersion * 10}`;
	const { nodes, links } = toolsFor('Agent', path);
	await client.importAndPublish(
		canvas(
			path,
			{
				Webhook: webhook(path),
				Agent: {
					type: langchain('agent'),
					typeVersion,
					parameters: { promptType: 'define', text: 'Use all tools.', options: { maxIterations: 20 } },
				},
				Model: { type: ours('chatModel'), credentials: { localEngineApi: credential } },
				...nodes,
			},
			[['Webhook', 'Agent'], ['Model', 'Agent', 'ai_languageModel'], ...links],
		),
	);
	engine.asked.length = 0;
	const { json } = await client.webhook(path, {});
	expect(json).toMatchObject([{ output: 'All done.' }]);
	const answers = engine.asked.at(-1)?.messages.filter(({ role }) => role === 'tool') ?? [];
	expect(answers).toHaveLength(CASES.length);
	for (const [position, { name, answer }] of CASES.entries()) {
		const text = plain(answers[position]?.content);
		expect([name, text]).toEqual([name, expect.stringContaining(answer)]);
		expect(text.length).toBeLessThan(1000);
	}
	const [offered] = engine.asked.filter(({ tools }) => tools);
	for (const { name, given } of CASES) {
		const tool = offered?.tools?.find(({ function: { name: each } }) => each === name)?.function;
		expect(tool?.description).not.toBe('');
		expect(Object.keys((tool?.parameters.properties ?? {}) as object).sort()).toEqual(
			Object.keys(given).sort(),
		);
	}
});

it('an MCP client uses each of them', async () => {
	const { nodes, links } = toolsFor('MCP Server', 'mcp-tools');
	await client.importAndPublish(
		canvas(
			'mcpTools',
			{
				'MCP Server': {
					...{ type: langchain('mcpTrigger'), typeVersion: 2, webhookId: 'mcpTools' },
					parameters: { path: 'mcpTools' },
				},
				...nodes,
			},
			links,
		),
	);
	const mcp = new Client({ name: 'test', version: '1.0.0' });
	await mcp.connect(new StreamableHTTPClientTransport(new URL(`${url}/mcp/mcpTools`)));
	try {
		const { tools } = await mcp.listTools();
		expect(tools.map(({ name }) => name).sort()).toEqual(CASES.map(({ name }) => name).sort());
		for (const { name, given, answer } of CASES) {
			const { content, isError } = (await mcp.callTool({ name, arguments: given })) as {
				isError?: boolean;
				content: Array<{ text: string }>;
			};
			expect([name, isError ?? false, plain(content[0]?.text)]).toEqual([
				name,
				false,
				expect.stringContaining(answer),
			]);
		}
	} finally {
		await mcp.close();
	}
});
