import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import {
	createIndex,
	IndexError,
	openIndex,
	tuningChart,
	type Point,
	type TuneReport,
} from '../../../lib/vectorIndex';
import { runTuning, type TuneTarget } from '../../../lib/vectorIndex/tuning';
import { randomOf, randomVector } from './data';

/** A back end whose speed and recall are given: each setting finds the first `finds` of ten neighbours. */
function fakeTarget(
	finds: Record<string, { found: number; ms: number }>,
	rows = 50_000,
): TuneTarget & { applied: unknown[]; built: string[] } {
	const applied: unknown[] = [];
	const built: string[] = [];
	return {
		applied,
		built,
		rows,
		groups: [
			{ kind: 'A', settings: [{ ef: 1 }, { ef: 2 }] },
			{ kind: 'B', settings: [{ nprobes: 1 }], build: async () => void built.push('B') },
		],
		sample: async (count) =>
			Array.from({ length: count }, () => ({ id: 'self', vector: Float32Array.of(1) })),
		nearest: async (_, limit, settings) => {
			const { found, ms } = finds[JSON.stringify(settings)]!;
			await new Promise((resolve) => setTimeout(resolve, ms));
			const right = Array.from({ length: found }, (__, i) => `n${i}`);
			const wrong = Array.from({ length: 10 - found }, (__, i) => `wrong${i}`);
			return ['self', ...right, ...wrong].slice(0, limit);
		},
		apply: async (...what) => void applied.push(what),
	};
}

const exact = { '{"exact":true}': { found: 10, ms: 20 } };
const options = { targetRecall: 0.95, sample: 20 };

describe('tuning', () => {
	it('applies the fastest setting that reaches the target, and reports all it measured', async () => {
		const target = fakeTarget({
			...exact,
			'{"ef":1}': { found: 8, ms: 1 },
			'{"ef":2}': { found: 10, ms: 12 },
			'{"nprobes":1}': { found: 10, ms: 2 },
		});
		const report = await runTuning(target, options);
		expect(report.applied).toMatchObject({ kind: 'B', search: { nprobes: 1 }, recall: 1 });
		expect(target.applied).toEqual([['B', { nprobes: 1 }]]);
		expect(report.curve.map(({ recall }) => Number(recall.toFixed(6)))).toEqual([1, 0.8, 1, 1]);
		expect(report).toMatchObject({ complete: true, builds: [{ kind: 'B' }] });
	});

	it('builds no further kind once one is four times as fast as exact search', async () => {
		const target = fakeTarget({
			...exact,
			'{"ef":1}': { found: 10, ms: 1 },
			'{"ef":2}': { found: 10, ms: 1 },
		});
		const report = await runTuning(target, options);
		expect(target.built).toEqual([]);
		expect(report.notes.join()).toContain('B was not tried');
	});

	it('stays with exact search when nothing else reaches the target', async () => {
		const target = fakeTarget({
			...exact,
			'{"ef":1}': { found: 1, ms: 1 },
			'{"ef":2}': { found: 9, ms: 1 },
			'{"nprobes":1}': { found: 9, ms: 1 },
		});
		const report = await runTuning(target, options);
		expect(target.applied).toEqual([['none', { exact: true }]]);
		expect(report.notes.join()).toContain('exact search is in use');
	});

	it('says what it did not get to within its time', async () => {
		const target = fakeTarget({ ...exact, '{"ef":1}': { found: 9, ms: 1 } });
		const report = await runTuning(target, { ...options, budgetMs: 1 });
		expect(report.complete).toBe(false);
		expect(report.notes.join()).toContain('not tried');
		expect(report.curve).toHaveLength(1);
	});

	it.each([
		{ targetRecall: 0 },
		{ targetRecall: 1.1 },
		{ targetRecall: 0.9, k: 0 },
		{ targetRecall: 0.9, sample: 5 },
		{ targetRecall: 0.9, budgetMs: 0 },
		{ targetRecall: 0.9, queries: [] },
	])('refuses %j', async (bad) => {
		await expect(runTuning(fakeTarget(exact), bad)).rejects.toMatchObject({ kind: 'invalidQuery' });
	});

	it('draws its curve, with nothing of the outside unescaped', () => {
		const point = { kind: '<b>&', search: { ef: 3 }, recall: 0.9, recallLow: 0.89, p50Ms: 2, p95Ms: 3 };
		const base = { kind: 'none', search: { exact: true }, recall: 1, recallLow: 1, p50Ms: 20, p95Ms: 30 };
		const report: TuneReport = {
			targetRecall: 0.95,
			k: 10,
			questions: 20,
			rows: 5,
			curve: [base, point],
			applied: base,
			builds: [],
			complete: true,
			elapsedMs: 1,
			notes: [],
		};
		const svg = tuningChart(report);
		expect(svg).toMatch(/^<svg[^>]*>[\s\S]*<\/svg>\n$/);
		expect(svg.match(/<circle/g)).toHaveLength(2 + 1 + 2);
		expect(svg).toContain('&lt;b&gt;&amp; ef 3: recall 0.9000');
		expect(svg).not.toContain('<b>');
		expect(svg).not.toContain('NaN');
	});
});

describe('an embedded index of 21,000 vectors', () => {
	let directory: string;
	beforeAll(async () => {
		directory = await mkdtemp(path.join(os.tmpdir(), 'tuned-index-'));
	});
	afterAll(async () => {
		await rm(directory, { recursive: true, force: true, maxRetries: 10, retryDelay: 200 });
	});

	it('gets an index by itself, and one that is measured when tuned', async () => {
		const random = randomOf(3);
		const dimensions = 16;
		const centres = Array.from({ length: 50 }, () => randomVector(dimensions, random));
		const near = (i: number): Float32Array => {
			const noise = randomVector(dimensions, random);
			return centres[i % 50]!.map((value, d) => value + 0.7 * noise[d]!);
		};
		const rows = function* (count: number): Generator<Point> {
			for (let i = 0; i < count; i++) yield { id: `r${i}`, source: 's', text: `row ${i}`, vector: near(i) };
		};
		const address = { backend: 'embedded', directory, name: 'tuned' } as const;
		const index = await createIndex(address, {
			model: 'm',
			dimensions,
			fingerprint: 'f',
			preset: 'lowMemory',
		});
		await index.upsert(rows(21_000));
		for (let i = 0; (await index.info()).vectorIndex === 'none'; i++) {
			if (i > 200) throw new Error('no index was built');
			await new Promise((resolve) => setTimeout(resolve, 100));
		}
		expect((await index.info()).vectorIndex).toBe('IVF_RQ');

		const recall = async (): Promise<number> => {
			let found = 0;
			for (let i = 0; i < 40; i++) {
				const query = { mode: 'vector', vector: near(i), limit: 10 } as const;
				const truth = new Set((await index.search({ ...query, exact: true })).map(({ id }) => id));
				found += (await index.search(query)).filter(({ id }) => truth.has(id)).length;
			}
			return found / 400;
		};

		// Cancelled after another kind has taken the place of the first: it is in use, and asked so that it finds enough.
		const cancel = new AbortController();
		const onProgress = ({ note = '' }): void => {
			if (note.startsWith('IVF_FLAT')) cancel.abort();
		};
		const options = { targetRecall: 0.9999, sample: 20 };
		await expect(index.tune(options, { signal: cancel.signal, onProgress })).rejects.toMatchObject({
			kind: 'cancelled',
		});
		expect((await index.info()).vectorIndex).toBe('IVF_FLAT');
		expect(await recall()).toBeGreaterThan(0.85);

		const report = await index.tune({ targetRecall: 0.95, sample: 50 });
		expect(report).toMatchObject({ rows: 21_000, questions: 50, k: 10 });
		expect(report.curve.length).toBeGreaterThan(3);
		expect(report.applied.recallLow).toBeGreaterThanOrEqual(0.95);
		const info = await (await openIndex(address)).info();
		expect(info.vectorIndex).toBe(report.applied.kind);

		expect(await recall()).toBeGreaterThan(0.85);
	}, 120_000);

	it('answers exactly while it is small, and says so', async () => {
		const index = await createIndex(
			{ backend: 'embedded', directory, name: 'small' },
			{ model: 'm', dimensions: 4, fingerprint: 'f' },
		);
		await expect(index.tune({ targetRecall: 0.9 })).rejects.toThrow(IndexError);
		await index.upsert(
			Array.from({ length: 100 }, (_, i) => ({
				source: `s${i}`,
				text: 't',
				vector: randomVector(4, randomOf(i)),
			})),
		);
		const report = await index.tune({ targetRecall: 0.99, sample: 20 });
		expect(report.curve).toHaveLength(1);
		expect(report.applied).toMatchObject({ kind: 'none', recall: 1 });
		expect(report.notes.join()).toContain('100 vectors');
	});
});
