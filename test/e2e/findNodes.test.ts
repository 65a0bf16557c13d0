// People find the nodes by the words that they know, in the search of n8n's own node panel.
import type { Browser, Page } from 'playwright-core';
import { launchBrowser, openEditor } from '../support/browser';
import { canvas, langchain } from '../support/canvas';
import { listedNodes, openNodePanel, openPanelAt, searchNodes } from '../support/editor';
import { sharedHost, type N8nClient } from '../support/n8n';

jest.setTimeout(240_000);

const words = {
	English: [
		...['search documents', 'chatbot', 'embeddings', 'local llm', 'local ai', 'private ai', 'self hosted ai'],
		...['self-hosted', 'offline', 'fine-tune', 'fine tuning', 'classify', 'rerank', 'chunking', 'split text'],
		...['chat with documents', 'extract data', 'upload', 'pdf', 'invoice', 'extract', 'rag', 'vector'],
		...['knowledge base', 'question answering', 'citations', 'semantic search', 'openai compatible'],
		...['gateway', 'failover', 'ab test', 'compare prompts', 'training data', 'scan', 'ocr', 'docx'],
		...[
			'llama.cpp',
			'vllm',
			'lm studio',
			'localai',
			'answer from passages',
			'delete index',
			'backup',
			'snapshot',
		],
		...['move to qdrant', 'open webui', 'own model', 'ask documents'],
	],
	German: [
		...['dokumente durchsuchen', 'wissensdatenbank', 'lokale ki', 'rechnung', 'chat mit dokumenten'],
		...['text aufteilen', 'klassifizieren', 'daten extrahieren', 'hochladen', 'fragen beantworten'],
	],
	French: [
		...['base de connaissances', 'rechercher dans les documents', 'ia locale', 'facture'],
		...['extraire des données', 'classer', 'découper le texte'],
	],
	Spanish: [
		...['base de conocimiento', 'buscar documentos', 'ia local', 'factura', 'extraer datos', 'clasificar'],
		...['subir archivos', 'dividir texto'],
	],
};

let client: N8nClient;
let browser: Browser;
let page: Page;

beforeAll(async () => {
	const { url, client: signedIn } = await sharedHost();
	client = signedIn;
	browser = await launchBrowser();
	page = await openEditor(browser, url);
});
afterAll(async () => await browser.close());

let ours: Set<string>;
beforeAll(async () => {
	const response = await fetch(`${client.url}/types/nodes.json`, { headers: { cookie: client.cookie } });
	const types = (await response.json()) as Array<{ name: string; displayName: string }>;
	ours = new Set(
		types
			.filter(({ name }) => name.startsWith('n8n-nodes-local-engine.'))
			.map(({ displayName }) => displayName),
	);
});

/** Place of our first node in what a search finds, from 1; 0 where there is none. */
async function placeOf(word: string): Promise<number> {
	return (await searchNodes(page, word)).findIndex((name) => ours.has(name)) + 1;
}

it.each(Object.entries(words))('%s words find a node of ours among the first three', async (_, list) => {
	await openNodePanel(page, 'Local Engine');
	const places: Record<string, number> = {};
	for (const word of list) places[word] = await placeOf(word);
	expect(Object.entries(places).filter(([, at]) => at < 1 || at > 3)).toEqual([]);
});

it.each(['ollama', 'transcribe'])(
	'"%s" finds ours right behind the nodes of n8n that it names',
	async (word) => {
		await openNodePanel(page, 'Local Engine');
		expect([1, 2, 3, 4]).toContain(await placeOf(word));
	},
);

it('an agent’s list of chat models shows ours among the others', async () => {
	await client.importWorkflow(
		canvas('findChatModel', { agent: { type: langchain('agent'), typeVersion: 3.1 } }, []),
	);
	await page.goto('/workflow/findChatModel');
	await openPanelAt(page, 'ai_languageModel', 'agent', 'Local Engine Chat Model');
	const names = await listedNodes(page);
	// Not behind all others, in a section of its own
	expect(names.indexOf('Local Engine Chat Model')).toBeLessThan(names.length - 1);
});
