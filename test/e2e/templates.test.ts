// The gallery as a person meets it: each template opened in the editor, run with one click, green.
import type { Browser, Page } from 'playwright-core';
import { keepPicture, launchBrowser, openEditor } from '../support/browser';
import { sharedHost, startHost, type Host } from '../support/n8n';
import { startTemplateEngine, type TemplateEngine } from '../support/templateEngine';
import { importGallery, templateNames, type Gallery } from '../support/templates';

jest.setTimeout(240_000);

/** What the editor lays over the canvas; and its dots, which make half of a picture's bytes. */
const aroundTheFlow = '[data-test-id="tab-bar-container"], .vue-flow__background, .vue-flow__panel';

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

it.each(templateNames)('%s is opened, run with one click, and green', async (name) => {
	const { id, nodes } = gallery.workflow(name);
	await page.goto(`/workflow/${id}`);
	const canvas = page.getByTestId('canvas-wrapper');
	await page.getByTestId('canvas-node').first().waitFor();
	await page.getByTestId('execute-workflow-button').first().click();
	await page
		.getByText(/Workflow executed successfully/)
		.first()
		.waitFor({ timeout: 90_000 });
	const sticky = nodes.filter(({ type }) => type === 'n8n-nodes-base.stickyNote').length;
	expect(await page.getByTestId('canvas-node').count()).toBe(nodes.length - sticky);
	expect(await page.getByTestId('canvas-node-status-error').count()).toBe(0);
	expect(await page.getByTestId('canvas-node-status-success').count()).toBeGreaterThan(1);
	// The message that it went well would cover the note.
	await page.locator('.el-notification__closeBtn').first().click();
	await page.getByTestId('zoom-to-fit').click();
	await page.locator('.el-notification').first().waitFor({ state: 'detached' });
	await keepPicture(canvas, `templates/${name}`, aroundTheFlow);
});
