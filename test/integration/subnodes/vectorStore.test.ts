// Local Engine Vector Store in a real n8n, in all its modes, between n8n's own nodes.
import {
	canvas,
	langchain,
	lastRun,
	named,
	ours,
	webhook,
	type CanvasNode,
	type Link,
} from '../../support/canvas';
import { startChatEngine, type ChatEngine } from '../../support/chatEngine';
import { passagesIn } from '../../support/passages';
import { QdrantStandIn } from '../../support/qdrant/server';
import { sharedHost, type N8nClient } from '../../support/n8n';

jest.setTimeout(120_000);

const documents = [
	{ source: 'keys.md', text: 'The spare key hangs behind the blue door of the workshop.' },
	{ source: 'leave.md', text: 'The notice period for leave of more than a week is fourteen days.' },
	{ source: 'printer.md', text: 'The printer on the second floor only takes recycled paper.' },
];
const index = named('subnode-store');

let client: N8nClient;
beforeAll(async () => {
	({ client } = await sharedHost());
});

const store = (parameters: Record<string, unknown>): CanvasNode => ({
	type: ours('vectorStore'),
	parameters: { index, ...parameters },
});
const split: CanvasNode = {
	type: 'n8n-nodes-base.splitOut',
	parameters: { fieldToSplitOut: 'body.documents', options: {} },
};
const loader: CanvasNode = {
	type: langchain('documentDefaultDataLoader'),
	typeVersion: 1.1,
	parameters: { jsonMode: 'expressionData', jsonData: '={{ $json.text }}', options: {} },
};
const inserting = (parameters: Record<string, unknown> = {}) => store({ mode: 'insert', ...parameters });
const insertLinks: Link[] = [
	['Webhook', 'Split'],
	['Split', 'Store'],
	['Loader', 'Store', 'ai_document'],
];

async function publishInsert(
	id: string,
	parameters: Record<string, unknown> = {},
	extra: Partial<CanvasNode> = {},
) {
	await client.importAndPublish(
		canvas(
			id,
			{ Webhook: webhook(id), Split: split, Store: { ...inserting(parameters), ...extra }, Loader: loader },
			insertLinks,
		),
	);
	return async (sent: unknown[]) => await client.webhook(id, { documents: sent });
}

it('inserts documents once, however often they are sent', async () => {
	const insert = await publishInsert('storeInsert');
	const first = await insert(documents);
	expect(first.json).toMatchObject(documents.map(() => ({ stored: 1, failed: [] })));
	const again = await insert(documents);
	expect(again.json).toEqual(first.json);
});

it('removes older passages of a document when it is told to replace', async () => {
	const parameters = { index: named('subnode-replace'), options: { replaceDocuments: true } };
	const insert = await publishInsert('storeReplace', parameters);
	await insert(documents);
	const changed = [{ source: 'keys.md', text: 'The spare key is with the porter now.' }, documents[1]];
	expect((await insert(changed)).json).toMatchObject([{ stored: 1, removed: 1 }, { stored: 1 }]);
});

it('reports a document without a name alone, and stores the others', async () => {
	const insert = await publishInsert(
		'storeUnnamed',
		{ index: named('subnode-unnamed') },
		{ onError: 'continueRegularOutput' },
	);
	const { json } = await insert([documents[0], { text: 'Nobody knows where this is from.' }, documents[1]]);
	expect(json).toMatchObject([
		{ stored: 1 },
		{ error: expect.stringContaining('has no name'), details: { statusCode: 400 } },
		{ stored: 1 },
	]);
});

describe('in Qdrant', () => {
	const server = new QdrantStandIn('qdrant-key');
	afterAll(async () => await server.stop());

	it('stores documents once and finds them', async () => {
		const qdrantUrl = await server.start();
		const data = { qdrantUrl, apiKey: 'qdrant-key' };
		const { id } = await client.createCredential({ name: 'Qdrant', type: 'qdrantApi', data });
		const credentials = { qdrantApi: { id, name: 'Qdrant' } };
		const place = { backend: 'qdrant', index: named('subnode-qdrant') };
		const insert = await publishInsert('storeQdrant', place, { credentials });
		for (let time = 0; time < 2; time++)
			expect((await insert(documents)).json).toMatchObject(documents.map(() => ({ stored: 1 })));
		await client.importAndPublish(
			canvas(
				'storeQdrantLoad',
				{
					Webhook: webhook('storeQdrantLoad'),
					Store: {
						...store({ ...place, mode: 'load', queryText: '={{ $json.body.question }}', topK: 1 }),
						credentials,
					},
				},
				[['Webhook', 'Store']],
			),
		);
		const { json } = await client.webhook('storeQdrantLoad', { question: 'Where is the spare key?' });
		expect(json).toMatchObject([{ document: { metadata: { source: 'keys.md' } } }]);
		expect(server.violations).toEqual([]);
	});
});

it('gets many: the best passages, with their source', async () => {
	await client.importAndPublish(
		canvas(
			'storeLoad',
			{
				Webhook: webhook('storeLoad'),
				Store: store({ mode: 'load', queryText: '={{ $json.body.question }}', topK: 2 }),
			},
			[['Webhook', 'Store']],
		),
	);
	const { json } = await client.webhook('storeLoad', { question: 'Where is the spare key?' });
	expect(json).toHaveLength(2);
	expect(json[0]).toMatchObject({
		document: { pageContent: documents[0]?.text, metadata: { source: 'keys.md' } },
		score: expect.any(Number),
	});
	const empty = await client.webhook('storeLoad', { question: ' ' });
	expect(empty.status).toBe(500);
	const { Store } = await lastRun(client, 'storeLoad');
	expect(Store?.[0]?.error?.message).toContain('"Query Text" is empty');
});

describe('with a chat model', () => {
	let engine: ChatEngine;
	let openAi: { id: string; name: string };
	const model = (): CanvasNode => ({
		type: langchain('lmChatOpenAi'),
		typeVersion: 1.2,
		parameters: { model: { __rl: true, mode: 'id', value: 'scripted' }, options: {} },
		credentials: { openAiApi: openAi },
	});

	beforeAll(async () => {
		engine = await startChatEngine(({ messages, tools }) => {
			const results = messages.filter(({ role }) => role === 'tool');
			if (tools?.[0] && results.length < 2) {
				const questions = ['Where is the spare key?', 'Which paper does the printer take?'];
				const sources = ['keys.md', 'printer.md'];
				const at = results.length;
				const filtered = 'source' in (tools[0].function.parameters.properties as object);
				return {
					tool: tools[0].function.name,
					arguments: {
						question: filtered ? 'What is it about?' : questions[at],
						...(filtered && { source: sources[at] }),
					},
				};
			}
			return 'Behind the blue door [1].';
		});
		const { id } = await client.createCredential({
			name: 'Scripted',
			type: 'openAiApi',
			data: { apiKey: 'none', url: engine.url },
		});
		openAi = { id, name: 'Scripted' };
	});
	afterAll(async () => await engine.close());
	beforeEach(() => engine.asked.splice(0));

	it('feeds a Question and Answer Chain through the Vector Store Retriever', async () => {
		await client.importAndPublish(
			canvas(
				'storeChain',
				{
					Webhook: webhook('storeChain'),
					Chain: {
						type: langchain('chainRetrievalQa'),
						typeVersion: 1.7,
						parameters: { promptType: 'define', text: '={{ $json.body.question }}', options: {} },
					},
					Model: model(),
					Retriever: { type: langchain('retrieverVectorStore'), parameters: { topK: 1 } },
					Store: store({ mode: 'retrieve' }),
				},
				[
					['Webhook', 'Chain'],
					['Model', 'Chain', 'ai_languageModel'],
					['Retriever', 'Chain', 'ai_retriever'],
					['Store', 'Retriever', 'ai_vectorStore'],
				],
			),
		);
		const { json } = await client.webhook('storeChain', { question: 'Where is the spare key?' });
		expect(json).toEqual([{ response: 'Behind the blue door [1].' }]);
		const prompt = JSON.stringify(engine.asked[0]?.messages);
		expect(prompt).toContain('behind the blue door');
		expect(prompt).not.toContain('recycled paper');
		const { Store } = await lastRun(client, 'storeChain');
		expect(Store?.[0]?.inputOverride?.ai_vectorStore?.[0]?.[0]?.json).toMatchObject({
			question: 'Where is the spare key?',
			limit: 1,
		});
		expect(Store?.[0]?.data?.ai_vectorStore?.[0]?.[0]?.json).toMatchObject({
			response: [{ source: 'keys.md' }],
		});
	});

	it.each([2.2, 3.1])(
		'leaves fields set to $fromAI to AI Agent %s, anew at every call',
		async (typeVersion) => {
			const id = `storeFromAi${typeVersion * 10}`;
			await client.importAndPublish(
				canvas(
					id,
					{
						Webhook: webhook(id),
						Agent: {
							type: langchain('agent'),
							typeVersion,
							parameters: { promptType: 'define', text: 'Read both documents', options: {} },
						},
						Model: model(),
						Rules: store({
							mode: 'retrieve-as-tool',
							options: {
								filter: "={{ JSON.stringify({ source: $fromAI('source', 'Document to look in') }) }}",
							},
						}),
					},
					[
						['Webhook', 'Agent'],
						['Model', 'Agent', 'ai_languageModel'],
						['Rules', 'Agent', 'ai_tool'],
					],
				),
			);
			await client.webhook(id, {});
			const results = engine.asked.at(-1)?.messages.filter(({ role }) => role === 'tool');
			expect(results?.map(({ content }) => passagesIn(content ?? '')[0]?.source)).toEqual([
				'keys.md',
				'printer.md',
			]);
		},
	);

	it.each([2.2, 3.1])('is a tool that AI Agent %s cites from by number', async (typeVersion) => {
		const id = `storeAgent${typeVersion * 10}`;
		await client.importAndPublish(
			canvas(
				id,
				{
					Webhook: webhook(id),
					Agent: {
						type: langchain('agent'),
						typeVersion,
						parameters: { promptType: 'define', text: '={{ $json.body.question }}', options: {} },
					},
					Model: model(),
					'House Rules': store({
						mode: 'retrieve-as-tool',
						toolDescription: 'The rules of the house',
						topK: 1,
					}),
				},
				[
					['Webhook', 'Agent'],
					['Model', 'Agent', 'ai_languageModel'],
					['House Rules', 'Agent', 'ai_tool'],
				],
			),
		);
		const { json } = await client.webhook(id, {
			question: 'Where is the spare key, and which paper do we use?',
		});
		expect(json).toMatchObject([{ output: 'Behind the blue door [1].' }]);
		expect(engine.asked[0]?.tools?.[0]?.function).toMatchObject({
			name: 'House_Rules',
			description: 'The rules of the house',
			parameters: { properties: { question: { type: 'string' } }, required: ['question'] },
		});
		const results = engine.asked.at(-1)?.messages.filter(({ role }) => role === 'tool');
		expect(passagesIn(results?.[0]?.content ?? '')).toMatchObject([
			{ number: 1, source: 'keys.md', text: expect.stringContaining('behind the blue door') },
		]);
		// the second search goes on counting
		expect(passagesIn(results?.[1]?.content ?? '')).toMatchObject([{ number: 2, source: 'printer.md' }]);
		const run = (await lastRun(client, id))['House Rules'];
		expect(run).toHaveLength(2);
		expect(JSON.stringify(run?.[0]?.data?.ai_tool)).toContain('keys.md');
	});
});
