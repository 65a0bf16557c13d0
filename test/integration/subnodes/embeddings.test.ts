// Our embeddings, reranker and text splitter under n8n's own vector store, and under ours.
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
import { sharedHost, type N8nClient } from '../../support/n8n';

jest.setTimeout(120_000);

const handbook = `# Handbook

## Workshop
The spare key hangs behind the blue door of the workshop. Whoever takes it writes a name on the list.

## Leave
The notice period for leave of more than a week is fourteen days. Shorter leave is agreed with the team.

## Printer
The printer on the second floor only takes recycled paper. Toner is in the cupboard beside it.
`;
const question = 'How long before a holiday must it be announced?';

let client: N8nClient;
beforeAll(async () => {
	({ client } = await sharedHost());
});

const embeddings: CanvasNode = { type: ours('embeddings'), parameters: { embedding: 'builtinMultilingual' } };
const reranker: CanvasNode = { type: ours('reranker'), parameters: { topN: 1 } };
const splitter: CanvasNode = {
	type: ours('textSplitter'),
	parameters: { method: 'markdown', chunkSize: '={{ $json.body.size }}', context: 'headings' },
};
const loader: CanvasNode = {
	type: langchain('documentDefaultDataLoader'),
	typeVersion: 1.1,
	parameters: {
		jsonMode: 'expressionData',
		jsonData: '={{ $json.body.text }}',
		textSplittingMode: 'custom',
		options: { metadata: { metadataValues: [{ name: 'source', value: 'handbook.md' }] } },
	},
};

/** Both stores have the modes of n8n's; `Store` is filled by one workflow and asked by another. */
function flows(id: string, store: (mode: 'insert' | 'load') => CanvasNode) {
	const feeding: Link[] = [
		['Webhook', 'Store'],
		['Loader', 'Store', 'ai_document'],
		['Splitter', 'Loader', 'ai_textSplitter'],
		['Embeddings', 'Store', 'ai_embedding'],
	];
	const asking: Link[] = [
		['Webhook', 'Store'],
		['Embeddings', 'Store', 'ai_embedding'],
		['Reranker', 'Store', 'ai_reranker'],
	];
	return [
		canvas(
			`${id}In`,
			{
				Webhook: webhook(`${id}In`),
				Store: store('insert'),
				Loader: loader,
				Splitter: splitter,
				Embeddings: embeddings,
			},
			feeding,
		),
		canvas(
			`${id}Out`,
			{ Webhook: webhook(`${id}Out`), Store: store('load'), Embeddings: embeddings, Reranker: reranker },
			asking,
		),
	];
}

interface Passage {
	document: { pageContent: string; metadata: Record<string, unknown> };
	score: number;
}

async function fillAndAsk(
	id: string,
): Promise<{ passages: Passage[]; run: Awaited<ReturnType<typeof lastRun>> }> {
	const stored = await client.webhook(`${id}In`, { text: handbook, size: 160 });
	expect(stored.status).toBe(200);
	const run = await lastRun(client, `${id}In`);
	const found = await client.webhook(`${id}Out`, { question });
	expect(found.status).toBe(200);
	return { passages: found.json as Passage[], run };
}

const shownBy = (run: Awaited<ReturnType<typeof lastRun>>, node: string, type: string) => ({
	input: run[node]?.[0]?.inputOverride?.[type]?.[0]?.[0]?.json,
	output: run[node]?.[0]?.data?.[type]?.[0]?.[0]?.json,
});

it('serve n8n’s Simple Vector Store, and each shows its work in the run panel', async () => {
	const memoryKey = { __rl: true, mode: 'list', value: 'subnodes' };
	const workflows = flows('simple', (mode) => ({
		type: langchain('vectorStoreInMemory'),
		typeVersion: 1.3,
		parameters: {
			mode,
			memoryKey,
			prompt: '={{ $json.body.question }}',
			topK: 3,
			useReranker: mode === 'load',
		},
	}));
	for (const workflow of workflows) await client.importAndPublish(workflow);
	const { passages, run } = await fillAndAsk('simple');

	expect(passages).toHaveLength(1);
	const { pageContent, metadata } = passages[0]?.document ?? { pageContent: '', metadata: {} };
	expect(pageContent).toContain('fourteen days');
	expect(metadata).toMatchObject({ source: 'handbook.md', kind: 'text', headings: ['Handbook', 'Leave'] });
	expect(handbook.slice(Number(metadata.start), Number(metadata.end))).toBe(pageContent);
	expect(passages[0]?.score).toEqual(expect.any(Number));

	const split = shownBy(run, 'Splitter', 'ai_textSplitter');
	expect(split.input).toMatchObject({ characters: handbook.length });
	expect(split.output).toMatchObject({ chunks: 3, response: [{ metadata: { start: 0 } }, {}, {}] });
	const embedded = shownBy(run, 'Embeddings', 'ai_embedding');
	expect(embedded.input).toMatchObject({ texts: 3 });
	expect(embedded.output).toMatchObject({
		response: { model: 'multilingual-e5-small', dimensions: 384, vectors: 3 },
	});
	const asked = await lastRun(client, 'simpleOut');
	expect(shownBy(asked, 'Embeddings', 'ai_embedding').input).toEqual({ query: question });
	const reranked = shownBy(asked, 'Reranker', 'ai_reranker');
	expect(reranked.input).toMatchObject({ query: question, documents: [{}, {}, {}] });
	expect(reranked.output).toMatchObject({ rerankedBy: 'built-in', response: [{ pageContent }] });
});

it('serve our own vector store as connected nodes', async () => {
	const workflows = flows('connected', (mode) => ({
		type: ours('vectorStore'),
		parameters: {
			mode,
			index: named('connected'),
			embedding: 'connected',
			queryEmbedding: 'connected',
			rerank: 'connected',
			queryText: '={{ $json.body.question }}',
		},
	}));
	for (const workflow of workflows) await client.importAndPublish(workflow);
	const { passages } = await fillAndAsk('connected');
	expect(passages).toHaveLength(1);
	expect(passages[0]?.document).toMatchObject({
		pageContent: expect.stringContaining('fourteen days'),
		metadata: { source: 'handbook.md', context: 'Handbook > Leave', headings: ['Handbook', 'Leave'] },
	});
	const asked = await lastRun(client, 'connectedOut');
	expect(shownBy(asked, 'Embeddings', 'ai_embedding').input).toEqual({ query: question });
	expect(shownBy(asked, 'Reranker', 'ai_reranker').output).toMatchObject({ rerankedBy: 'built-in' });
});

it('says what is wrong at the node that is wrong', async () => {
	await client.webhook('simpleIn', { text: handbook, size: 0 });
	const run = await lastRun(client, 'simpleIn');
	expect(run.Splitter?.[0]).toMatchObject({
		executionStatus: 'error',
		error: {
			message: expect.stringContaining('"Chunk Size" should be a whole number of at least 1, but is 0'),
		},
	});
});
