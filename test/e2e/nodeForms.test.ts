// Each node opened from the canvas shows its form; the pictures are those of the nodes' pages.
import type { Browser, Page } from 'playwright-core';
import { keepPicture, launchBrowser, openEditor } from '../support/browser';
import { canvas, langchain, named, ours, type CanvasNode } from '../support/canvas';
import { sharedHost, type N8nClient } from '../support/n8n';

jest.setTimeout(180_000);

/** A node by the name of its picture, and a field that its form shows. */
const forms: Record<string, CanvasNode & { readonly shows: string }> = {
	'local-engine': {
		type: ours('localEngine'),
		parameters: { resource: 'chat', operation: 'answer' },
		shows: 'Passages Field',
	},
	'vector-index': {
		type: ours('vectorIndex'),
		parameters: { resource: 'documents', operation: 'sync', index: named('knowledge-base') },
		shows: 'Chunking Method',
	},
	chunker: { type: ours('chunker'), shows: 'Chunking Method' },
	'engine-gateway': { type: ours('engineGateway'), shows: 'Model Aliases' },
	experiment: {
		type: ours('experiment'),
		parameters: { resource: 'unit', operation: 'assign' },
		shows: 'Unit Field',
	},
	'chat-model': { type: ours('chatModel'), shows: 'Answer As' },
	embeddings: { type: ours('embeddings'), shows: 'Embedding Model' },
	reranker: { type: ours('reranker'), shows: 'Maximum Passages' },
	'text-splitter': { type: ours('textSplitter'), shows: 'Chunking Method' },
	'vector-store': { type: ours('vectorStore'), shows: 'Operation Mode' },
};

let client: N8nClient;
let browser: Browser;
let page: Page;

beforeAll(async () => {
	const { url, client: signedIn } = await sharedHost();
	client = signedIn;
	browser = await launchBrowser();
	page = await openEditor(browser, url);
	await page.setViewportSize({ width: 1200, height: 760 });
	const nodes = Object.fromEntries(
		Object.entries(forms).map(([name, { shows: _shows, ...node }]) => [name, node]),
	);
	await client.importWorkflow(
		canvas('nodeForms', { agent: { type: langchain('agent'), typeVersion: 3.1 }, ...nodes }, [
			['chat-model', 'agent', 'ai_languageModel'],
		]),
	);
});
afterAll(async () => await browser.close());

it.each(Object.entries(forms))('%s', async (name, { shows }) => {
	await page.goto('/workflow/nodeForms');
	await page.locator(`[data-test-id="canvas-node"][data-node-name="${name}"]`).first().dblclick();
	await page.getByText(shows, { exact: true }).first().waitFor();
	await keepPicture(page, `nodes/${name}`);
});
