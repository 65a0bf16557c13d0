// The Distillation node as a person meets it: its panel in the editor, and the funnel page that Build makes.
import type { Browser, Page } from 'playwright-core';
import { funnelHtml, type Funnel } from '../../lib/distillation';
import { keepPicture, launchBrowser, openEditor } from '../support/browser';
import { sharedHost, type N8nClient } from '../support/n8n';

jest.setTimeout(180_000);

let client: N8nClient;
let browser: Browser;
let page: Page;

beforeAll(async () => {
	let url;
	({ url, client } = await sharedHost());
	browser = await launchBrowser();
	page = await openEditor(browser, url);
});
afterAll(async () => await browser.close());

const webhook = (path: string) => ({
	id: 'Webhook',
	name: 'Webhook',
	type: 'n8n-nodes-base.webhook',
	typeVersion: 2.1,
	position: [0, 0],
	webhookId: path,
	parameters: { httpMethod: 'POST', path, responseMode: 'lastNode', options: {} },
});

const workflow = (path: string, name: string, parameters: object, between: object[] = []) => {
	const nodes = [
		webhook(path),
		...between,
		{
			id: name,
			name,
			type: 'n8n-nodes-local-engine.distillation',
			typeVersion: 1,
			position: [300, 0],
			parameters: { recordBackend: 'sqlite', collection: 'panel', ...parameters },
		},
	] as Array<{ readonly name: string }>;
	const connections = Object.fromEntries(
		nodes
			.slice(0, -1)
			.map(({ name: from }, index) => [
				from,
				{ main: [[{ node: nodes[index + 1]?.name, type: 'main', index: 0 }]] },
			]),
	);
	return { id: path, name, nodes, connections };
};

test('the panel of Build shows its fields with their options, and the funnel page what each gate did', async () => {
	const split = {
		id: 'Items',
		name: 'Items',
		type: 'n8n-nodes-base.splitOut',
		typeVersion: 1,
		position: [150, 0],
		parameters: { fieldToSplitOut: 'body.items', options: {} },
	};
	await client.importAndPublish(
		workflow('panel-add', 'Record', { resource: 'record', operation: 'add', mapping: 'auto' }, [split]),
	);
	const words = (number: number) =>
		Array.from({ length: 14 }, (_, word) => `word${number * 14 + word}`).join(' ');
	const items = Array.from({ length: 60 }, (_, number) => ({
		id: `e${number}`,
		prompt: `Question ${number} about ${words(number)}?`,
		answer:
			number % 10 === 3
				? 'I’m sorry, but I can’t help with that.'
				: number % 10 === 7
					? ''
					: `Answer: ${words(number === 41 ? 40 : number + 100)}, by me${number}@firma.de.`,
	}));
	expect((await client.webhook('panel-add', { items })).status).toBe(200);
	const build = workflow('panel-build', 'Build Data Set', {
		resource: 'dataSet',
		operation: 'build',
		dataSetName: 'panel',
		target: 'folder',
		options: { maxTokens: 4096, perSource: 500, testShare: 0.1 },
	});
	await client.importAndPublish(build);
	const { json } = await client.webhook('panel-build', {});
	expect(json).toMatchObject({ funnel: { input: 60 } });

	await page.goto('/workflow/panel-build');
	await page.getByTestId('canvas-node').filter({ hasText: 'Build Data Set' }).first().dblclick();
	await page.getByTestId('parameter-input-exportFormat').first().waitFor();
	await page.getByTestId('parameter-input-dataSetName').first().waitFor();
	await keepPicture(page, 'distillation-build');

	await page.setContent(funnelHtml((json as { funnel: Funnel }).funnel));
	await page.getByText('refusal').first().waitFor();
	await keepPicture(page, 'distillation-funnel');
});
