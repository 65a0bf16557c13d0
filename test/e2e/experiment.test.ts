// The Experiment node and the recording switch as people see them in the editor.
import { randomUUID } from 'node:crypto';
import type { Browser, Page } from 'playwright-core';
import { keepPicture, launchBrowser, openEditor } from '../support/browser';
import { sharedHost } from '../support/n8n';

jest.setTimeout(180_000);

let browser: Browser;
let page: Page;
const id = randomUUID().replaceAll('-', '').slice(0, 16);

const node = (name: string, type: string, x: number, parameters: object, typeVersion = 1) => ({
	id: randomUUID(),
	name,
	type,
	typeVersion,
	position: [x, 0],
	parameters,
});
const to = (name: string) => ({ main: [[{ node: name, type: 'main', index: 0 }]] });

beforeAll(async () => {
	const { client, url } = await sharedHost();
	await client.importWorkflow({
		id,
		name: `experiment ${id}`,
		settings: { executionOrder: 'v1' },
		nodes: [
			node('Start', 'n8n-nodes-base.manualTrigger', 0, {}),
			node(
				'User',
				'n8n-nodes-base.set',
				200,
				{ mode: 'raw', jsonOutput: '{ "userId": "ada", "question": "When did it open?" }', options: {} },
				3.4,
			),
			node('Assign', 'n8n-nodes-local-engine.experiment', 400, { experiment: id }),
			node('Chat', 'n8n-nodes-local-engine.localEngine', 600, {
				message: '={{ $json.question }}',
				record: true,
			}),
		],
		connections: { Start: to('User'), User: to('Assign') },
	});
	browser = await launchBrowser();
	page = await openEditor(browser, url);
	await page.goto(`/workflow/${id}`);
	await page.getByTestId('canvas-node').first().waitFor();
});
afterAll(async () => await browser.close());

const open = async (name: string) => {
	await page.getByTestId('canvas-node').filter({ hasText: name }).first().dblclick();
	await page.getByTestId('parameter-input').first().waitFor();
};
const close = async () => {
	await page.keyboard.press('Escape');
	await page.getByTestId('canvas-node').first().waitFor();
};
const credential = () => page.getByText('Credential for Postgres');

it('an assignment runs in the editor with the variants it starts with', async () => {
	await page.getByTestId('execute-workflow-button').first().click();
	await page.getByText('Workflow executed successfully').first().waitFor({ timeout: 60_000 });
	await open('Assign');
	await page.getByText('Unit Field', { exact: true }).waitFor();
	expect(await page.getByText('Smallest Difference That Matters').count()).toBe(0);
	await page.getByText('isNew').first().waitFor();
	await keepPicture(page, 'experiment-assign');
	await close();
});

it('the switch shows where records go; Postgres asks for its credential only where it is used', async () => {
	await open('Chat');
	await page.getByText('Record Exchange', { exact: true }).first().scrollIntoViewIfNeeded();
	await page.getByText('Collection', { exact: true }).waitFor();
	expect(await credential().count()).toBe(0);
	await keepPicture(page, 'record-exchange');
	await page.getByTestId('parameter-input-recordBackend').click();
	await page.getByRole('option', { name: 'Postgres' }).click();
	await credential().waitFor();
	await close();
});
