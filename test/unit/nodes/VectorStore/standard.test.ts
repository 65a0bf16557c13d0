// The cases of LangChain's standard suite for vector stores, on the store that the node supplies. In JavaScript the suite
// (@langchain/standard-tests) has chat models alone and is not in the npm registry; these are the cases of the Python one
// (langchain-tests, VectorStoreIntegrationTests) by name. One exception: every document comes back with the "source" that
// each row of an index has, so metadata is compared by what was put in.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { VectorStore } from '@langchain/core/vectorstores';
import { builtinEmbedder } from '../../../../lib/embedding';
import { createIndex, type VectorIndex } from '../../../../lib/vectorIndex';
import { vectorStoreOf } from '../../../../nodes/shared/langchain/store';

const directory = mkdtempSync(path.join(tmpdir(), 'local-engine-store-'));
const embedder = builtinEmbedder({ tier: 'fast' });
let index: VectorIndex;
let store: ReturnType<typeof storeOver>;
let count = 0;

function storeOver(filter?: { [field: string]: string }) {
	return vectorStoreOf({
		index,
		embedder,
		filter,
		search: async (question, settings) =>
			await index.search({
				...settings,
				mode: 'hybrid',
				text: question,
				vector: await embedder.embedQuery(question),
			}),
	}) as VectorStore & {
		getByIds(ids: readonly string[]): Promise<Array<{ id: string; pageContent: string }>>;
	};
}

beforeEach(async () => {
	const { model, dimensions, id } = await embedder.fingerprint();
	index = await createIndex(
		{ backend: 'embedded', directory, name: `store-${count++}` },
		{ model, dimensions, fingerprint: id },
	);
	store = storeOver();
});
afterAll(() => rmSync(directory, { recursive: true, force: true, maxRetries: 10, retryDelay: 200 }));

const foo = { pageContent: 'foo', metadata: { id: 1 } };
const bar = { pageContent: 'bar', metadata: { id: 2 } };
const baz = { pageContent: 'baz', metadata: { id: 3 } };

describe('LangChain’s standard cases for vector stores', () => {
	it('vectorstore is empty', async () => {
		expect(await store.similaritySearch('foo', 1)).toEqual([]);
	});

	it('add documents', async () => {
		const ids = await store.addDocuments([foo, bar]);
		expect(await store.similaritySearch('bar', 2)).toMatchObject([
			{ ...bar, id: ids?.[1] },
			{ ...foo, id: ids?.[0] },
		]);
	});

	it('vectorstore still empty', async () => {
		expect(await store.similaritySearch('foo', 1)).toEqual([]);
	});

	it('deleting documents', async () => {
		expect(await store.addDocuments([foo, bar], { ids: ['1', '2'] })).toEqual(['1', '2']);
		await store.delete({ ids: ['1'] });
		expect(await store.similaritySearch('foo', 1)).toMatchObject([{ ...bar, id: '2' }]);
	});

	it('deleting bulk documents', async () => {
		await store.addDocuments([foo, bar, baz], { ids: ['1', '2', '3'] });
		await store.delete({ ids: ['1', '2'] });
		expect(await store.similaritySearch('foo', 1)).toMatchObject([{ ...baz, id: '3' }]);
	});

	it('delete missing content', async () => {
		await expect(store.delete({ ids: ['1'] })).resolves.toBeUndefined();
		await expect(store.delete({ ids: ['1', '2', '3'] })).resolves.toBeUndefined();
	});

	it('add documents with ids is idempotent', async () => {
		await store.addDocuments([foo, bar], { ids: ['1', '2'] });
		await store.addDocuments([foo, bar], { ids: ['1', '2'] });
		const found = await store.similaritySearch('bar', 4);
		expect(found).toMatchObject([
			{ ...bar, id: '2' },
			{ ...foo, id: '1' },
		]);
		expect(found).toHaveLength(2);
	});

	it('add documents by id with mutation', async () => {
		await store.addDocuments([foo, bar], { ids: ['1', '2'] });
		const changed = { pageContent: 'new foo', metadata: { id: 1, some_other_field: 'foo' } };
		await store.addDocuments([changed], { ids: ['1'] });
		expect(await store.similaritySearch('new foo', 2)).toMatchObject([
			{ ...changed, id: '1' },
			{ ...bar, id: '2' },
		]);
	});

	it('get by ids', async () => {
		await store.addDocuments([foo, bar], { ids: ['1', '2'] });
		expect(await store.getByIds(['1', '2'])).toMatchObject([
			{ ...foo, id: '1' },
			{ ...bar, id: '2' },
		]);
	});

	it('get by ids missing', async () => {
		expect(await store.getByIds(['1', '2', '3'])).toEqual([]);
	});

	it('add documents documents', async () => {
		const ids = (await store.addDocuments([foo, bar])) ?? [];
		expect(await store.getByIds(ids)).toMatchObject([foo, bar]);
	});

	it('add documents with existing ids', async () => {
		const ids = (await store.addDocuments([{ ...foo, id: 'foo' }, bar])) ?? [];
		expect(ids).toContain('foo');
		expect(await store.getByIds(ids)).toMatchObject([{ ...foo, id: 'foo' }, bar]);
	});
});

describe('what n8n’s nodes use', () => {
	it('is an instance of LangChain’s class and makes its retriever', async () => {
		expect(store).toBeInstanceOf(VectorStore);
		await store.addDocuments([foo, bar]);
		expect(await store.asRetriever(1).invoke('foo')).toMatchObject([foo]);
		expect(await store.asRetriever({ k: 2, searchType: 'mmr' }).invoke('foo')).toHaveLength(2);
	});

	it('searches by a vector, with the node’s filter and the call’s both applied', async () => {
		await store.addDocuments([
			{ pageContent: 'foo one', metadata: { source: 'a.md', kind: 'x' } },
			{ pageContent: 'foo two', metadata: { source: 'b.md', kind: 'x' } },
			{ pageContent: 'foo three', metadata: { source: 'a.md', kind: 'y' } },
		]);
		const vector = await store.embeddings.embedQuery('foo');
		const found = await storeOver({ source: 'a.md' }).similaritySearchVectorWithScore(vector, 5, {
			kind: 'x',
		});
		expect(found.map(([{ pageContent }]) => pageContent)).toEqual(['foo one']);
		expect(found[0]?.[1]).toBeGreaterThan(0);
	});

	it('stores vectors that were made elsewhere, and says which document could not be stored', async () => {
		const vector = await store.embeddings.embedQuery('foo');
		expect(await store.addVectors([vector], [foo], { ids: ['v'] })).toEqual(['v']);
		await expect(store.addVectors([[1, 2, 3]], [bar])).rejects.toThrow('has 3 dimensions');
		await expect(store.delete({})).rejects.toThrow('Name what to delete');
	});
});
