// What happens between the candidates of the stages and the finished hits.
import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { createIndex, type Hit, type Point, type VectorIndex } from '../../../lib/vectorIndex';
import { axis } from './data';

const settings = { model: 'm', dimensions: 4, fingerprint: 'f' };
const HANDBOOK =
	'The emergency number of the night shift is 0800 555 010. Report every accident at once to the head of the shift.';
const NOTICE =
	'Since March the night shift has a new emergency number: 0800 555 099. The old one in the handbook is no longer answered.';

describe('ranking', () => {
	let directory = '';
	let names = 0;
	beforeAll(async () => {
		directory = await mkdtemp(path.join(os.tmpdir(), 'ranking-'));
	});
	afterAll(async () => {
		await rm(directory, { recursive: true, force: true, maxRetries: 10, retryDelay: 200 });
	});

	async function filled(points: readonly Point[]): Promise<VectorIndex> {
		const index = await createIndex({ backend: 'embedded', directory, name: `r-${names++}` }, settings);
		expect((await index.upsert(points)).failed).toEqual([]);
		return index;
	}
	const sources = (hits: readonly Hit[]): string[] => hits.map(({ source }) => source);

	describe('of copies', () => {
		const copies = Array.from({ length: 40 }, (_, i) => ({
			source: `copies/handbook-${i}.md`,
			text: i % 2 ? HANDBOOK : `# Handbook\n\n${HANDBOOK.toUpperCase()}`,
			vector: axis(4, 1, i / 1_000),
		}));
		const all = [...copies, { source: 'notice.md', text: NOTICE, vector: axis(4, 0.5, 0.5) }];
		const text = 'emergency number of the night shift';

		it.each(['vector', 'keyword', 'hybrid'] as const)(
			'keeps the best by %s and names the others',
			async (mode) => {
				const index = await filled(all);
				const query = { mode, text, vector: axis(4, 1), limit: 2 };
				const hits = await index.search(query);
				expect(sources(hits).filter((source) => source.startsWith('copies'))).toHaveLength(1);
				expect(sources(hits)).toContain('notice.md');
				const twins = hits.find(({ source }) => source.startsWith('copies'))?.twins ?? [];
				expect(twins.length).toBeGreaterThan(20);
				expect(twins[0]).toEqual({ id: expect.any(String), source: expect.stringMatching(/^copies/) });
				const kept = await index.search({ ...query, keepTwins: true });
				expect(sources(kept)).toEqual([expect.stringMatching(/^copies/), expect.stringMatching(/^copies/)]);
				expect(kept[0]).not.toHaveProperty('twins');
			},
		);

		it('keeps texts apart that differ in a number or in every fourth word', async () => {
			const index = await filled([
				{ source: 'a', text: 'The notice period of the lease is 3 months for both of the parties.' },
				{ source: 'b', text: 'The notice period of the lease is 6 months for both of the parties.' },
				{ source: 'c', text: 'The notice given of the lease by 3 parties for both of its months.' },
				{ source: 'd', text: '期間は三ヶ月です。' },
				{ source: 'e', text: '期間は六ヶ月です。' },
			]);
			expect(await index.search({ mode: 'keyword', text: 'notice lease', limit: 9 })).toHaveLength(3);
			expect(await index.search({ mode: 'keyword', text: '期間', limit: 9 })).toHaveLength(2);
		});

		it('takes texts together that differ in white space, marks and a word', async () => {
			const long = `${HANDBOOK} ${NOTICE} ${HANDBOOK} ${NOTICE}`;
			const index = await filled([
				{ source: 'a', text: long },
				{ source: 'b', text: long.replaceAll(' ', '\n').replace('Report', '*Report*') },
				{ source: 'c', text: long.replace('accident', 'incident') },
			]);
			const [hit, ...others] = await index.search({ mode: 'keyword', text: 'night shift', limit: 9 });
			expect(others).toEqual([]);
			expect(hit?.twins).toHaveLength(2);
		});
	});

	it('of neighbours in a document is better than of strangers', async () => {
		const part = (source: string, start: number, text: string, vector: Float32Array): Point => ({
			...{ source, start, end: start + text.length, text, vector },
		});
		const index = await filled([
			part('a', 0, 'alpha cost', axis(4, 1, 0.4)),
			part('b', 0, 'gamma first words', axis(4, 1, 0.5)),
			part('b', 20, 'beta cost', axis(4, 1, 0.41)),
			part('b', 9_000, 'delta far away', axis(4, 0, 0, 1)),
		]);
		const query = { mode: 'hybrid', text: 'cost', vector: axis(4, 1), limit: 4 } as const;
		expect(sources(await index.search(query))[0]).toBe('b');
		expect(sources(await index.search({ ...query, mode: 'vector' }))[0]).toBe('a');
	});

	it('prefers newer versions by the field that is named, and only then', async () => {
		const index = await filled(
			[2021, 2025, 2023].map((year, i) => ({
				source: `prices-${year}.md`,
				text: `The current price of the standard licence is ${10 + i} euros.`,
				metadata: { valid: { from: `${year}-01-01` } },
				vector: axis(4, 1, year / 1e6),
			})),
		);
		const query = { mode: 'keyword', text: 'current price of the licence', limit: 3 } as const;
		const byDate = await index.search({ ...query, preferNewer: 'valid.from' });
		expect(sources(byDate)).toEqual(['prices-2025.md', 'prices-2023.md', 'prices-2021.md']);
		const rerank = (_: string, texts: readonly string[]) =>
			Promise.resolve(texts.map((_text, i) => ({ index: i, score: 0.5 })));
		const reranked = await index.search({ ...query, preferNewer: 'valid.from' }, { rerank });
		expect(sources(reranked)).toEqual(sources(byDate));
		const scores = (await index.search({ ...query, preferNewer: 'missing' })).map(({ score }) => score);
		expect(new Set(scores).size).toBe(1);
		await expect(index.search({ ...query, preferNewer: ' ' })).rejects.toThrow('preferNewer');
	});

	describe('of codes', () => {
		const parts = ['AB-1234/1', 'AB-1235/9', 'AB-2234/9'].map((code, i) => ({
			source: `parts/${i}.md`,
			text: `Order code ${code}. This part costs ${10 + i} euros.`,
			vector: axis(4, 1, i / 10),
		}));
		const others = [
			{ source: 'h1n1.md', text: 'The vaccine against H1N1 is free.', vector: axis(4, 0, 1) },
			{ source: 'order.md', text: 'Order 4711223 was shipped.', vector: axis(4, 0, 0, 1) },
		];
		const ask = async (text: string, mode: 'hybrid' | 'keyword' | 'vector' = 'hybrid') => {
			const index = await filled([...parts, ...others]);
			return sources(await index.search({ mode, text, vector: axis(4, 1), limit: 5 }));
		};

		it.each(['What does part AB-9999/9 cost?', 'AB-9999/9', 'ab9999/9', 'Was order 4711224 shipped?'])(
			'finds nothing for "%s", which no row has',
			async (text) => {
				expect(await ask(text)).toEqual([]);
				expect(await ask(text, 'keyword')).toEqual([]);
			},
		);

		it.each([
			['What does part AB-1235/9 cost?', 'parts/1.md'],
			['ab1235/9', 'parts/1.md'],
			['AB-1235/9 or AB-9999/9?', 'parts/1.md'],
			['Was order 4711223 shipped?', 'order.md'],
		])('finds the right row first for "%s"', async (text, source) => {
			expect((await ask(text, 'keyword'))[0]).toBe(source);
		});

		it.each(['Is covid-19 like H1N1?', 'vaccine of 2021', 'a part for 12,000 euros', 'GPT-40'])(
			'still finds something for "%s", which looks like no code of the index',
			async (text) => {
				expect(await ask(text)).not.toEqual([]);
			},
		);
	});

	it('reranks once, and fills the result in spite of a maximum per source', async () => {
		const index = await filled([
			...Array.from({ length: 60 }, (_, i) => ({
				source: 'many',
				text: `cat number ${i} cat`,
				vector: axis(4, 1),
			})),
			...['b', 'c', 'd', 'e'].map((source) => ({ source, text: `one cat among the animals of ${source}` })),
		]);
		let calls = 0;
		const hits = await index.search(
			{ mode: 'keyword', text: 'cat', limit: 5, perSource: 1 },
			{
				rerank: (_, documents) => {
					calls++;
					return Promise.resolve(documents.map((_text, at) => ({ index: at, score: at })));
				},
			},
		);
		expect(calls).toBe(1);
		expect(sources(hits).sort()).toEqual(['b', 'c', 'd', 'e', 'many']);
	});
});
