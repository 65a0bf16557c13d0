// The cases of LangChain's standard suite for embeddings (langchain-tests, EmbeddingsIntegrationTests, by name; the
// JavaScript suite has none), on what the node supplies: both built-in models, and an engine.
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createEmbedder } from '../../../../lib/embedding';
import { EnginePool } from '../../../../lib/engine';
import { Embeddings } from '../../../../nodes/Embeddings/Embeddings.node';
import type { SuppliedEmbeddings } from '../../../../nodes/shared/langchain/embeddings';
import { embedderBehind, embedderFrom, embeddingsOf } from '../../../../nodes/shared/langchain/embeddings';
import { panelOf } from '../../../support/panel';

let server: Server;
let baseUrl: string;
const asked: Array<{ input: string[]; model: string; dimensions?: number }> = [];

beforeAll(async () => {
	server = createServer((request, response) => {
		let body = '';
		request.on('data', (part: Buffer) => (body += part.toString()));
		request.on('end', () => {
			response.setHeader('content-type', 'application/json');
			if (request.method === 'GET') {
				const data = ['nomic-embed-text', 'own-model'].map((id) => ({ id, object: 'model' }));
				response.end(JSON.stringify({ object: 'list', data }));
				return;
			}
			const sent = JSON.parse(body) as (typeof asked)[number];
			asked.push(sent);
			const data = sent.input.map((text, i) => ({
				object: 'embedding',
				index: i,
				embedding: Array.from(
					{ length: sent.dimensions ?? 8 },
					(_, k) => ((text.charCodeAt(text.length - 1 - k) || 1) % 31) + 1,
				),
			}));
			response.end(JSON.stringify({ object: 'list', model: sent.model, data, usage: { prompt_tokens: 1 } }));
		});
	});
	await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
	baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => {
	server.closeAllConnections();
	server.close();
});

async function supplied(parameters: Record<string, unknown>) {
	const { context, panel } = panelOf({
		parameters,
		node: { credentials: { localEngineApi: { id: '1', name: 'engine' } } },
	});
	Object.assign(context, {
		getCredentials: async () => ({ dialect: 'openai', baseUrl, embeddingModel: 'nomic-embed-text' }),
	});
	const { response } = await new Embeddings().supplyData.call(context, 0);
	return { embeddings: response as SuppliedEmbeddings, panel };
}

describe.each([
	['the multilingual built-in model', { embedding: 'builtinMultilingual' }, 384],
	['the English built-in model', { embedding: 'builtinEnglish' }, 384],
	['the fast built-in model', { embedding: 'builtinFast' }, 256],
	['an engine', { embedding: 'engine', options: {} }, 8],
])('LangChain’s standard cases for embeddings, on %s', (_name, parameters, dimensions) => {
	it('embed query: the same number of numbers for every text', async () => {
		const { embeddings } = await supplied(parameters);
		const one = await embeddings.embedQuery('foo');
		const other = await embeddings.embedQuery('bar bar');
		expect([one.length, other.length]).toEqual([dimensions, dimensions]);
		expect([...one, ...other].every((value) => typeof value === 'number' && Number.isFinite(value))).toBe(
			true,
		);
	});

	it('embed documents: a vector for each text, all of one length', async () => {
		const { embeddings } = await supplied(parameters);
		const vectors = await embeddings.embedDocuments(['foo', 'bar', 'baz']);
		expect(vectors.map(({ length }) => length)).toEqual([dimensions, dimensions, dimensions]);
		expect(vectors[0]).not.toEqual(vectors[1]);
	});
});

describe('an engine’s embeddings', () => {
	it('put before questions and documents what the model is known to want', async () => {
		const { embeddings } = await supplied({ embedding: 'engine', options: {} });
		asked.length = 0;
		await embeddings.embedQuery('where is it');
		await embeddings.embedDocuments(['it is here']);
		expect(asked.flatMap(({ input }) => input)).toEqual([
			'search_query: where is it',
			'search_document: it is here',
		]);
	});

	it('use the prefixes, the batch size and the dimensions of the node', async () => {
		const options = { queryPrefix: '', documentPrefix: 'D: ', batchSize: 2, dimensions: 4 };
		const { embeddings } = await supplied({ embedding: 'engine', model: 'own-model', options });
		await embeddings.embedQuery('first');
		asked.length = 0;
		const vectors = await embeddings.embedDocuments(['a', 'b', 'c']);
		expect(vectors.map(({ length }) => length)).toEqual([4, 4, 4]);
		expect(asked.map(({ input }) => input)).toEqual([['D: a', 'D: b'], ['D: c']]);
		expect(asked[0]).toMatchObject({ model: 'own-model', dimensions: 4 });
	});
});

describe('the run panel', () => {
	it('shows texts and what a person can use of the vectors', async () => {
		const { embeddings, panel } = await supplied({ embedding: 'builtinFast' });
		await embeddings.embedDocuments(Array.from({ length: 30 }, (_, i) => `text ${i}`));
		expect(panel[0]).toMatchObject({
			connection: 'ai_embedding',
			input: { texts: 30, documents: expect.any(Array) },
			output: { response: { model: 'static-minilm-256', dimensions: 256, vectors: 30 } },
		});
		expect(panel[0]?.input.documents).toHaveLength(20);
	});

	it('shows an error, which is the node’s own', async () => {
		const { embeddings, panel } = await supplied({ embedding: 'builtinFast' });
		await expect(embeddings.embedQuery(' ')).rejects.toMatchObject({
			message: 'The question is empty.',
			functionality: 'configuration-node',
		});
		expect(panel[0]?.output).toBeInstanceOf(Error);
	});
});

describe('a connected embeddings node', () => {
	const vectorsOf = (texts: string[]) => texts.map((text) => [text.length, 1]);
	const foreign = (vectors = vectorsOf) => ({
		model: 'foreign-model',
		batches: [] as number[],
		async embedDocuments(texts: string[]) {
			this.batches.push(texts.length);
			return vectors(texts);
		},
		embedQuery: async () => [1, 2],
	});

	it('of another package is an embedder that is known by its model', async () => {
		const embeddings = foreign();
		const embedder = embedderFrom(embeddings);
		expect(await embedder.fingerprint()).toMatchObject({ model: 'foreign-model', dimensions: 2 });
		embeddings.batches.length = 0;
		const vectors = [];
		for await (const { vector } of embedder.embedDocuments(Array.from({ length: 130 }, () => 'abc')))
			vectors.push(vector);
		expect(vectors).toHaveLength(130);
		expect(vectors[129]).toEqual(Float32Array.of(3, 1));
		expect(embeddings.batches).toEqual([64, 64, 2]);
		expect(await embedder.embedQuery('x')).toEqual(Float32Array.of(1, 2));
	});

	it('of ours keeps the identity of its model, so that an index knows it again', async () => {
		const pool = new EnginePool([{ dialect: 'openai', baseUrl }]);
		const own = createEmbedder({ pool, model: 'nomic-embed-text' });
		const embedder = embedderFrom(embeddingsOf(own));
		expect((await embedder.fingerprint()).id).toBe((await own.fingerprint()).id);
		expect(embedderBehind(embeddingsOf(own))).toBe(own);
		await pool.close();
	});

	it('that loses a vector, or is none at all, is refused', async () => {
		const embedder = embedderFrom(foreign((texts) => vectorsOf(texts).slice(1)));
		const read = async () => {
			for await (const each of embedder.embedDocuments(['a', 'b'])) expect(each).toBeDefined();
		};
		await expect(read()).rejects.toThrow('was to embed 2 texts and gave 1 vectors');
		expect(() => embedderFrom({ embedQuery: () => [] })).toThrow('is not an embeddings node');
	});
});
