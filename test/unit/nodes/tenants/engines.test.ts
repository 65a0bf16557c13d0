// Every operation that embeds asks each item's own engine, where the credential's address is an expression.
import { createServer } from 'node:http';
import { listenLocally } from '../../../support/listen';
import { itemsOf, runFor, TENANTS, type Tenant, useFolder } from './tenants';

useFolder();

interface EmbeddingEngine {
	readonly url: string;
	/** Every text it was asked to embed. */
	readonly texts: string[];
	close(): Promise<void>;
}

const LETTERS = 8;

/** The same vectors from each engine: they hold the same model. */
const vectorOf = (text: string): number[] => {
	const vector = new Array<number>(LETTERS).fill(0.1);
	for (const letter of text) vector[letter.charCodeAt(0) % LETTERS]! += 1;
	return vector;
};

async function startEmbeddingEngine(): Promise<EmbeddingEngine> {
	const texts: string[] = [];
	const server = createServer((request, response) => {
		const parts: Buffer[] = [];
		request.on('data', (part: Buffer) => parts.push(part));
		request.on('end', () => {
			response.setHeader('content-type', 'application/json');
			if (request.method === 'GET') {
				response.end(JSON.stringify({ object: 'list', data: [{ id: 'letters', object: 'model' }] }));
				return;
			}
			const { input } = JSON.parse(Buffer.concat(parts).toString()) as { input: string | string[] };
			const asked = [input].flat();
			texts.push(...asked);
			const data = asked.map((text, index) => ({ object: 'embedding', index, embedding: vectorOf(text) }));
			response.end(
				JSON.stringify({
					object: 'list',
					model: 'letters',
					data,
					usage: { prompt_tokens: 1, total_tokens: 1 },
				}),
			);
		});
	});
	return { ...(await listenLocally(server)), texts };
}

let engines: EmbeddingEngine[];
beforeAll(async () => {
	engines = await Promise.all(TENANTS.map(startEmbeddingEngine));
});
afterAll(async () => {
	await Promise.all(engines.map(async (engine) => await engine.close()));
});
beforeEach(() => {
	for (const { texts } of engines) texts.splice(0);
});

const engineOfItem = {
	node: { credentials: { localEngineApi: { id: '1', name: 'engine' } } },
	credentials: (_type: string, item: number) => ({
		dialect: 'openai',
		baseUrl: engines[item]?.url,
		embeddingModel: 'letters',
	}),
};
/** Another text for each test: vectors of texts that were seen are not asked for again. */
const secretOf = (tenant: Tenant, test: string): string => `The secret of ${tenant} for ${test}.`;
const shared = { backend: 'embedded', index: 'shared', embedding: 'engine' };
const loader = {
	processItem: async ({ json }: { json: { text: string } }) => [{ pageContent: json.text, metadata: {} }],
};

const cases: Record<string, object> = {
	'localEngine: embedding.embed': { embedding: 'engine', role: 'document' },
	'vectorIndex: documents.sync': { ...shared, context: 'none' },
	'vectorIndex: documents.upsert': shared,
	'vectorStore: insert': shared,
	'vectorIndex: index.evaluate': { ...shared, modes: ['vector'], questionField: 'text' },
};

test.each(Object.entries(cases))('%s', async (name, parameters) => {
	await runFor('vectorIndex: index.create', shared, [{ json: {} }], engineOfItem);
	const items = itemsOf((tenant) => ({
		json: { source: `${tenant}.md`, text: secretOf(tenant, name), sources: [`${tenant}.md`] },
	}));
	await runFor(name, parameters, items, { ...engineOfItem, connected: loader });
	// a document's name may stand before its text
	const secrets = engines.map(({ texts }) => [
		...new Set(texts.flatMap((text) => /The secret of .*$/.exec(text) ?? [])),
	]);
	expect(secrets).toEqual(TENANTS.map((tenant) => [secretOf(tenant, name)]));
});

test('a mirror is refused when its items use different engines', async () => {
	const items = itemsOf((tenant) => ({ json: { source: `${tenant}.md`, text: secretOf(tenant, 'mirror') } }));
	await expect(
		runFor('vectorIndex: documents.sync', { ...shared, syncMode: 'mirror' }, items, engineOfItem),
	).rejects.toThrow('need the same chunking, context, embedding model and engine');
});
