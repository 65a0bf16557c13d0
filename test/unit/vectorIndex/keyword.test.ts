// Keyword search equals BM25 by brute force at any moment of the embedded index.
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import {
	createIndex,
	openIndex,
	restoreIndex,
	snapshotIndex,
	type VectorIndex,
} from '../../../lib/vectorIndex';
import { createTidier } from '../../../lib/vectorIndex/embedded/tidying/tidy';
import { codesOf, queryTermsOf, termsOf } from '../../../lib/vectorIndex/terms';
import { runChild } from '../../support/child';
import { matches } from './oracle';
import { rowsFrom } from './wordRows';

jest.setTimeout(120_000);

const settings = { model: 'm', dimensions: 2, fingerprint: 'f' };
const child = path.join(__dirname, 'keywordChild.ts');

const QUESTIONS = [
	'w1',
	'w2999',
	'w40 w700 w1500',
	'w1 w2 w3 w1800',
	'価格 ubersicht',
	'what is in w2 and Übersicht 格',
	'w12 w12 nothing',
	'nothing',
];

function oracle(rows: ReturnType<typeof rowsFrom>, question: string): Map<string, number> {
	const documents = rows.map(({ id, source, text }) => ({ id, terms: termsOf(`${source}\n${text}`) }));
	const mean = documents.reduce((sum, { terms }) => sum + terms.length, 0) / documents.length;
	const scores = new Map<string, number>();
	for (const { term, weight: own } of queryTermsOf(question)) {
		const counts = documents.map(({ terms }) => terms.filter((each) => each === term).length);
		const holders = counts.filter((count) => count > 0).length;
		const weight = own * Math.log(1 + (rows.length - holders + 0.5) / (holders + 0.5));
		documents.forEach(({ id, terms }, at) => {
			const count = counts[at] ?? 0;
			if (count === 0) return;
			const share = (count * 2.2) / (count + 1.2 * (0.25 + (0.75 * terms.length) / mean));
			scores.set(id, (scores.get(id) ?? 0) + weight * share);
		});
	}
	return scores;
}

/** Each hit has the score it should have, and no better row is missing; equals may stand in for each other. */
async function expectRight(index: VectorIndex, rows: ReturnType<typeof rowsFrom>): Promise<void> {
	for (const text of QUESTIONS) {
		const scores = oracle(rows, text);
		for (const filter of [undefined, { source: { in: ['source 1', 'source 2'] } }]) {
			const allowed = rows.filter((row) => filter === undefined || matches(row, filter));
			// a part number that none of them has finds nothing, rather than other parts
			const codes = codesOf(text).map(({ code }) => code);
			const isUnknown =
				codes.length > 0 && !allowed.some((row) => termsOf(row.text).some((term) => codes.includes(term)));
			const expected = (isUnknown ? [] : allowed)
				.flatMap(({ id }) => scores.get(id) ?? [])
				.sort((a, b) => b - a)
				.slice(0, 10);
			const hits = await index.search({ mode: 'keyword', text, limit: 10, ...(filter && { filter }) });
			expect({ text, filter, scores: hits.map(({ score }) => score) }).toEqual({
				...{ text, filter },
				scores: expected.map((score): unknown => expect.closeTo(score, 2)),
			});
			for (const { id, score } of hits) expect(score).toBeCloseTo(scores.get(id) ?? NaN, 2);
		}
	}
}

describe('keyword search in an embedded index', () => {
	let directory = '';
	let names = 0;
	const address = (name = `words-${names++}`) => ({ backend: 'embedded', directory, name }) as const;
	beforeAll(async () => {
		directory = await mkdtemp(path.join(os.tmpdir(), 'keyword-'));
	});
	afterAll(async () => {
		await rm(directory, { recursive: true, force: true, maxRetries: 10, retryDelay: 200 });
	});

	async function tidy(): Promise<void> {
		for (const file of await readdir(directory))
			if (file.startsWith('rows-')) await tidied(createTidier({ directory }, file.replace('.lance', '')));
	}

	/** The index tidies by itself, too: whoever comes second is refused, and may try again. */
	async function tidied(tidier: (rows: number) => Promise<void>): Promise<void> {
		for (let tries = 1; ; tries++) {
			try {
				await tidier(1);
				return;
			} catch (error) {
				if (tries === 5 || !/commit conflict/.test(String(error))) throw error;
			}
		}
	}

	it('is right in another process while no row is in the keyword index, and after tidying', async () => {
		const place = address();
		await runChild(child, [directory, place.name, '2400']);
		const index = await openIndex(place);
		const rows = rowsFrom(0, 2_400);
		await expectRight(index, rows);
		await tidy();
		await expectRight(index, rows);
	});

	it.each([1, 30, 1_000])('is right while %d rows of many are in the keyword index', async (first) => {
		const index = await createIndex(address(), settings);
		await index.upsert(rowsFrom(0, first));
		await tidy();
		await index.upsert(rowsFrom(first, 3_000));
		await expectRight(index, rowsFrom(0, 3_000));
	});

	it('is right while rows come in and go, and while the table is tidied', async () => {
		const index = await createIndex(address(), settings);
		await index.upsert(rowsFrom(0, 2_100));
		const tidying = tidy();
		await expectRight(index, rowsFrom(0, 2_100));
		await tidying;
		await index.delete({ ids: rowsFrom(0, 2_000).map(({ id }) => id) });
		await index.upsert(rowsFrom(2_100, 2_500));
		await expectRight(index, rowsFrom(2_000, 2_500));
	});

	it('is right after everything was replaced', async () => {
		const index = await createIndex(address(), settings);
		await index.upsert(rowsFrom(0, 2_500));
		await tidy();
		await index.delete({ ids: rowsFrom(0, 2_500).map(({ id }) => id) });
		await index.upsert(rowsFrom(5_000, 7_500));
		await expectRight(index, rowsFrom(5_000, 7_500));
	});

	it('is right after restore', async () => {
		const index = await createIndex(address(), settings);
		await index.upsert(rowsFrom(0, 2_500));
		const restored = await restoreIndex(address(), snapshotIndex(index));
		await expectRight(restored, rowsFrom(0, 2_500));
	});
});
