// n8n's MCP Server Trigger with our nodes as its tools, called by the official MCP client.
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { canvas, langchain, named, ours, webhook } from '../../support/canvas';
import { startChatEngine, type ChatEngine } from '../../support/chatEngine';
import { sharedHost, type N8nClient } from '../../support/n8n';

jest.setTimeout(120_000);

const index = named('mcp-index');
const documents = [
	{ source: 'keys.md', text: 'The spare key hangs behind the blue door of the workshop.' },
	{ source: 'leave.md', text: 'The notice period for leave of more than a week is fourteen days.' },
];

let url: string;
let client: N8nClient;
let engine: ChatEngine;
const mcp = new Client({ name: 'test', version: '1.0.0' });

beforeAll(async () => {
	({ url, client } = await sharedHost());
	await client.importAndPublish(
		canvas(
			'mcpFill',
			{
				Webhook: webhook('mcpFill'),
				Split: {
					type: 'n8n-nodes-base.splitOut',
					parameters: { fieldToSplitOut: 'body.documents', options: {} },
				},
				Index: {
					type: ours('vectorIndex'),
					parameters: { resource: 'documents', operation: 'upsert', index },
				},
			},
			[
				['Webhook', 'Split'],
				['Split', 'Index'],
			],
		),
	);
	expect((await client.webhook('mcpFill', { documents })).json).toMatchObject(
		documents.map(() => ({ state: 'written' })),
	);
	engine = await startChatEngine(({ messages }) => `You said: ${messages.at(-1)?.content}`);
	const { id } = await client.createCredential({
		name: 'MCP engine',
		type: 'localEngineApi',
		data: { dialect: 'openai', baseUrl: engine.url, chatModel: 'scripted' },
	});
	await client.importAndPublish(
		canvas(
			'mcpServer',
			{
				'MCP Server': {
					type: langchain('mcpTrigger'),
					typeVersion: 2,
					webhookId: 'mcpServer',
					parameters: { path: 'mcpServer' },
				},
				'Search Documents': {
					type: ours('vectorIndexTool'),
					parameters: {
						toolDescription: 'Searches the documents of the house',
						resource: 'documents',
						operation: 'search',
						index,
						questionField: "={{ $fromAI('question', 'What to look for', 'string') }}",
						limit: "={{ $fromAI('limit', 'How many passages', 'number', 3) }}",
					},
				},
				'House Rules': {
					type: ours('vectorStore'),
					parameters: {
						mode: 'retrieve-as-tool',
						toolDescription: 'The rules, numbered to cite',
						index,
						topK: 1,
					},
				},
				'Ask the Model': {
					type: ours('localEngineTool'),
					parameters: {
						resource: 'chat',
						operation: 'message',
						message: "={{ $fromAI('message', 'What to ask the local model', 'string') }}",
					},
					credentials: { localEngineApi: { id, name: 'MCP engine' } },
				},
			},
			[
				['Search Documents', 'MCP Server', 'ai_tool'],
				['House Rules', 'MCP Server', 'ai_tool'],
				['Ask the Model', 'MCP Server', 'ai_tool'],
			],
		),
	);
	await mcp.connect(new StreamableHTTPClientTransport(new URL(`${url}/mcp/mcpServer`)));
});
afterAll(async () => {
	await mcp.close();
	await engine.close();
});

interface TextResult {
	isError?: boolean;
	content: Array<{ type: string; text: string }>;
}
const call = async (name: string, args: Record<string, unknown>) =>
	(await mcp.callTool({ name, arguments: args })) as TextResult;

it('lists the search with the fields that are left to the model', async () => {
	const { tools } = await mcp.listTools();
	expect(tools.map(({ name }) => name).sort()).toEqual(['Ask_the_Model', 'House_Rules', 'Search_Documents']);
	const search = tools.find(({ name }) => name === 'Search_Documents');
	expect(search?.description).toBe('Searches the documents of the house');
	expect(search?.inputSchema.properties).toMatchObject({
		question: { type: 'string', description: 'What to look for' },
		limit: { type: 'number' },
	});
	const rules = tools.find(({ name }) => name === 'House_Rules');
	expect(rules?.inputSchema).toMatchObject({
		properties: { question: { type: 'string' } },
		required: ['question'],
	});
});

it('answers a call of Vector Index with passages', async () => {
	const { content, isError } = await call('Search_Documents', {
		question: 'Where is the spare key?',
		limit: 1,
	});
	expect(isError).not.toBe(true);
	const [{ response }] = JSON.parse(content[0]?.text ?? '') as [{ response: string }];
	expect(JSON.parse(response)).toMatchObject({
		passages: [{ number: 1, source: 'keys.md', text: documents[0]?.text }],
	});
});

it('answers a call of the Vector Store with numbered passages', async () => {
	const { content, isError } = await call('House_Rules', { question: 'How long is the notice period?' });
	expect(isError).not.toBe(true);
	expect(content[0]?.text).toContain('"number":1,"source":"leave.md"');
	expect(content[0]?.text).toContain('fourteen days');
	// n8n gives such calls no execution: without it, each stands alone.
	const again = await call('House_Rules', { question: 'Where is the spare key?' });
	expect(again.content[0]?.text).toContain('"number":1,"source":"keys.md"');
});

it('answers a call of Local Engine with what the model says', async () => {
	const { content } = await call('Ask_the_Model', { message: 'Good morning' });
	expect(content[0]?.text).toContain('You said: Good morning');
});

it('says what is wrong when the question is empty', async () => {
	const { content, isError } = await call('House_Rules', { question: '' });
	expect(isError).toBe(true);
	expect(content[0]?.text).toContain('"question" is empty. Write a question');
});
