// Each node opened from the canvas shows its form; the pictures are those of the nodes' pages.
import type { Browser, Page } from 'playwright-core';
import { keepPicture, launchBrowser, openEditor } from '../support/browser';
import { canvas, langchain, named, ours, type CanvasNode } from '../support/canvas';
import { sharedHost } from '../support/n8n';

jest.setTimeout(180_000);

/** A node by the name of its picture, and a field that its form shows. The Text Splitter has the fields of the Chunker. */
const forms: Record<string, CanvasNode & { readonly shows: string }> = {
	'vector-index': {
		type: ours('vectorIndex'),
		parameters: { resource: 'documents', operation: 'sync', index: named('knowledge-base') },
		shows: 'Index',
	},
	chunker: { type: ours('chunker'), shows: 'Text Field' },
	'engine-gateway': { type: ours('engineGateway'), shows: 'Serve At' },
	reports: { type: ours('reports'), shows: 'Authentication' },
	'chat-model': { type: ours('chatModel'), shows: 'Model' },
	embeddings: { type: ours('embeddings'), shows: 'Embedding Model' },
	reranker: { type: ours('reranker'), shows: 'Model' },
	'vector-store': { type: ours('vectorStore'), shows: 'Operation Mode' },
};

let browser: Browser;
let page: Page;

beforeAll(async () => {
	const { url, client } = await sharedHost();
	browser = await launchBrowser();
	page = await openEditor(browser, url);
	const nodes = Object.entries(forms).map(([name, { type, parameters = {} }]) => [
		name,
		{ type, parameters },
	]);
	await client.importWorkflow(
		canvas(
			'nodeForms',
			{ agent: { type: langchain('agent'), typeVersion: 3.1 }, ...Object.fromEntries(nodes) },
			[['chat-model', 'agent', 'ai_languageModel']],
		),
	);
});
afterAll(async () => await browser.close());

it.each(Object.entries(forms))('%s shows its form', async (name, { shows }) => {
	await page.goto('/workflow/nodeForms');
	await page.locator(`[data-test-id="canvas-node"][data-node-name="${name}"]`).first().dblclick();
	await page.getByText(shows, { exact: true }).first().waitFor();
	// the form slides in
	await page.waitForTimeout(1_000);
	await keepPicture(page, `nodes/${name}`, {
		part: page.getByTestId('node-parameters').first(),
		// n8n's own link at the end of a form
		hidden: '[class*="featureRequest"]',
		trimmed: true,
	});
});
