import { sync, syncAll, type IngestDocument, type SyncReport } from '../../../lib/ingest';
import { createIndex, type IndexAddress, type StoredPoint, type VectorIndex } from '../../../lib/vectorIndex';
import { WordEmbedder } from '../../support/wordEmbedder';

const embedder = new WordEmbedder();

/** Version 2 has other texts for every third document. */
const documents = (version: 1 | 2 = 1): IngestDocument[] =>
	Array.from({ length: 20 }, (_, at) => ({
		source: `manual-${at}.md`,
		text: Array.from(
			{ length: 4 },
			(_, part) => `Valve ${at} part ${part} ${version === 2 && at % 3 === 0 ? 'closes' : 'opens'} at noon.`,
		).join('\n\n'),
	}));

/**
 * Rows and manifest are tied: whatever happens to the one without the other, the next sync makes it right.
 * @param newAddress gives an address nobody used yet
 */
export function staysTied(what: string, newAddress: () => IndexAddress): void {
	describe(what, () => {
		let index: VectorIndex;
		beforeEach(async () => {
			index = await newIndex();
		});

		async function newIndex(): Promise<VectorIndex> {
			const { model, dimensions, id } = await embedder.fingerprint();
			return await createIndex(newAddress(), { model, dimensions, fingerprint: id });
		}

		const store = (
			sent: readonly IngestDocument[],
			mode: 'add' | 'mirror' = 'add',
			target = index,
		): Promise<SyncReport> =>
			syncAll(sent, { index: target, embedder, chunking: { method: 'recursive', size: 40 }, mode });

		/** Without vectors: a back end may normalise them once more. */
		async function rowsOf(target = index): Promise<StoredPoint[]> {
			const rows: StoredPoint[] = [];
			for await (const row of target.scan()) rows.push({ ...row, vector: undefined });
			return rows.sort((a, b) => (a.id < b.id ? -1 : 1));
		}

		/** The rows of an index in which nothing ever happened. */
		async function undisturbed(sent: readonly IngestDocument[]): Promise<StoredPoint[]> {
			const fresh = await newIndex();
			await store(sent, 'add', fresh);
			return await rowsOf(fresh);
		}

		it('finds nothing to do where nothing happened', async () => {
			await store(documents());
			expect(await store(documents(), 'mirror')).toMatchObject({ unchanged: 20, chunks: 0, embedded: 0 });
		});

		it.each([
			['some rows of a document', 0, 1],
			['all rows of some documents', 3, 12],
			['every row', 0, 1_000],
		])('stores documents again that lost %s', async (_, from, to) => {
			await store(documents());
			const lost = (await rowsOf()).slice(from, to);
			await index.delete({ ids: lost.map(({ id }) => id) });
			const report = await store(documents());
			const torn = new Set(lost.map(({ source }) => source)).size;
			expect(report).toMatchObject({ changed: torn, unchanged: 20 - torn, failures: 0 });
			expect(await rowsOf()).toEqual(await undisturbed(documents()));
			expect(await store(documents())).toMatchObject({ unchanged: 20 });
		});

		it('brings rows of an older snapshot up to date', async () => {
			await store(documents(1));
			const old = await rowsOf();
			const vectors = new Map<string, Float32Array | undefined>();
			for await (const { id, vector } of index.scan()) vectors.set(id, vector);
			await store(documents(2));
			const now = await rowsOf();
			await index.delete({ ids: now.map(({ id }) => id) });
			await index.upsert(old.map((row) => ({ ...row, vector: vectors.get(row.id) })));
			const report = await store(documents(2));
			expect(report).toMatchObject({ changed: 7, unchanged: 13, failures: 0 });
			expect(await rowsOf()).toEqual(now);
		});

		it('keeps no ghosts when the manifest is lost', async () => {
			await store(documents(1));
			const keys: string[] = [];
			for await (const [key] of index.manifest.scan('source:')) keys.push(key);
			await index.manifest.delete(keys);
			const left = documents(2).slice(2);
			const report = await store(left, 'mirror');
			expect(report).toMatchObject({ added: 18, removed: 2, failures: 0 });
			expect(await rowsOf()).toEqual(await undisturbed(left));
		});

		it('removes rows that are nobody’s, and leaves those that were written one by one', async () => {
			await store(documents());
			const [row] = await rowsOf();
			if (!row) throw new Error('there is a row');
			await index.upsert([
				{ ...row, id: 'ghost', text: 'a ghost', generation: 'unknown' },
				{ ...row, id: 'single', text: 'written alone', generation: undefined },
			]);
			expect(await store(documents())).toMatchObject({ unchanged: 20 });
			const texts = (await rowsOf()).map(({ text }) => text);
			expect(texts).not.toContain('a ghost');
			expect(texts).toContain('written alone');
		});

		it('says of a document that it was stored again, and why', async () => {
			await store(documents());
			await index.delete({ filter: { source: 'manual-1.md' } });
			const run = sync(documents(), {
				index,
				embedder,
				chunking: { method: 'recursive', size: 40 },
				mode: 'add',
			});
			for await (const { source, state, warnings = [] } of run) {
				expect(state).toBe(source === 'manual-1.md' ? 'changed' : 'unchanged');
				expect(warnings).toEqual(
					source === 'manual-1.md' ? [expect.stringContaining('were missing from the index')] : [],
				);
			}
		});

		it('takes what two runs store at once for whole', async () => {
			const many = Array.from({ length: 400 }, (_, at) => ({ source: `${at}`, text: `Note ${at}.` }));
			const first = store(many);
			const reports = [await store(many), await store(many), await first];
			expect(reports.reduce((sum, { failures }) => sum + failures, 0)).toBe(0);
			expect(await store(many)).toMatchObject({ unchanged: 400 });
			expect(await rowsOf()).toHaveLength(400);
		});
	});
}
