import type { Filter, Hit, IndexAddress, IndexSettings, Point, VectorIndex } from '../../../lib/vectorIndex';
import {
	createIndex,
	createVersion,
	describeIndexes,
	dropIndex,
	IndexError,
	listIndexes,
	listVersions,
	openIndex,
	switchVersion,
} from '../../../lib/vectorIndex';
import { axis, library, randomOf } from './data';
import { randomFilter, randomRow } from './random';
import { matches } from './oracle';

/** Random filters to try; `npm test -- faults` tries 10,000. */
const FILTERS = Number(process.env.RANDOM_FILTERS ?? 400);
/** Asked at the same time: searches of a back end must not get in each other's way either. */
const AT_ONCE = 8;

/** What a back end gives the suite: an address nobody used yet. */
export type NewAddress = () => Promise<IndexAddress>;

const settings: IndexSettings = { model: 'test-model', dimensions: 4, fingerprint: 'fingerprint-a' };

function fillerOf(newAddress: NewAddress) {
	return async (
		points: readonly Point[] = library,
	): Promise<{ index: VectorIndex; address: IndexAddress }> => {
		const address = await newAddress();
		const index = await createIndex(address, settings);
		const report = await index.upsert(points);
		expect(report.failed).toEqual([]);
		return { index, address };
	};
}
const ids = (hits: ReadonlyArray<{ id: string }>): string[] => hits.map(({ id }) => id);
const collect = async <T>(items: AsyncIterable<T>): Promise<T[]> => {
	const all: T[] = [];
	for await (const item of items) all.push(item);
	return all;
};
const failure = async (promise: Promise<unknown>): Promise<IndexError> => {
	const error: unknown = await promise.then(
		() => undefined,
		(thrown: unknown) => thrown,
	);
	if (error instanceof IndexError) return error;
	throw new Error(`expected an IndexError, got ${String(error)}`);
};

/** The behaviours both back ends have. Ranking is compared by score and order, never by a back end's own raw numbers. */
export function conforms(backend: string, newAddress: NewAddress): void {
	const filled = fillerOf(newAddress);

	describe(`${backend}: an index as a whole`, () => {
		it('remembers what it was built with', async () => {
			const address = await newAddress();
			const created = await createIndex(address, { ...settings, preset: 'accurate', notes: { size: 400 } });
			const info = await (await openIndex(address)).info();
			expect(info).toMatchObject({
				name: address.name,
				backend: address.backend,
				rows: 0,
				sources: 0,
				live: true,
			});
			expect(await created.settings()).toEqual({
				...settings,
				...{ preset: 'accurate', notes: { size: 400 }, keywordAnalysis: 1 },
			});
			expect(await (await openIndex(address)).settings()).toEqual(await created.settings());
		});

		it('is made once: a second creation is refused, or opens the first when asked to', async () => {
			const { address } = await filled();
			expect((await failure(createIndex(address, settings))).kind).toBe('alreadyExists');
			expect(await (await createIndex(address, settings, { ifExists: 'open' })).count()).toBe(library.length);
		});

		it('is made once by two creations at the same moment', async () => {
			const address = await newAddress();
			const outcomes = await Promise.allSettled([1, 2, 3].map(() => createIndex(address, settings)));
			expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
			expect((await listIndexes(address)).filter((name) => name === address.name)).toHaveLength(1);
		});

		it('refuses vectors of another embedding wherever they come from', async () => {
			const { index, address } = await filled();
			const other = { fingerprint: 'fingerprint-b' };
			expect((await failure(openIndex(address, other))).kind).toBe('fingerprintMismatch');
			expect(
				(await failure(createIndex(address, { ...settings, ...other }, { ifExists: 'open' }))).kind,
			).toBe('fingerprintMismatch');
			expect((await failure(index.upsert([], other))).kind).toBe('fingerprintMismatch');
			const query = { mode: 'vector', vector: axis(4, 1), limit: 1 } as const;
			expect((await failure(index.search({ ...query, ...other }))).kind).toBe('fingerprintMismatch');
			expect((await failure(index.search({ ...query, vector: axis(3, 1) }))).kind).toBe(
				'fingerprintMismatch',
			);
			const error = await failure(openIndex(address, { dimensions: 8 }));
			expect(error.kind).toBe('fingerprintMismatch');
			expect(error.message).toContain('test-model');
		});

		it('is listed with its settings, and no more after it was dropped by typing its name', async () => {
			const { index, address } = await filled();
			expect(await listIndexes(address)).toContain(address.name);
			expect((await describeIndexes(address)).find(({ name }) => name === address.name)?.settings).toEqual({
				...settings,
				keywordAnalysis: 1,
			});
			expect((await failure(dropIndex(address, 'yes'))).kind).toBe('invalidQuery');
			expect(await index.count()).toBe(library.length);
			await dropIndex(address, address.name);
			expect(await listIndexes(address)).not.toContain(address.name);
			expect((await failure(openIndex(address))).kind).toBe('notFound');
			expect((await failure(index.search({ mode: 'keyword', text: 'cat', limit: 1 }))).kind).toBe('notFound');
			const again = await createIndex(address, settings);
			expect(await again.count()).toBe(0);
			expect(await again.manifest.get(['a'])).toEqual(new Map());
		});

		it.each(['', '../up', 'a/b', "a'; DROP", 'ünï', '.hidden', 'a'.repeat(64), 'con\0', 'a b'])(
			'refuses the name %j',
			async (name) => {
				const address = { ...(await newAddress()), name };
				expect((await failure(createIndex(address, settings))).kind).toBe('invalidName');
				expect((await failure(openIndex(address))).kind).toBe('invalidName');
				expect((await failure(dropIndex(address, name))).kind).toBe('invalidName');
			},
		);

		it('says that an index is not there', async () => {
			const address = await newAddress();
			const error = await failure(openIndex(address));
			expect(error.kind).toBe('notFound');
			expect(error.message).toContain(address.name);
			expect((await failure(listVersions(address))).kind).toBe('notFound');
		});
	});

	describe(`${backend}: writing`, () => {
		it('gives back what was put in', async () => {
			const { index } = await filled();
			const full: Point = {
				...{ id: 'full', source: 'ß/"quoted".md', text: 'Zeile 1\nZeile\t2 – 你好 😀', start: 7, end: 30 },
				...{ context: 'Titel > Teil', generation: 'g1', parent: { start: 0, end: 50, text: 'window' } },
				metadata: {
					deep: { list: [1, 'two', { three: 3.5 }] },
					empty: {},
					'dotted.key': true,
					nothing: null,
				},
				vector: axis(4, 0, 0, 0, 1),
			};
			await index.upsert([full]);
			expect(await index.get(['full'])).toEqual([full]);
			expect(await index.get(['words', 'missing', 'cats'])).toEqual([library[4], library[0]]);
		});

		it('changes nothing when written twice, and says so', async () => {
			const { index } = await filled();
			expect(await index.upsert(library)).toMatchObject({ written: 0, unchanged: library.length });
			const [cats] = library;
			const report = await index.upsert([{ ...cats!, metadata: { year: 2002 } }, library[1]!]);
			expect(report).toMatchObject({ written: 1, unchanged: 1 });
			expect(await index.count()).toBe(library.length);
			expect((await index.get(['cats']))[0]?.metadata).toEqual({ year: 2002 });
		});

		it('makes ids from source, position and text', async () => {
			const { index } = await filled([]);
			const rows = [
				{ source: 'a', text: 'same', start: 0 },
				{ source: 'a', text: 'same', start: 5 },
				{ source: 'b', text: 'same', start: 0 },
				{ source: 'a', text: 'other', start: 0 },
			];
			await index.upsert(rows);
			expect(await index.upsert([...rows, ...rows])).toMatchObject({ written: 0, unchanged: 8 });
			expect(await index.count()).toBe(4);
		});

		it('keeps the last of two rows with one id', async () => {
			const { index } = await filled([]);
			await index.upsert([
				{ id: 'x', source: 's', text: 'first' },
				{ id: 'x', source: 's', text: 'second' },
			]);
			expect((await index.get(['x'])).map(({ text }) => text)).toEqual(['second']);
			expect(await index.count()).toBe(1);
		});

		it('names the rows it cannot write and writes the others', async () => {
			const { index } = await filled([]);
			const good = { source: 'good', text: 'fine', vector: axis(4, 1) };
			const bad: unknown[] = [
				{ ...good, id: 'wrong-size', vector: axis(3, 1) },
				{ ...good, id: 'not-finite', vector: axis(4, NaN) },
				{ ...good, id: 'infinite', vector: axis(4, Infinity) },
				{ ...good, id: 'too-big', vector: Float32Array.of(1e39, 0, 0, 0) },
				{ ...good, id: 'no-text', text: undefined },
				{ ...good, id: 'no-source', source: '' },
				{ ...good, id: 'position', start: -1 },
				{ ...good, id: 'big-id'.repeat(100) },
				null,
			];
			const report = await index.upsert([...(bad as Point[]), good]);
			expect(report).toMatchObject({ written: 1, unchanged: 0, failedCount: bad.length });
			expect(report.failed.find(({ id }) => id === 'wrong-size')).toMatchObject({
				source: 'good',
				reason: expect.stringContaining('3 dimensions'),
			});
			expect(report.failed.find(({ id }) => id === 'too-big')?.reason).toContain('finite');
			expect(await index.count()).toBe(1);
		});

		it('takes thousands of rows as a stream and stops when cancelled, keeping what is complete', async () => {
			const { index } = await filled([]);
			const rows = function* (count: number): Generator<Point> {
				for (let i = 0; i < count; i++)
					yield { id: `row-${i}`, source: `s${i % 7}`, text: `word${i}`, vector: axis(4, 1, i) };
			};
			expect(await index.upsert(rows(2_500))).toMatchObject({ written: 2_500 });
			expect(await index.count()).toBe(2_500);
			const stop = new AbortController();
			const endless = async function* (): AsyncGenerator<Point> {
				for (let i = 0; ; i++) {
					if (i === 5_000) stop.abort();
					yield { id: `more-${i}`, source: 'more', text: 'more' };
				}
			};
			expect((await failure(index.upsert(endless(), { signal: stop.signal }))).kind).toBe('cancelled');
			const kept = await index.count({ source: 'more' });
			expect(kept).toBeGreaterThan(0);
			expect(kept).toBeLessThanOrEqual(5_000);
		});

		it('passes on the error of the producer as it is', async () => {
			const { index } = await filled([]);
			const broken = async function* (): AsyncGenerator<Point> {
				yield { id: 'a', source: 's', text: 't' };
				throw new RangeError('the producer broke');
			};
			await expect(index.upsert(broken())).rejects.toThrow(RangeError);
		});

		it('removes rows by id, source and filter, all of which must fit', async () => {
			const { index } = await filled();
			expect(await index.delete({ ids: ['cats', 'missing'] })).toBe(1);
			expect(await index.delete({ ids: ['dogs'], source: 'ships.md' })).toBe(0);
			expect(await index.delete({ source: 'animals.md' })).toBe(1);
			expect(await index.delete({ filter: { year: { gte: 2000 } } })).toBe(1);
			expect(ids(await collect(index.scan())).sort()).toEqual(['boats', 'words']);
			expect(await index.delete({ ids: [] })).toBe(0);
		});

		it.each<Parameters<VectorIndex['delete']>[0]>([
			{},
			{ filter: {} },
			{ filter: { and: [] } },
			{ filter: { not: { or: [] } } },
			{ filter: { year: { not: { in: [] } } } },
		])('refuses to remove everything by %j', async (what) => {
			const { index } = await filled();
			expect((await failure(index.delete(what))).kind).toBe('invalidQuery');
			expect(await index.count()).toBe(library.length);
		});
	});

	describe(`${backend}: searching`, () => {
		it('finds the nearest vectors with their cosine similarity', async () => {
			const { index } = await filled();
			const hits = await index.search({ mode: 'vector', vector: axis(4, 2, 0, 0, 0), limit: 3 });
			expect(ids(hits)).toEqual(['cats', 'dogs', expect.any(String)]);
			expect(hits[0]).toMatchObject({ source: 'animals.md', start: 0, end: 31, metadata: { year: 2001 } });
			expect(hits[0]?.score).toBeCloseTo(1, 5);
			expect(hits[1]?.score).toBeCloseTo(0.8, 5);
			expect(hits[1]?.stages).toEqual({ vector: { score: hits[1]?.score, rank: 2 } });
			expect(hits[0]).not.toHaveProperty('vector');
		});

		it('finds words whatever their case and accents, best match first', async () => {
			const { index } = await filled([...library, { id: 'cafe', source: 'x', text: 'Das CAFÉ am Meer' }]);
			expect(ids(await index.search({ mode: 'keyword', text: 'CAT mat', limit: 10 }))).toEqual([
				'cats',
				'dogs',
			]);
			const hits = await index.search({ mode: 'keyword', text: 'cafe', limit: 10 });
			expect(ids(hits)).toEqual(['cafe']);
			expect(hits[0]?.stages.keyword).toEqual({ score: hits[0]?.score, rank: 1 });
			expect(await index.search({ mode: 'keyword', text: 'unheard', limit: 10 })).toEqual([]);
			expect(await index.search({ mode: 'keyword', text: ' …!? ', limit: 10 })).toEqual([]);
		});

		it.each([
			['Kuendigungsfristen', 'Die Kündigungsfristen betragen drei Monate.'],
			['Groessenstrasse', 'Herr Müller ist in der Größenstraße 5.'],
			['Haftpflichtversicherung', 'Die Haft\u00adpflicht\u00adversiche\u00adrung deckt Schäden.'],
			['1500', 'Es kostet 1,500 Euro.'],
			['AB1234/5', 'Order code AB-1234/5'],
			['C++', 'We use C++ here'],
			['fee', 'The fees rise.'],
			['書', '図書館にて'],
			['책', '책을 읽는다'],
		])('finds %s as people type it in "%s"', async (text, found) => {
			const { index } = await filled([...library, { id: 'found', source: 'x', text: found }]);
			expect(ids(await index.search({ mode: 'keyword', text, limit: 10 }))[0]).toBe('found');
		});

		it('finds a document by its name', async () => {
			const { index } = await filled([
				...library,
				{ id: 'lease', source: 'contracts/Globex-lease.txt', text: 'It ends in nine years.' },
			]);
			for (const text of ['Globex-lease.txt', 'What does the Globex contract say?'])
				expect(ids(await index.search({ mode: 'keyword', text, limit: 1 }))).toEqual(['lease']);
		});

		it('finds words in scripts without spaces', async () => {
			const { index } = await filled([
				{ id: 'zh', source: 'x', text: '我们在北京大学学习' },
				{ id: 'ja', source: 'x', text: '東京タワーに行きました' },
				{ id: 'th', source: 'x', text: 'สวัสดีครับ' },
			]);
			expect(ids(await index.search({ mode: 'keyword', text: '北京', limit: 10 }))).toEqual(['zh']);
			expect(ids(await index.search({ mode: 'keyword', text: 'タワー', limit: 10 }))).toEqual(['ja']);
			expect(ids(await index.search({ mode: 'keyword', text: 'สวัสดี', limit: 10 }))).toEqual(['th']);
		});

		it('finds words of the context too', async () => {
			const { index } = await filled([{ id: 'c', source: 'x', text: 'plain', context: 'Chapter zebra' }]);
			expect(ids(await index.search({ mode: 'keyword', text: 'zebra', limit: 10 }))).toEqual(['c']);
		});

		it('finds rows without a vector, and with an all-zero one, by words only', async () => {
			const { index } = await filled([
				...library,
				{ id: 'zero', source: 'x', text: 'zeroed', vector: axis(4, 0) },
			]);
			const hits = await index.search({ mode: 'vector', vector: axis(4, 1, 1, 1, 1), limit: 100 });
			expect(ids(hits).sort()).toEqual(['boats', 'cats', 'dogs', 'trains']);
			expect(ids(await index.search({ mode: 'keyword', text: 'zyzzyva zeroed', limit: 10 })).sort()).toEqual([
				'words',
				'zero',
			]);
			expect(await index.search({ mode: 'vector', vector: axis(4, 0), limit: 10 })).toEqual([]);
			expect(
				ids(await index.search({ mode: 'hybrid', vector: axis(4, 0), text: 'weevil', limit: 10 })),
			).toEqual(['words']);
		});

		it('adds scaled scores of both rankings in hybrid search', async () => {
			const { index } = await filled();
			const hits = await index.search({
				mode: 'hybrid',
				vector: axis(4, 0, 0, 1, 0),
				text: 'cat mat',
				limit: 5,
				vectorWeight: 0.4,
			});
			const of = (id: string): Hit => hits.find((hit) => hit.id === id)!;
			expect(of('boats').score).toBeCloseTo(0.4, 5); // best vector, no word
			expect(of('cats').score).toBeCloseTo(0.6, 5); // best words, worst vector
			expect(of('trains').stages).toEqual({ vector: { score: of('trains').stages.vector?.score, rank: 2 } });
			expect(of('dogs').stages.keyword?.rank).toBe(2);
		});

		it('joins rankings by rank and by distribution when asked', async () => {
			const { index } = await filled(library.map((row) => ({ ...row, start: undefined }))); // no neighbours
			const query = { mode: 'hybrid', vector: axis(4, 0, 0, 1, 0), text: 'cat mat', limit: 5 } as const;
			const rrf = await index.search({ ...query, fusion: 'rrf' });
			expect(rrf.find(({ id }) => id === 'boats')?.score).toBeCloseTo(1 / 61, 6);
			const dogs = rrf.find(({ id }) => id === 'dogs')!;
			expect(dogs.score).toBeCloseTo(1 / 62 + 1 / (60 + dogs.stages.vector!.rank), 6);
			const dbsf = await index.search({ ...query, fusion: 'dbsf' });
			const total = dbsf.reduce((sum, { score }) => sum + score, 0);
			expect(total).toBeCloseTo(4 * 0.5 + 2 * 0.5, 5); // the scaled scores of a ranking average one half
		});

		it('leaves out what scores lower than asked', async () => {
			const { index } = await filled();
			const hits = await index.search({ mode: 'vector', vector: axis(4, 1), limit: 10, minScore: 0.7 });
			expect(ids(hits)).toEqual(['cats', 'dogs']);
		});

		it('gives at most so many hits of one source, looking further for others', async () => {
			const many = Array.from({ length: 300 }, (_, i) => ({
				id: `m${i}`,
				source: 'many',
				text: 'x',
				vector: axis(4, 1, (i + 1) / 10_000),
			}));
			const { index } = await filled([...many, ...library]);
			const hits = await index.search({
				mode: 'vector',
				vector: axis(4, 1, 0, 0.1),
				limit: 4,
				perSource: 1,
				candidates: 10,
			});
			expect(hits.map(({ source }) => source)).toEqual(['animals.md', 'many', 'ships.md', 'rails.md']);
		});

		it('prefers variety when asked', async () => {
			const twins = [1, 2, 3].map((i) => ({
				id: `t${i}`,
				source: 't',
				text: `version ${i}`,
				vector: axis(4, 1, i / 1_000),
			}));
			const { index } = await filled([
				...twins,
				{ id: 'other', source: 'o', text: 'other', vector: axis(4, 0.6, 0, 0.8) },
			]);
			const query = { mode: 'vector', vector: axis(4, 1), limit: 2 } as const;
			expect(ids(await index.search(query))).toEqual(['t1', 't2']);
			const varied = await index.search({ ...query, diversity: 0.7 });
			expect(ids(varied)).toEqual(['t1', 'other']);
			expect(varied[0]).not.toHaveProperty('vector');
		});

		it('lets a reranker have the last word', async () => {
			const { index } = await filled();
			const seen: string[][] = [];
			const hits = await index.search(
				{ mode: 'keyword', text: 'cat', limit: 1 },
				{
					rerank: async (_, documents) => {
						seen.push([...documents]);
						return documents.map((text, i) => ({ index: i, score: text.includes('barks') ? 0.9 : 0.1 }));
					},
				},
			);
			expect(seen).toHaveLength(1);
			expect(seen[0]).toHaveLength(2);
			expect(hits).toMatchObject([
				{ id: 'dogs', score: 0.9, stages: { keyword: {}, rerank: { score: 0.9, rank: 1 } } },
			]);
		});

		it('hands out parent windows once each, put together from the rows', async () => {
			const source = 'One two. Three four. Five six.';
			const parent = { start: 0, end: 30 };
			const cuts = [0, 9, 21].map((start, i) => ({ start, end: [8, 20, 30][i]! }));
			const rows = cuts.map(({ start, end }, i) => ({
				id: `p${i}`,
				source: 'doc',
				text: source.slice(start, end),
				start,
				end,
				parent,
				vector: axis(4, 1, i / 10),
			}));
			const { index } = await filled([
				...rows,
				{
					id: 'stored',
					source: 'other',
					text: 'x',
					vector: axis(4, 0, 1),
					parent: { start: 0, end: 4, text: 'all of x' },
				},
			]);
			const hits = await index.search({ mode: 'vector', vector: axis(4, 1), limit: 10, expandParents: true });
			expect(ids(hits)).toEqual(['p0', 'stored']);
			expect(hits[0]).toMatchObject({
				text: 'One two.',
				parent: { ...parent, text: 'One two.\nThree four.\nFive six.' },
			});
			expect(hits[1]?.parent?.text).toBe('all of x');
		});

		it('answers several questions in their order', async () => {
			const { index } = await filled();
			const answers = await index.searchMany([
				{ mode: 'vector', vector: axis(4, 1), limit: 1 },
				{ mode: 'keyword', text: 'weevil', limit: 1 },
				{ mode: 'vector', vector: axis(4, 0, 0, 1), limit: 1, exact: true },
			]);
			expect(answers.map(ids)).toEqual([['cats'], ['words'], ['boats']]);
			expect(await index.searchMany([])).toEqual([]);
		});

		it.each([
			{ mode: 'vector', limit: 3 },
			{ mode: 'hybrid', limit: 3, text: 'x' },
			{ mode: 'keyword', limit: 3 },
			{ mode: 'telepathy', limit: 3, text: 'x' },
			{ mode: 'keyword', text: 'x', limit: 0 },
			{ mode: 'keyword', text: 'x', limit: 1.5 },
			{ mode: 'keyword', text: 'x', limit: 1_001 },
			{ mode: 'keyword', text: 'x', limit: 3, diversity: 2 },
			{ mode: 'vector', vector: [1, 0, 0, 0], limit: 3 },
			{ mode: 'vector', vector: Float32Array.of(NaN, 0, 0, 0), limit: 3 },
			{ mode: 'keyword', text: 'x', limit: 3, minScore: NaN },
		])('refuses the query %j', async (query) => {
			const { index } = await filled();
			expect((await failure(index.search(query as never))).kind).toBe('invalidQuery');
		});

		it('finds new, changed and no longer deleted rows at once', async () => {
			const { index } = await filled();
			await index.upsert([{ id: 'new', source: 'n', text: 'pangolin', vector: axis(4, 0, 0, 0, 1) }]);
			const byWord = async (text: string): Promise<string[]> =>
				ids(await index.search({ mode: 'keyword', text, limit: 10 }));
			expect(await byWord('pangolin')).toEqual(['new']);
			await index.upsert([{ id: 'new', source: 'n', text: 'armadillo', vector: axis(4, 0, 0, 0, 1) }]);
			expect(await byWord('pangolin')).toEqual([]);
			expect(await byWord('armadillo')).toEqual(['new']);
			await index.delete({ ids: ['new'] });
			expect(await byWord('armadillo')).toEqual([]);
			expect(
				ids(await index.search({ mode: 'vector', vector: axis(4, 0, 0, 0, 1), limit: 10 })),
			).not.toContain('new');
		});
	});

	conformsInFilters(backend, newAddress);

	describe(`${backend}: the manifest`, () => {
		it('keeps values by key', async () => {
			const { index, address } = await filled();
			const keys = ['a', "b'c", 'doc/1', 'doc/2', 'doc%', '\0', '😀'];
			await index.manifest.put(new Map(keys.map((key, i) => [key, { i, list: [1, 'x', null] }])));
			await index.manifest.put(new Map([['a', 'replaced']]));
			const { manifest } = await openIndex(address);
			expect(await manifest.get(['a', "b'c", 'missing'])).toEqual(
				new Map<string, unknown>([
					['a', 'replaced'],
					["b'c", { i: 1, list: [1, 'x', null] }],
				]),
			);
			expect((await collect(manifest.scan('doc/'))).map(([key]) => key).sort()).toEqual(['doc/1', 'doc/2']);
			expect((await collect(manifest.scan())).map(([key]) => key).sort()).toEqual([...keys].sort());
			await manifest.delete(['a', 'missing', '\0']);
			expect((await collect(manifest.scan())).length).toBe(keys.length - 2);
			expect(await index.count()).toBe(library.length);
		});
	});

	describe(`${backend}: versions`, () => {
		it('builds beside, switches in one step, goes back, and drops the old one', async () => {
			const { index, address } = await filled();
			const before = (await index.info()).version;
			const next = await createVersion(address, { ...settings, dimensions: 3, fingerprint: 'fingerprint-b' });
			await next.upsert([{ id: 'n', source: 'n', text: 'new world', vector: axis(3, 1) }]);
			await next.manifest.put(new Map([['k', 1]]));
			expect(await index.count()).toBe(library.length);
			expect(await index.manifest.get(['k'])).toEqual(new Map());
			const { version } = await next.info();
			expect(await listVersions(address)).toMatchObject([
				{ version: before, live: true },
				{ version, live: false, settings: { dimensions: 3 } },
			]);

			await switchVersion({ ...address, version });
			const opened = await openIndex(address);
			expect(await opened.settings()).toMatchObject({ fingerprint: 'fingerprint-b' });
			expect(await opened.count()).toBe(1);
			expect(await (await openIndex({ ...address, version: before })).count()).toBe(library.length);
			expect((await failure(index.upsert(library, { fingerprint: settings.fingerprint }))).kind).toBe(
				'fingerprintMismatch',
			);

			await switchVersion({ ...address, version: before });
			expect(await (await openIndex(address)).count()).toBe(library.length);
			await dropIndex({ ...address, version }, address.name);
			expect(await listVersions(address)).toMatchObject([{ version: before, live: true }]);
			expect((await failure(switchVersion({ ...address, version }))).kind).toBe('notFound');
		});

		it('leaves no moment in which a reader finds nothing', async () => {
			const { address } = await filled();
			const next = await createVersion(address, settings);
			await next.upsert(library);
			const versions = (await listVersions(address)).map(({ version }) => version);
			let done = false;
			const reading = (async () => {
				let reads = 0;
				const reader = await openIndex(address);
				while (!done) {
					const fresh = await openIndex(address);
					for (const index of [reader, fresh]) {
						expect(ids(await index.search({ mode: 'vector', vector: axis(4, 1), limit: 1 }))).toEqual([
							'cats',
						]);
						reads += 1;
					}
				}
				return reads;
			})();
			for (let i = 0; i < 10; i++) await switchVersion({ ...address, version: versions[i % 2]! });
			done = true;
			expect(await reading).toBeGreaterThan(0);
		});

		it('does not drop the live one', async () => {
			const { address } = await filled();
			const version = (await listVersions(address))[0]!.version;
			expect((await failure(dropIndex({ ...address, version }, address.name))).kind).toBe('invalidQuery');
			expect(await (await openIndex(address)).count()).toBe(library.length);
		});
	});
}

/** What a filter means, wherever one can be given. */
export function conformsInFilters(backend: string, newAddress: NewAddress): void {
	const filled = fillerOf(newAddress);

	describe(`${backend}: filters`, () => {
		const cases: Array<[Filter, string[]]> = [
			[{}, ['boats', 'cats', 'dogs', 'trains', 'words']],
			[{ year: 2005 }, ['dogs', 'trains']],
			[{ year: '2005' }, []],
			[{ tags: 'pet' }, ['cats', 'dogs']],
			[{ tags: { in: ['small', 'big'] } }, ['cats']],
			[{ 'author.name': 'Bob' }, ['dogs']],
			[{ author: { exists: true } }, []],
			[{ 'author.name': { exists: true } }, ['cats', 'dogs']],
			[{ fast: false }, ['boats']],
			[{ fast: null }, ['cats', 'dogs', 'words']],
			[{ note: null }, ['boats', 'cats', 'dogs', 'trains', 'words']],
			[{ tags: { exists: false } }, ['boats', 'trains', 'words']],
			[{ year: { gt: 1999, lt: 2005 } }, ['cats']],
			[{ year: { gte: 1999, lte: 2001 } }, ['boats', 'cats']],
			[{ year: { not: 2005 } }, ['boats', 'cats', 'words']],
			[{ year: { not: { gt: 2000 } } }, ['boats', 'words']],
			[{ 'author.name': { gte: 'Ann', lt: 'Bob' } }, ['cats']],
			[{ source: 'animals.md' }, ['cats', 'dogs']],
			[{ source: { not: 'animals.md' }, start: { exists: true } }, ['boats', 'trains']],
			[{ start: { gt: 0 } }, ['dogs']],
			[{ end: { lte: 31 } }, ['boats', 'cats']],
			[{ or: [{ year: 1999 }, { source: 'dictionary' }] }, ['boats', 'words']],
			[{ and: [{ tags: 'pet' }, { not: { year: 2005 } }] }, ['cats']],
			[{ not: { or: [{ tags: 'pet' }, { fast: true }] } }, ['boats', 'words']],
			[{ or: [] }, []],
			[{ year: { in: [] } }, []],
			[{ generation: null }, ['boats', 'cats', 'dogs', 'trains', 'words']],
		];

		it('select the same rows in scan, count and search as the plain meaning of them', async () => {
			const { index } = await filled();
			for (const [filter, expected] of cases) {
				expect({
					filter,
					rows: library
						.filter((row) => matches(row, filter))
						.map(({ id }) => id)
						.sort(),
				}).toEqual({ filter, rows: expected });
				expect({ filter, rows: ids(await collect(index.scan(filter))).sort() }).toEqual({
					filter,
					rows: expected,
				});
				expect({ filter, count: await index.count(filter) }).toEqual({ filter, count: expected.length });
				const hits = await index.search({ mode: 'vector', vector: axis(4, 1, 1, 1), limit: 100, filter });
				expect({ filter, rows: ids(hits).sort() }).toEqual({
					filter,
					rows: expected.filter((id) => id !== 'words'),
				});
				const words = await index.search({ mode: 'keyword', text: 'the a weevil', limit: 100, filter });
				expect({ filter, rows: ids(words).sort() }).toEqual({ filter, rows: expected });
			}
		});

		it.each<unknown>([
			{ year: undefined },
			{ year: { above: 3 } },
			{ year: {} },
			{ author: { name: 'Bob' } },
			{ year: [1, 2] },
			{ year: { gt: 1, lt: 'b' } },
			{ year: { gt: true } },
			{ year: NaN },
			{ year: { gt: 1, gte: 2 } },
			{ name: { gt: 'a'.repeat(30) } },
			{ and: { year: 1 } },
			{ '': 1 },
			'year = 1',
			[],
			Array.from({ length: 40 }).reduce<unknown>((inner) => ({ not: inner }), { year: 1 }),
		])('refuse %j', async (filter) => {
			const { index } = await filled();
			const error = await failure(index.count(filter as Filter));
			expect(error.kind).toBe('invalidFilter');
			expect((await failure(index.delete({ filter: filter as Filter }))).kind).toBe('invalidFilter');
		});

		const hostile = [
			"x' OR '1'='1",
			"'; DROP TABLE rows; --",
			'"',
			'\\',
			"\\'",
			'\0',
			'%',
			'_',
			'${x}',
			'`',
			'\u202e',
			'😀',
			']',
			';',
			'~',
			'.',
			'*',
			'[*]',
			'a.b',
			'\n',
		];

		it('treat hostile texts as texts: ids, sources, fields and values', async () => {
			const rows = hostile.map((text, i) => ({
				id: `h${text}`,
				source: `s${text}`,
				text: `row ${i}`,
				generation: text,
				metadata: { [`f${text}`]: text, value: text },
			}));
			const { index } = await filled(rows);
			for (const [i, text] of hostile.entries()) {
				const own = [`h${text}`];
				expect({ text, rows: ids(await index.get([`h${text}`])) }).toEqual({ text, rows: own });
				for (const filter of [
					{ value: text },
					{ source: `s${text}` },
					{ generation: text },
					{ [`f${text}`]: { exists: true } },
					{ [`f${text}`]: text },
					{ value: { gte: text, lte: text } },
					{ source: { gte: `s${text}`, lte: `s${text}` } },
				]) {
					expect({ filter, rows: ids(await collect(index.scan(filter))) }).toEqual({ filter, rows: own });
				}
				expect(await index.delete({ source: `s${text}`, ids: own })).toBe(1);
				expect(await index.count()).toBe(hostile.length - i - 1);
			}
		});

		it(
			'agree with the plain meaning on random rows and filters',
			async () => {
				const random = randomOf(7);
				const rows = Array.from({ length: 40 }, (_, i) => randomRow(i, random));
				const { index } = await filled(rows);
				const ask = async (filter: Filter): Promise<void> => {
					const expected = rows
						.filter((row) => matches(row, filter))
						.map(({ id }) => id)
						.sort();
					const [found, count] = await Promise.all([collect(index.scan(filter)), index.count(filter)]);
					expect({ filter, rows: ids(found).sort(), count }).toEqual({
						filter,
						rows: expected,
						count: expected.length,
					});
				};
				for (let i = 0; i < FILTERS; i += AT_ONCE) {
					await Promise.all(Array.from({ length: AT_ONCE }, () => ask(randomFilter(random, 3))));
				}
			},
			120_000 + FILTERS * 300,
		);
	});
}
