// What a person sees in n8n's editor, in a real browser: nodes in the panel, the credential form, a template opened and run.
import { readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { canvas, langchain } from '../support/canvas';
import { keepPicture, launchBrowser, openEditor } from '../support/browser';
import { openNodePanel, openPanelAt } from '../support/editor';
import { sharedHost, templateFor, publishKnowledgeBase, type N8nClient } from '../support/n8n';

jest.setTimeout(180_000);

const root = path.join(__dirname, '..', '..');
const manifest = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8')) as {
	name: string;
	n8n: { nodes: string[] };
};

let url: string;
let client: N8nClient;
let browser: Browser;
let page: Page;

beforeAll(async () => {
	({ url, client } = await sharedHost());
	browser = await launchBrowser();
	page = await openEditor(browser, url);
});
afterAll(async () => await browser.close());

/** The part of the browser's HTMLImageElement that is looked at (this project's types are Node's). */
interface PictureElement {
	decode(): Promise<void>;
	readonly naturalWidth: number;
}

interface NodeType {
	name: string;
	displayName: string;
	description: string;
	outputs: string[] | string;
	codex?: { subcategories?: Record<string, string[]> };
}

/** Nodes of this package; a node that an agent may use is listed a second time as its tool, which is left out. */
async function ownNodes(): Promise<NodeType[]> {
	const response = await fetch(`${url}/types/nodes.json`, { headers: { cookie: client.cookie } });
	return ((await response.json()) as NodeType[]).filter(
		({ name }) => name.startsWith(`${manifest.name}.`) && !name.endsWith('Tool'),
	);
}

const isRoot = ({ codex }: NodeType) => codex?.subcategories?.AI?.includes('Root Nodes') === true;

/** A node is in the open panel with its own icon and description. */
async function findInPanel({ displayName, description }: NodeType): Promise<void> {
	const item = page
		.getByTestId('item-iterator-item')
		.filter({ has: page.getByTestId('node-creator-item-name').getByText(displayName, { exact: true }) })
		.filter({ hasText: description })
		.first();
	await item.waitFor();
	const icon = item.locator('img').first();
	expect(await icon.getAttribute('src')).toContain(`/icons/${manifest.name}/`);
	expect(
		await icon.evaluate((image: PictureElement) => image.decode().then(() => image.naturalWidth)),
	).toBeGreaterThan(0);
}

/** A node of n8n for each kind of sub-node, to be added at its connector. */
const parents = canvas(
	'e2eConnectors',
	{
		ai_languageModel: { type: langchain('agent'), typeVersion: 3.1 },
		ai_embedding: { type: langchain('vectorStoreInMemory'), typeVersion: 1.3, parameters: { mode: 'load' } },
		ai_reranker: {
			type: langchain('vectorStoreInMemory'),
			typeVersion: 1.3,
			parameters: { mode: 'load', useReranker: true },
		},
		ai_textSplitter: {
			type: langchain('documentDefaultDataLoader'),
			typeVersion: 1.1,
			parameters: { textSplittingMode: 'custom' },
		},
	},
	[],
);

describe('the panel of nodes', () => {
	it('shows every node with its icon and its description', async () => {
		const nodes = await ownNodes();
		expect(nodes).toHaveLength(manifest.n8n.nodes.length);
		for (const node of nodes.filter(isRoot)) {
			await openNodePanel(page, node.displayName);
			await findInPanel(node);
		}
	});

	it('shows every sub-node at the connector that it fits', async () => {
		await client.importWorkflow(parents);
		for (const node of (await ownNodes()).filter((each) => !isRoot(each))) {
			await page.goto(`/workflow/${parents.id}`);
			const input = node.outputs[0] ?? '';
			await openPanelAt(page, input, input, node.displayName);
			await findInPanel(node);
		}
	});
});

/** The least that an OpenAI-compatible engine answers: its models, for the right key only. */
async function startEngine(key: string): Promise<{ server: Server; baseUrl: string; asked: string[] }> {
	const asked: string[] = [];
	const server = createServer((request, response) => {
		asked.push(`${request.method} ${request.url}`);
		response.setHeader('content-type', 'application/json');
		if (request.headers.authorization !== `Bearer ${key}`) {
			response.writeHead(401).end(JSON.stringify({ error: { message: 'wrong key' } }));
		} else if (request.url === '/v1/models') {
			response.end(JSON.stringify({ object: 'list', data: [{ id: 'test-model', object: 'model' }] }));
		} else {
			response.writeHead(404).end(JSON.stringify({ error: { message: 'no such path' } }));
		}
	});
	await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
	return { server, baseUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, asked };
}

describe('the credential form', () => {
	const save = async () => {
		await page.getByTestId('credential-save-button').click();
	};

	it('is filled, tested against an engine, and says so when the engine refuses', async () => {
		const { server, baseUrl, asked } = await startEngine('right-key');
		try {
			await page.goto('/home/credentials/create');
			const search = page.getByTestId('new-credential-type-select').locator('input').first();
			await search.fill('Local Engine API');
			await page
				.getByTestId('new-credential-type-select-option')
				.filter({ hasText: 'Local Engine API' })
				.first()
				.click();
			await page.getByTestId('new-credential-type-button').click();
			const field = (name: string) => page.getByTestId(`parameter-input-${name}`).locator('input').first();
			await field('dialect').click();
			await page.getByRole('option', { name: 'OpenAI-Compatible' }).click();
			await field('baseUrl').fill(baseUrl);
			await field('apiKey').fill('wrong-key');
			await save();
			await page
				.getByText(/Couldn.t connect with these settings/)
				.first()
				.waitFor();
			expect(asked).toContain('GET /v1/models');

			await field('apiKey').fill('right-key');
			await save();
			await page
				.getByText(/Connection tested successfully/)
				.first()
				.waitFor();
			await keepPicture(page, 'credential');
		} finally {
			server.close();
		}
	});
});

describe('a template', () => {
	it('is opened, run, and shows its output', async () => {
		const suite = 'e2e';
		const { ingest } = await publishKnowledgeBase(client, suite);
		const stored = await ingest({
			documents: [{ source: 'keys.md', text: 'The spare key hangs behind the blue door of the workshop.' }],
		});
		expect(stored.json).toMatchObject({ added: 1 });

		await page.goto(`/workflow/${templateFor('knowledge-base-ask', suite).id}`);
		await page.getByTestId('canvas-node').first().waitFor();
		await page.getByTestId('execute-workflow-button').first().click();
		await page
			.getByText(/Waiting for trigger event/i)
			.first()
			.waitFor();
		const response = await fetch(`${url}/webhook-test/${suite}/knowledge-base/ask`, {
			method: 'POST',
			headers: { 'content-type': 'application/json' },
			body: JSON.stringify({ question: 'Where does the spare key hang?' }),
		});
		expect(response.status).toBe(200);
		expect(((await response.json()) as { answer: string }).answer).toContain('behind the blue door');
		await page
			.getByText(/Workflow executed successfully/)
			.first()
			.waitFor();

		await page.getByTestId('canvas-node').filter({ hasText: 'Answer From Passages' }).first().dblclick();
		const output = page.getByTestId('output-panel').or(page.getByTestId('ndv-output-panel')).first();
		await output
			.getByText(/behind the blue door/)
			.first()
			.waitFor();
		await output.getByText('keys.md').first().waitFor();
		await keepPicture(page, 'answer-from-passages');
	});
});
