// The gallery as a person meets it: each template opened in the editor, run with one click, green.
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import type { Browser, Page } from 'playwright-core';
import { keepPicture, launchBrowser, openEditor } from '../support/browser';
import { sharedHost, startHost, type Host } from '../support/n8n';
import { startTemplateEngine, type TemplateEngine } from '../support/templateEngine';
import { importGallery, mcpToken, templateNames, type Gallery } from '../support/templates';

jest.setTimeout(240_000);

/** What the editor lays over the canvas; and its dots, which make half of a picture's bytes. */
const aroundTheFlow = [
	'.tab-bar-container',
	'.vue-flow__background',
	'.vue-flow__panel',
	// the buttons with the boxes around them
	...['node-creator-plus-button', 'execute-workflow-button'].map(
		(id) => `*:has([data-test-id="${id}"]):not(:has([data-test-id="canvas-node"]))`,
	),
].join(', ');

let host: Host;
let engine: TemplateEngine;
let gallery: Gallery;
let browser: Browser;
let page: Page;

beforeAll(async () => {
	engine = await startTemplateEngine();
	const { tarball } = await sharedHost();
	host = await startHost({ tarball });
	gallery = await importGallery(host.client, engine.url);
	browser = await launchBrowser();
	page = await openEditor(browser, host.url);
});
afterAll(async () => {
	await browser.close();
	await host.remove();
	await engine.close();
});

// test/e2e/startHere.test.ts uses the first one as a person does.
it.each(templateNames.filter((name) => name !== 'start-here'))(
	'%s is opened, run, and green',
	async (name) => {
		const { id, nodes } = gallery.workflow(name);
		await page.goto(`/workflow/${id}`);
		await page.getByTestId('canvas-node').first().waitFor();
		// A flow that begins with a chat has a button for the chat instead.
		if (name !== 'agent-chat') await page.getByTestId('execute-workflow-button').first().click();
		if (name === 'mcp-search') await callSearch();
		if (name === 'agent-chat') await chat('How many days do I have to send something back?', /30 days/);
		await page
			.getByText(/Workflow executed successfully/)
			.first()
			.waitFor({ timeout: 90_000 });
		const notes = nodes.filter(({ type }) => type === 'n8n-nodes-base.stickyNote').length;
		expect(await page.getByTestId('canvas-node').count()).toBe(nodes.length - notes);
		expect(await page.getByTestId('canvas-node-status-error').count()).toBe(0);
		expect(await page.getByTestId('canvas-node-status-success').count()).toBeGreaterThan(0);
		// The message that it went well would cover the note.
		await page.locator('.el-notification__closeBtn').first().click();
		await page.getByTestId('zoom-to-fit').click();
		await page.locator('.el-notification').first().waitFor({ state: 'detached' });
		const canvas = page.getByTestId('canvas-wrapper');
		await keepPicture(page, `templates/${name}`, { part: canvas, hidden: aroundTheFlow });
	},
);

/** Executing a workflow with a chat opens the chat; it answers what is typed there, and names the documents. */
async function chat(question: string, answer: RegExp): Promise<void> {
	await page.getByTestId('workflow-chat-button').click();
	await page.getByTestId('chat-input').fill(question);
	await page.keyboard.press('Enter');
	const said = page.locator('.chat-message-from-bot').filter({ hasText: answer });
	await said.getByText('[1] returns.md').waitFor({ timeout: 60_000 });
}

/** One call by an MCP client, at the address that n8n listens at while the editor waits. */
async function callSearch(): Promise<void> {
	await page
		.getByText(/Waiting for trigger event/i)
		.first()
		.waitFor();
	const mcp = new Client({ name: 'test', version: '1.0.0' });
	await mcp.connect(
		new StreamableHTTPClientTransport(new URL(`${host.url}/mcp-test/documents`), {
			requestInit: { headers: { authorization: `Bearer ${mcpToken}` } },
		}),
	);
	await mcp.callTool({ name: 'Search_Documents', arguments: { question: 'Who pays the postage?' } });
	await mcp.close();
}
