import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { addObservation, assignVariant, EMPTY_SAMPLE, ExperimentStore } from '../../../lib/experiment';

const variants = [{ name: 'control' }, { name: 'new' }];
const users = (count: number, from = 0) =>
	Array.from({ length: count }, (_, index) => `user-${from + index}`);
let folder: string;
let time = 1_000_000;
let store: ExperimentStore;
const address = () => ({ backend: 'sqlite' as const, file: path.join(folder, 'experiments.sqlite') });

beforeEach(async () => {
	folder = mkdtempSync(path.join(tmpdir(), 'experiments-'));
	time = 1_000_000;
	store = await ExperimentStore.open(address(), { now: () => time });
});
afterEach(async () => {
	await store.close();
	rmSync(folder, { recursive: true, force: true });
});

describe('assignments', () => {
	test('are those of the hash, new once, and remembered', async () => {
		const [first] = await store.assign('e', variants, ['ada']);
		expect(first).toEqual({
			variant: assignVariant('e', 'ada', variants),
			isNew: true,
			counted: true,
			ended: false,
		});
		expect((await store.assign('e', variants, ['ada', 'ada']))[1]).toEqual({ ...first, isNew: false });
		expect((await store.data('e')).assigned.get(first?.variant ?? '')).toBe(1);
	});

	test('stay when weights change; only new units follow the new weights', async () => {
		const before = await store.assign('e', variants, users(300));
		time += 1000;
		const skewed = [{ name: 'control' }, { name: 'new', weight: 50 }];
		const after = await store.assign('e', skewed, users(300));
		expect(after.map(({ variant }) => variant)).toEqual(before.map(({ variant }) => variant));
		const fresh = await store.assign('e', skewed, users(300, 1000));
		expect(fresh.filter(({ variant }) => variant === 'new').length).toBeGreaterThan(280);
		const { expected, planChanges, variants: known } = await store.data('e');
		expect(planChanges).toBe(1);
		expect(known).toEqual([
			{ name: 'control', weight: 1 },
			{ name: 'new', weight: 50 },
		]);
		expect(expected.get('new')).toBeCloseTo(150 + (300 * 50) / 51, 6);
	});

	test('of a variant that is gone are drawn anew and no longer counted', async () => {
		const three = [...variants, { name: 'third' }];
		const before = await store.assign('e', three, users(60));
		const after = await store.assign('e', variants, users(60));
		before.forEach(({ variant }, index) => {
			if (variant === 'third') expect(after[index]).toMatchObject({ counted: false, isNew: false });
			else expect(after[index]).toMatchObject({ variant, counted: true });
		});
		expect(before.some(({ variant }) => variant === 'third')).toBe(true);
	});

	test('of the same units by two processes at once agree', async () => {
		const other = await ExperimentStore.open(address());
		const [a, b] = await Promise.all([
			store.assign('e', variants, users(200)),
			other.assign('e', [...variants, { name: 'third' }], users(200)),
		]);
		await other.close();
		const again = await store.assign('e', [...variants, { name: 'third' }], users(200));
		again.forEach(({ variant }, index) => {
			expect(b[index]?.variant).toBe(variant);
			if (variant !== 'third') expect(a[index]?.variant).toBe(variant);
		});
	});

	test('keep no unit in plain text', async () => {
		await store.assign('e', variants, ['ada@firma.de']);
		await store.record('e', [{ unit: 'ada@firma.de', metric: 'solved', value: 1 }]);
		await store.close();
		const wal = `${address().file}-wal`;
		const bytes = [address().file, ...(existsSync(wal) ? [wal] : [])].map((file) =>
			readFileSync(file, 'latin1'),
		);
		expect(bytes.join('')).toContain('solved');
		expect(bytes.join('')).not.toContain('ada@firma.de');
	});

	test.each([
		['', ['u']],
		['a\u0000b', ['u']],
		['x'.repeat(201), ['u']],
		['e', [' ']],
	])('refuse the experiment %j with units %j', async (experiment, units) => {
		await expect(store.assign(experiment, variants, units)).rejects.toMatchObject({
			kind: expect.stringMatching(/invalid/) as string,
		});
	});
});

describe('outcomes', () => {
	test('count once however often they are sent, and the first stays', async () => {
		await store.assign('e', variants, ['ada']);
		const outcome = { unit: 'ada', metric: 'solved', value: 1 };
		expect(await store.record('e', [outcome, outcome])).toMatchObject([
			{ written: true },
			{ written: false },
		]);
		expect(await store.record('e', [{ ...outcome, value: 0 }])).toMatchObject([{ written: false }]);
		const variant = assignVariant('e', 'ada', variants);
		expect((await store.data('e')).samples.get(variant)?.get('solved')).toEqual({ n: 1, mean: 1, m2: 0 });
		await store.record('e', [{ ...outcome, value: 0 }], { replace: true });
		expect((await store.data('e')).samples.get(variant)?.get('solved')).toEqual({ n: 1, mean: 0, m2: 0 });
	});

	test('of one unit are averaged, because units were drawn and not outcomes', async () => {
		const seconds: Record<string, number[]> = { ada: [1, 3], bob: [5], eve: [2, 2, 8] };
		await store.assign('e', variants, Object.keys(seconds));
		await store.record(
			'e',
			Object.entries(seconds).flatMap(([unit, values]) =>
				values.map((value, index) => ({ unit, metric: 'seconds', value, event: `call-${index}` })),
			),
		);
		const { samples, yesNo } = await store.data('e');
		for (const { name } of variants) {
			const means = Object.entries(seconds)
				.filter(([unit]) => assignVariant('e', unit, variants) === name)
				.map(([, values]) => values.reduce((sum, value) => sum + value, 0) / values.length);
			const sample = samples.get(name)?.get('seconds') ?? EMPTY_SAMPLE;
			const wanted = means.reduce(addObservation, EMPTY_SAMPLE);
			expect(sample.n).toBe(wanted.n);
			expect(sample.mean).toBeCloseTo(wanted.mean, 12);
			expect(sample.m2).toBeCloseTo(wanted.m2, 12);
		}
		expect([...yesNo]).toEqual([]);
	});

	test('may come before their unit is assigned, and say so', async () => {
		const [early] = await store.record('e', [{ unit: 'ada', metric: 'solved', value: 1 }]);
		expect(early).toEqual({ written: true, late: false });
		await store.assign('e', variants, ['bob']);
		expect((await store.data('e')).unassigned).toBe(1);
		await store.assign('e', variants, ['ada']);
		const { unassigned, samples, yesNo } = await store.data('e');
		expect(unassigned).toBe(0);
		expect(samples.get(assignVariant('e', 'ada', variants))?.get('solved')?.n).toBe(1);
		expect([...yesNo]).toEqual(['solved']);
	});

	test('after the end, or after the window, are kept and do not count', async () => {
		await store.assign('e', variants, ['ada', 'bob']);
		time += 5000;
		await store.record('e', [{ unit: 'ada', metric: 'solved', value: 1 }]);
		expect((await store.data('e', { windowMs: 4000 })).late).toBe(1);
		expect((await store.data('e', { windowMs: 5000 })).late).toBe(0);
		await store.end('e');
		time += 1;
		expect(await store.record('e', [{ unit: 'bob', metric: 'solved', value: 1 }])).toMatchObject([
			{ written: true, late: true },
		]);
		expect((await store.data('e')).late).toBe(1);
	});

	test.each([[Number.NaN], [Infinity]])('that are %p are refused', async (value) => {
		await expect(store.record('e', [{ unit: 'u', metric: 'm', value }])).rejects.toMatchObject({
			kind: 'invalidData',
		});
	});
});

describe('the end of an experiment', () => {
	test('gives the winner to everybody and writes nothing more', async () => {
		await store.assign('e', variants, users(20));
		await expect(store.end('e', 'nobody')).rejects.toThrow(/no variant .*control, new/);
		expect(await store.end('e', 'new')).toEqual({ at: time, winner: 'new' });
		const after = await store.assign('e', variants, users(40));
		expect(new Set(after.map(({ variant }) => variant))).toEqual(new Set(['new']));
		expect(after[30]).toMatchObject({ ended: true, counted: false, isNew: false });
		expect(await store.list()).toMatchObject([{ experiment: 'e', units: 20, ended: { winner: 'new' } }]);
		await expect(store.assign('e', [{ name: 'control' }, { name: 'other' }], ['u'])).rejects.toMatchObject({
			kind: 'notFound',
		});
	});

	test('without a winner is the control', async () => {
		await store.assign('e', variants, users(5));
		await store.end('e');
		expect((await store.assign('e', variants, ['x']))[0]?.variant).toBe('control');
	});

	test('by deletion leaves other experiments alone', async () => {
		await store.assign('e', variants, users(3));
		await store.assign('f', variants, users(2));
		await store.record('e', [{ unit: 'user-1', metric: 'm', value: 2 }]);
		expect(await store.delete('e')).toEqual({ units: 3, outcomes: 1 });
		expect((await store.list()).map(({ experiment }) => experiment)).toEqual(['f']);
		await expect(store.delete('e')).rejects.toThrow(/no experiment "e".*Known: "f"/);
		await expect(store.data('e')).rejects.toMatchObject({ kind: 'notFound' });
	});
});
