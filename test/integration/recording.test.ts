// Local Engine's own recording in a real n8n: what was asked is in the collection, feedback by ID becomes a preference pair.
import { randomUUID } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { langchain, webhook } from '../support/canvas';
import { sharedHost, type N8nClient } from '../support/n8n';
import { publishNode, type Credentials } from '../support/oneNode';
import { chunkOf, startScripted, type ScriptedEngine } from './gateway/support';
import {
	callDeltas,
	chatModel,
	credentialFor,
	publishFlow,
	say,
	startChatEngine,
	textDeltas,
} from './subnodes/chatModelSupport';

jest.setTimeout(180_000);

const KEY = 'sk-recording-engine-key-0123456789';
const HEADER = 'tenant-header-value-4711';
const collection = `recorded_${randomUUID().slice(0, 8)}`;
const kept = { record: true, recordBackend: 'sqlite', collection };

let client: N8nClient;
let home: string;
let engine: ScriptedEngine;
let credentials: Credentials;

/** Answers each operation in the form it asks for, and repeats a word of the question. */
function answerTo(body: string): string {
	if (body.includes('Extract the requested data')) return '{"total": 119.5}';
	if (body.includes('Answer with the name of one class')) return 'invoice';
	if (body.includes('numbered passages')) return 'The bridge opened in 1937 [1].';
	return `You asked about ${/number \d+/.exec(body)?.[0] ?? 'nothing'}; my key is ${KEY}.`;
}

beforeAll(async () => {
	({ client, home } = await sharedHost());
	engine = await startScripted((_, response, body) => {
		response.writeHead(200, { 'content-type': 'text/event-stream' });
		response.end(
			`${chunkOf({ role: 'assistant', content: answerTo(body) })}${chunkOf({}, 'stop')}data: [DONE]\n\n`,
		);
	});
	const { id } = await client.createCredential({
		name: 'recorded engine',
		type: 'localEngineApi',
		data: {
			dialect: 'openai',
			baseUrl: engine.url,
			apiKey: KEY,
			chatModel: 'scripted',
			headers: { values: [{ name: 'X-Tenant', value: HEADER }] },
			furtherEngines: {},
		},
	});
	credentials = { localEngineApi: { id, name: 'recorded engine' } };
});
afterAll(async () => {
	await engine.stop();
});

const localEngine = (parameters: Record<string, unknown>, more: Credentials = {}) =>
	publishNode(client, 'localEngine', parameters, { credentials: { ...credentials, ...more } });
const distillation = (parameters: Record<string, unknown>, answer?: Record<string, unknown>) =>
	publishNode(client, 'distillation', { recordBackend: 'sqlite', collection, ...parameters }, { answer });

test('chat, answer, extract and classify are recorded; figures show them, feedback by ID makes a preference pair', async () => {
	const chat = await localEngine({
		resource: 'chat',
		operation: 'message',
		message: '={{ $json.question }}',
		systemMessage: 'Be brief.',
		...kept,
		recordOptions: { licence: 'apache-2.0', conversationField: 'sessionId' },
	});
	const answer = await localEngine({ resource: 'chat', operation: 'answer', ...kept });
	const extract = await localEngine({
		resource: 'text',
		operation: 'extract',
		fields: { values: [{ name: 'total', type: 'number' }] },
		...kept,
	});
	const classify = await localEngine({
		resource: 'text',
		operation: 'classify',
		classes: { values: [{ name: 'invoice' }, { name: 'complaint' }] },
		...kept,
	});

	const questions = Array.from({ length: 12 }, (_, index) => ({
		question: `What of number ${index}? authorization: Bearer caller-token-0815`,
		sessionId: `s${index}`,
	}));
	const chats = (await chat(questions)).json as Array<{
		record: string;
		text: string;
		recordWarning?: string;
	}>;
	expect(chats).toHaveLength(12);
	expect(new Set(chats.map(({ record }) => record)).size).toBe(12);
	expect(chats[3]?.text).toContain('number 3');
	expect(chats.every(({ recordWarning }) => recordWarning === undefined)).toBe(true);
	const hits = [{ text: 'The bridge opened in 1937.', source: 'bridges.md' }];
	expect((await answer([{ question: 'When did it open?', hits }])).json).toMatchObject([
		{ found: true, record: expect.any(String) as string },
	]);
	expect((await extract([{ text: 'Total: 119.50' }])).json).toMatchObject([
		{ data: { total: 119.5 }, record: expect.any(String) as string },
	]);
	expect((await classify([{ text: 'Where is my invoice?' }])).json).toMatchObject([
		{ label: 'invoice', record: expect.any(String) as string },
	]);

	const figures = await distillation({ resource: 'record', operation: 'figures' });
	const [{ records, byModel, byLabel }] = (await figures([{}])).json;
	expect(records).toBe(15);
	expect(byModel).toEqual({ scripted: 15 });
	expect(byLabel).toMatchObject({
		task: { chat: 12, answer: 1, extract: 1, classify: 1 },
		class: { invoice: 1 },
	});

	const feedback = await distillation({
		resource: 'record',
		operation: 'feedback',
		recordId: '={{ $json.record }}',
		correction: '={{ $json.better }}',
	});
	expect(
		(await feedback([{ record: chats[3]?.record, better: 'What it should have said.' }])).json,
	).toMatchObject([{ record: chats[3]?.record, added: true }]);
	const file = await distillation(
		{
			resource: 'dataSet',
			operation: 'build',
			dataSetName: 'pairs',
			exportFormat: 'openai-dpo',
			target: 'item',
			options: {},
		},
		{ responseData: 'allEntries' },
	);
	const [built] = (await file([{}])).json;
	expect(built).toMatchObject({ rows: 1, funnel: { input: 15 } });

	// Nothing secret is anywhere in the collection, though the caller sent a token and the model said its key.
	const folder = path.join(home, '.n8n', 'local-engine', 'distillation');
	const bytes = readdirSync(folder)
		.filter((name) => name.startsWith(collection))
		.map((name) => readFileSync(path.join(folder, name), 'latin1'))
		.join('');
	expect(bytes).toContain('What of number 3?');
	for (const secret of [KEY, HEADER, 'caller-token-0815']) expect(bytes).not.toContain(secret);
});

test('a store that is down costs the record and not the answer', async () => {
	const { id } = await client.createCredential({
		name: 'postgres that is down',
		type: 'postgres',
		data: {
			host: '127.0.0.1',
			port: 1,
			database: 'd',
			user: 'u',
			password: 'not-to-be-seen',
			ssl: 'disable',
		},
	});
	const chat = await localEngine(
		{
			resource: 'chat',
			operation: 'message',
			message: '={{ $json.question }}',
			...kept,
			recordBackend: 'postgres',
		},
		{ postgres: { id, name: 'postgres that is down' } },
	);
	const [item] = (await chat([{ question: 'number 5' }])).json;
	expect(item.text).toContain('number 5');
	expect(item.record).toBeUndefined();
	expect(item.recordWarning).toMatch(/^The exchange was not recorded: Postgres refused: .*ECONNREFUSED/);
	expect(JSON.stringify(item)).not.toContain('not-to-be-seen');
});

test('without the switch nothing is kept and nothing is said', async () => {
	const chat = await localEngine({ resource: 'chat', operation: 'message', message: 'number 7' });
	const [item] = (await chat([{}])).json;
	expect(item.text).toContain('number 7');
	expect(Object.keys(item).filter((key) => key.startsWith('record'))).toEqual([]);
});

test('the chat model of an agent records each of its steps', async () => {
	const agents = `${collection}_agents`;
	const agentEngine = await startChatEngine((body, response) => {
		if (body.messages.some(({ role }) => role === 'tool')) say(response, textDeltas('It is 42.'));
		else say(response, callDeltas('Calculator', { input: '17+25' }), 'tool_calls');
	});
	const flow = `recorded-agent-${agents}`;
	await publishFlow(
		client,
		flow,
		{
			In: webhook(flow),
			Agent: {
				type: langchain('agent'),
				typeVersion: 3.1,
				parameters: { promptType: 'define', text: '={{ $json.body.question }}', options: {} },
			},
			Model: chatModel({ ...kept, collection: agents }),
			Calculator: { type: langchain('toolCalculator'), typeVersion: 1, parameters: {} },
		},
		await credentialFor(client, flow, [agentEngine.url]),
	);
	expect((await client.webhook(flow, { question: '17 + 25?' })).json).toEqual([{ output: 'It is 42.' }]);
	await agentEngine.stop();

	const figures = await publishNode(client, 'distillation', {
		resource: 'record',
		operation: 'figures',
		recordBackend: 'sqlite',
		collection: agents,
	});
	expect((await figures([{}])).json).toMatchObject([
		{
			records: 2,
			byFinishReason: { stop: 1, toolCalls: 1 },
			byLabel: { task: { agent: 2 } },
			byWorkflow: { [flow]: 2 },
		},
	]);
});
