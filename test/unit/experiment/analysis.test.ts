import {
	addObservation,
	analyseExperiment,
	assignVariant,
	EMPTY_SAMPLE,
	mergeSamples,
	proportion,
	proportionTest,
	sequentialTest,
	splitTest,
	welchTest,
	type ExperimentPlan,
	type Sample,
	ExperimentError,
} from '../../../lib/experiment';
import { randomSource } from '../../support/random';

const sampleOf = (values: readonly number[]): Sample => values.reduce(addObservation, EMPTY_SAMPLE);
describe('assigning units to variants', () => {
	const variants = [{ name: 'control' }, { name: 'new', weight: 3 }];
	const even = [{ name: 'a' }, { name: 'b' }];

	it('gives the same unit the same variant, always', () => {
		// Written down, because a change here would move users of running experiments.
		const names = ['u1', 'u2', 'u3', 'u4', 'u5', 'u6'].map((unit) => assignVariant('prompt', unit, even));
		expect(names).toEqual(['a', 'a', 'b', 'a', 'a', 'a']);
	});

	it('splits by weight', () => {
		const units = Array.from({ length: 20_000 }, (_, i) => `user-${i}`);
		const share =
			units.filter((unit) => assignVariant('split', unit, variants) === 'new').length / units.length;
		expect(share).toBeCloseTo(0.75, 1);
		expect(splitTest([(1 - share) * 20_000, share * 20_000], [1, 3])).toBeGreaterThan(0.001);
	});

	it('places units independently in another experiment', () => {
		const units = Array.from({ length: 10_000 }, (_, i) => `user-${i}`);
		const same = units.filter(
			(unit) => assignVariant('one', unit, even) === assignVariant('two', unit, even),
		).length;
		expect(same / units.length).toBeCloseTo(0.5, 1);
	});

	const units = Array.from({ length: 2000 }, (_, i) => `user-${i}`);
	const placed = (list: Parameters<typeof assignVariant>[2]) =>
		units.map((unit) => assignVariant('ramp', unit, list));

	it('moves units only towards a variant whose weight rises, and only its share of them', () => {
		const [before, after] = [
			placed([{ name: 'c' }, { name: 's' }, { name: 't' }]),
			placed([{ name: 'c' }, { name: 's' }, { name: 't', weight: 2 }]),
		];
		const moved = units.flatMap((_, i) => (before[i] === after[i] ? [] : [after[i]]));
		expect(new Set(moved)).toEqual(new Set(['t']));
		// From a third to a half: a sixth of all.
		expect(moved.length / units.length).toBeGreaterThan(0.13);
		expect(moved.length / units.length).toBeLessThan(0.21);
	});

	it('moves only the units of a variant that is taken away, and does not mind the order', () => {
		const before = placed([{ name: 'c' }, { name: 's' }, { name: 't' }]);
		const after = placed([{ name: 't' }, { name: 'c' }]);
		expect(units.every((_, i) => before[i] === 's' || before[i] === after[i])).toBe(true);
	});

	it.each([
		[[{ name: 'a' }]],
		[[{ name: 'a' }, { name: 'a' }]],
		[[{ name: 'a' }, { name: 'b', weight: 0 }]],
		[[{ name: 'a' }, { name: 'b', weight: Number.NaN }]],
	])('refuses the variants %j', (bad) => {
		expect(() => assignVariant('x', 'u', bad)).toThrow(ExperimentError);
	});
});

describe('samples', () => {
	it('merge to what counting together would have given', () => {
		const random = randomSource();
		const values = Array.from({ length: 50 }, () => 1e6 + random());
		const merged = mergeSamples(sampleOf(values.slice(0, 20)), sampleOf(values.slice(20)));
		const whole = sampleOf(values);
		expect(merged.n).toBe(50);
		expect(merged.mean).toBeCloseTo(whole.mean, 8);
		expect(merged.m2).toBeCloseTo(whole.m2, 8);
	});

	it('of yes/no outcomes are the same counted one by one', () => {
		expect(proportion(2, 5).m2).toBeCloseTo(sampleOf([1, 0, 1, 0, 0]).m2, 12);
	});

	it('refuse what is not a number', () => {
		expect(() => addObservation(EMPTY_SAMPLE, Number.NaN)).toThrow(ExperimentError);
		expect(() => proportion(6, 5)).toThrow(ExperimentError);
	});
});

describe('tests for a fixed sample size', () => {
	it('Welch: agrees with R on a textbook sample', () => {
		// R: t.test(extra ~ group, data = sleep): t = -1.8608, df = 17.776, p = 0.07939, CI -3.3654832 … 0.2054832
		const group1 = sampleOf([0.7, -1.6, -0.2, -1.2, -0.1, 3.4, 3.7, 0.8, 0.0, 2.0]);
		const group2 = sampleOf([1.9, 0.8, 1.1, 0.1, -0.1, 4.4, 5.5, 1.6, 4.6, 3.4]);
		const { difference, low, high, p } = welchTest(group2, group1);
		expect(difference).toBeCloseTo(-1.58, 12);
		expect(p).toBeCloseTo(0.07939, 5);
		expect(low).toBeCloseTo(-3.3654832, 6);
		expect(high).toBeCloseTo(0.2054832, 6);
	});

	it('shares: agrees with the worked examples of Newcombe 1998 (method 10)', () => {
		// 56/70 - 48/80: 0.0524 … 0.3339; 10/10 - 0/20: 0.6791 … 1
		const first = proportionTest(proportion(48, 80), proportion(56, 70));
		expect([first.low, first.high].map((x) => x.toFixed(4))).toEqual(['0.0524', '0.3339']);
		const second = proportionTest(proportion(0, 20), proportion(10, 10));
		expect([second.low, second.high].map((x) => x.toFixed(4))).toEqual(['0.6791', '1.0000']);
	});

	it('refuse a share of outcomes that are not yes or no', () => {
		expect(() => proportionTest(sampleOf([0.5, 0.2]), proportion(1, 2))).toThrow(/0 or 1/);
	});

	it('find nothing in equal constant samples and everything in different ones', () => {
		expect(welchTest(sampleOf([2, 2]), sampleOf([2, 2])).p).toBe(1);
		expect(welchTest(sampleOf([2, 2]), sampleOf([3, 3])).p).toBe(0);
	});

	it('split: 50 000 against 50 800 is broken, 500 against 520 is not', () => {
		expect(splitTest([50_000, 50_800], [1, 1])).toBeCloseTo(0.0118, 3);
		expect(splitTest([50_000, 51_500], [1, 1])).toBeLessThan(0.0005);
		expect(splitTest([500, 520], [1, 1])).toBeGreaterThan(0.5);
	});
});

describe('looking at an experiment again and again', () => {
	/** Share of runs that call a difference at some look, when both variants succeed with these rates. */
	function everSignificant(
		rates: readonly [number, number],
		every: number,
		isSignificant: (a: Sample, b: Sample) => boolean,
	): number {
		const random = randomSource();
		const runs = 300;
		let called = 0;
		for (let run = 0; run < runs; run++) {
			let [a, b] = [EMPTY_SAMPLE, EMPTY_SAMPLE];
			for (let i = 0; i < 2000; i++) {
				a = addObservation(a, random() < rates[0] ? 1 : 0);
				b = addObservation(b, random() < rates[1] ? 1 : 0);
				if (i >= 100 && i % every === 0 && isSignificant(a, b)) {
					called++;
					break;
				}
			}
		}
		return called / runs;
	}
	const excludesZero = ({ low, high }: { low: number; high: number }) => low > 0 || high < 0;

	it('keeps false alarms below alpha, where the test for a fixed size does not', () => {
		const sequential = everSignificant(
			[0.3, 0.3],
			1,
			(a, b) => sequentialTest(a, b, { expectedEffect: 0.05 }).p < 0.05,
		);
		const naive = everSignificant([0.3, 0.3], 100, (a, b) => proportionTest(a, b).p < 0.05);
		expect(sequential).toBeLessThanOrEqual(0.05);
		expect(naive).toBeGreaterThan(0.15);
	});

	it('still finds a difference that matters', () => {
		const found = everSignificant([0.3, 0.38], 10, (a, b) =>
			excludesZero(sequentialTest(a, b, { expectedEffect: 0.05 })),
		);
		expect(found).toBeGreaterThan(0.9);
	});

	it('has an interval that excludes 0 exactly when its p-value is below alpha', () => {
		for (const successes of [300, 320, 335, 345, 360]) {
			const test = sequentialTest(proportion(300, 1000), proportion(successes, 1000), {
				expectedEffect: 0.05,
			});
			expect(excludesZero(test)).toBe(test.p < 0.05);
		}
	});

	it('never lets the p-value rise', () => {
		const options = { expectedEffect: 0.05, previousP: 0.01 };
		expect(sequentialTest(proportion(300, 1000), proportion(300, 1000), options).p).toBe(0.01);
	});

	it('says nothing before the normal approximation holds, or without any spread', () => {
		const early = sequentialTest(proportion(0, 50), proportion(50, 50), { expectedEffect: 0.05 });
		expect(early).toMatchObject({ p: 1, low: -Infinity, high: Infinity });
		expect(sequentialTest(proportion(0, 500), proportion(0, 500), { expectedEffect: 0.05 }).p).toBe(1);
	});
});

describe('the verdict on a variant', () => {
	const plan: ExperimentPlan = {
		name: 'prompt',
		variants: [{ name: 'old' }, { name: 'new' }],
		primary: { name: 'solved', better: 'higher', kind: 'share', expectedEffect: 0.05 },
		guardrails: [{ name: 'seconds', better: 'lower', kind: 'mean', expectedEffect: 0.5, margin: 0.5 }],
	};
	const seconds = (mean: number, n: number): Sample => ({ n, mean, m2: n - 1 });
	const outcomes = (solved: [number, number], time: [number, number], n = 2000) =>
		new Map(
			['old', 'new'].map((name, i) => [
				name,
				new Map([
					['solved', proportion(solved[i] ?? 0, n)],
					['seconds', seconds(time[i] ?? 0, n)],
				]),
			]),
		);
	const verdict = (...args: Parameters<typeof outcomes>) =>
		analyseExperiment(plan, outcomes(...args)).results[0]?.verdict;

	it('is better when the metric rose and no guardrail suffers', () => {
		expect(verdict([1000, 1200], [3, 3.1])).toBe('better');
	});

	it('is worse when the metric fell, or rose at the guardrail’s cost', () => {
		expect(verdict([1200, 1000], [3, 3])).toBe('worse');
		expect(verdict([1000, 1200], [3, 4])).toBe('worse');
	});

	it('waits while the metric or a guardrail is not known', () => {
		expect(verdict([1000, 1010], [3, 3])).toBe('continue');
		expect(verdict([1000, 1200], [3, 3.5])).toBe('continue');
	});

	it('knows all from none, and does not take none and none for a difference', () => {
		expect(verdict([0, 200], [3, 3], 200)).toBe('better');
		expect(verdict([0, 0], [3, 3], 200)).toBe('continue');
	});

	it('reads a metric where lower is better the other way round', () => {
		const lower: ExperimentPlan = { ...plan, guardrails: [], primary: { ...plan.primary, better: 'lower' } };
		expect(analyseExperiment(lower, outcomes([1200, 1000], [3, 3])).results[0]?.verdict).toBe('better');
	});

	it('ends undecided at the planned size', () => {
		const bounded = { ...plan, maxPerVariant: 2000 };
		expect(analyseExperiment(bounded, outcomes([1000, 1010], [3, 3])).results[0]?.verdict).toBe(
			'inconclusive',
		);
	});

	it('gives no verdict while the split is broken', () => {
		const broken = outcomes([1000, 1200], [3, 3]);
		broken.set(
			'new',
			new Map([
				['solved', proportion(1100, 1700)],
				['seconds', seconds(3, 1700)],
			]),
		);
		const result = analyseExperiment(plan, broken);
		expect(result.splitBroken).toBe(true);
		expect(result.results[0]?.verdict).toBe('continue');
	});

	it('looks once only, at the planned size, when stopping is fixed', () => {
		const fixed: ExperimentPlan = { ...plan, stopping: 'fixed', maxPerVariant: 2000 };
		expect(analyseExperiment(fixed, outcomes([500, 600], [3, 3], 1999)).results[0]?.verdict).toBe('continue');
		expect(analyseExperiment(fixed, outcomes([1000, 1070], [3, 3])).results[0]?.verdict).toBe('better');
	});

	it('shares alpha among several variants', () => {
		const three: ExperimentPlan = {
			...plan,
			guardrails: [],
			variants: [...plan.variants, { name: 'third' }],
		};
		const both = outcomes([1000, 1110], [3, 3]);
		both.set('third', new Map([['solved', proportion(1000, 2000)]]));
		const width = (p: ExperimentPlan) => {
			const result = analyseExperiment(p, both).results[0];
			return (result?.primary.high ?? 0) - (result?.primary.low ?? 0);
		};
		expect(width(three)).toBeGreaterThan(width({ ...plan, guardrails: [] }));
	});

	it('holds its answer before any outcome is known', () => {
		expect(analyseExperiment(plan, new Map()).results[0]?.verdict).toBe('continue');
	});

	it.each([
		[{ ...plan, variants: [{ name: 'old' }] }],
		[{ ...plan, primary: { ...plan.primary, expectedEffect: 0 } }],
		[{ ...plan, alpha: 1.5 }],
		[{ ...plan, stopping: 'fixed' as const }],
		[{ ...plan, maxPerVariant: 0 }],
		[{ ...plan, guardrails: [{ ...plan.primary, margin: 0 }] }],
	])('refuses the plan %j', (bad) => {
		expect(() => analyseExperiment(bad, outcomes([1, 1], [1, 1]))).toThrow(ExperimentError);
	});
});
