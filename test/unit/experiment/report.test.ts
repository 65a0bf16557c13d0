import {
	addObservation,
	EMPTY_SAMPLE,
	experimentHtml,
	proportion,
	reportExperiment,
	unitsNeeded,
	type ExperimentData,
	type ExperimentReportOptions,
	type Sample,
	ExperimentError,
} from '../../../lib/experiment';
import { randomSource } from '../../support/random';

interface Arm {
	readonly assigned?: number;
	readonly metrics: { readonly [metric: string]: Sample };
}

/** Data of an experiment with these arms, the first the control; the rest as if nothing had happened. */
function dataOf(
	arms: { readonly [variant: string]: Arm },
	more: Partial<ExperimentData> = {},
): ExperimentData {
	const entries = Object.entries(arms);
	const sizes = entries.map(([, { assigned, metrics }]) => assigned ?? Object.values(metrics)[0]?.n ?? 0);
	const total = sizes.reduce((sum, size) => sum + size, 0);
	const shares = (sample: Sample) => Math.abs(sample.m2 - sample.n * sample.mean * (1 - sample.mean)) < 1e-9;
	const metrics = new Set(entries.flatMap(([, arm]) => Object.keys(arm.metrics)));
	return {
		experiment: 'answer prompt',
		variants: entries.map(([name]) => ({ name, weight: 1 })),
		planChanges: 0,
		assigned: new Map(entries.map(([name], index) => [name, sizes[index] ?? 0])),
		expected: new Map(entries.map(([name]) => [name, total / entries.length])),
		samples: new Map(entries.map(([name, arm]) => [name, new Map(Object.entries(arm.metrics))])),
		yesNo: new Set(
			[...metrics].filter((metric) =>
				entries.every(([, arm]) => arm.metrics[metric] === undefined || shares(arm.metrics[metric])),
			),
		),
		unassigned: 0,
		late: 0,
		firstAt: Date.UTC(2026, 0, 1),
		lastAt: Date.UTC(2026, 0, 8),
		...more,
	};
}

const options: ExperimentReportOptions = {
	metric: 'solved',
	smallestEffect: 0.05,
	guardrails: [{ metric: 'seconds', better: 'lower', tolerated: 0.5 }],
};
const seconds = (mean: number, n = 2000): Sample => ({ n, mean, m2: n - 1 });
const arms = (rate: number, time: number) => ({
	control: { metrics: { solved: proportion(1000, 2000), seconds: seconds(3) } },
	new: { metrics: { solved: proportion(rate, 2000), seconds: seconds(time) } },
});

describe('the report of an experiment', () => {
	test('names a winner that is better and harms nothing, with its figures', () => {
		const report = reportExperiment(dataOf(arms(1200, 3.1)), options);
		expect(report).toMatchObject({ decision: 'winner', winner: 'new', warnings: [] });
		expect(report.summary).toMatch(/^“new” is better: solved \+10\.0 points \(\+\d\.\d to \+1\d\.\d\)\.$/);
		expect(report.variants[1]).toMatchObject({
			variant: 'new',
			isControl: false,
			assigned: 2000,
			metrics: { solved: { n: 2000, mean: 0.6 } },
		});
		expect(report.scales).toEqual({ solved: 'percent', seconds: 'number' });
		expect(report.comparisons[0]?.primary.p).toBeLessThan(0.001);
	});

	test('keeps the control when the variant is worse, and when it is better at the guardrail’s cost', () => {
		expect(reportExperiment(dataOf(arms(800, 3)), options).decision).toBe('keepControl');
		const harmful = reportExperiment(dataOf(arms(1200, 4)), options);
		expect(harmful.decision).toBe('keepControl');
		expect(harmful.summary).toContain('harms seconds');
		expect(harmful.comparisons[0]?.guardrails[0]?.state).toBe('harmed');
	});

	test('waits, and says how many units are missing', () => {
		const { decision, comparisons, summary } = reportExperiment(dataOf(arms(1010, 3)), options);
		expect(decision).toBe('continue');
		const [{ unitsNeeded: needed = 0, unitsMissing: missing = 0 } = {}] = comparisons;
		expect(missing).toBe(needed - 2000);
		expect(summary).toContain(`up to ${missing} more units`);
	});

	test('says nothing while the split is broken', () => {
		const lost = dataOf({
			control: { assigned: 2000, metrics: { solved: proportion(1000, 2000) } },
			new: { assigned: 1700, metrics: { solved: proportion(1200, 1700) } },
		});
		const report = reportExperiment(lost, { ...options, guardrails: [] });
		expect(report).toMatchObject({ decision: 'brokenSplit', split: { broken: true } });
		expect(report.warnings[0]).toContain('The split is off');
	});

	test('warns when a variant loses outcomes though its units were split well', () => {
		const lossy = dataOf({
			control: { assigned: 2000, metrics: { solved: proportion(1000, 1900) } },
			new: { assigned: 2000, metrics: { solved: proportion(1000, 1500) } },
		});
		const report = reportExperiment(lossy, { ...options, guardrails: [] });
		expect(report.split.broken).toBe(false);
		expect(report.warnings.join()).toContain('1900 of 2000, 1500 of 2000');
		// Counted as failures nothing is missing.
		const counted = reportExperiment(lossy, { ...options, guardrails: [], missingIsZero: true });
		expect(counted.warnings).toEqual([]);
		expect(counted.variants.map(({ metrics }) => metrics.solved)).toMatchObject([
			{ n: 2000, mean: 0.5 },
			{ n: 2000, mean: 0.5 },
		]);
	});

	test('warns of what else could mislead', () => {
		const data = dataOf(arms(1000, 3), { planChanges: 2, unassigned: 3, late: 4 });
		const report = reportExperiment(data, {
			...options,
			guardrails: [{ metric: 'cost', better: 'lower', tolerated: 1 }],
		});
		expect(report.warnings).toEqual([
			expect.stringMatching(/No outcome of "cost" .* Recorded: solved, seconds/),
			expect.stringContaining('changed 2 times'),
			expect.stringContaining('3 outcomes belong to units'),
			expect.stringContaining('4 outcomes came too late'),
		]);
	});

	test('has an answer before anything is recorded', () => {
		const empty = dataOf({ control: { metrics: {} }, new: { metrics: {} } });
		expect(reportExperiment(empty, options)).toMatchObject({ decision: 'continue', split: { p: 1 } });
		expect(experimentHtml(reportExperiment(empty, options))).toContain('Not decided yet');
	});

	test('takes the best of several winners', () => {
		const three = dataOf({
			control: { metrics: { solved: proportion(1000, 3000) } },
			good: { metrics: { solved: proportion(1400, 3000) } },
			best: { metrics: { solved: proportion(1700, 3000) } },
		});
		expect(reportExperiment(three, { ...options, guardrails: [] }).winner).toBe('best');
	});

	test.each([
		[{ ...options, smallestEffect: 0 }],
		[{ ...options, guardrails: [{ metric: 'seconds', better: 'lower' as const, tolerated: 0 }] }],
		[{ ...options, guardrails: [{ metric: 'solved', better: 'lower' as const, tolerated: 1 }] }],
	])('refuses %j', (bad) => {
		expect(() => reportExperiment(dataOf(arms(1000, 3)), bad)).toThrow(ExperimentError);
	});

	test('as a page shows decision, figures and an interval chart, with every text escaped', () => {
		const named = dataOf(arms(1200, 3.1), { experiment: '<script>alert(1)</script>' });
		const page = experimentHtml(reportExperiment(named, options));
		expect(page).not.toContain('<script>');
		expect(page).toContain('There is a winner: new');
		expect(page.match(/<svg/g)).toHaveLength(2);
		expect(page).toContain('solved: difference from the control');
		expect(page).not.toMatch(/NaN|Infinity|undefined/);
	});
});

describe('looking at the report again and again', () => {
	/** Runs with 3 variants, one metric and a guardrail, looked at every 100 units a variant. */
	function decisions(rates: readonly number[], runs: number, units: number, look: ExperimentReportOptions) {
		const random = randomSource();
		const counts: Record<string, number> = {};
		for (let run = 0; run < runs; run++) {
			const names = rates.map((_, index) => `v${index}`);
			const samples = rates.map(() => ({ solved: EMPTY_SAMPLE, seconds: EMPTY_SAMPLE }));
			let decision = 'continue';
			for (let unit = 1; unit <= units && decision === 'continue'; unit++) {
				rates.forEach((rate, index) => {
					const sample = samples[index];
					if (sample === undefined) return;
					sample.solved = addObservation(sample.solved, random() < rate ? 1 : 0);
					// Skewed, as times are.
					sample.seconds = addObservation(sample.seconds, -Math.log(1 - random()));
				});
				if (unit % 100 !== 0) continue;
				const data = dataOf(
					Object.fromEntries(names.map((name, index) => [name, { metrics: { ...samples[index] } }])),
				);
				const report = reportExperiment(data, look);
				// Any verdict but "continue" would have made someone act.
				if (report.comparisons.some(({ verdict }) => verdict === 'better' || verdict === 'worse'))
					decision = report.winner === undefined ? 'worse' : 'better';
			}
			counts[decision] = (counts[decision] ?? 0) + 1;
		}
		return counts;
	}
	const guarded: ExperimentReportOptions = {
		metric: 'solved',
		smallestEffect: 0.05,
		guardrails: [{ metric: 'seconds', better: 'lower', tolerated: 0.3 }],
	};

	test('A/A runs call a difference less often than the error level, over all looks and variants', () => {
		const { better = 0, worse = 0 } = decisions([0.3, 0.3, 0.3], 200, 1500, guarded);
		expect((better + worse) / 200).toBeLessThanOrEqual(0.05);
	});

	test('a real difference is found', () => {
		const { better = 0 } = decisions([0.3, 0.42], 40, 2000, guarded);
		expect(better / 40).toBeGreaterThan(0.9);
	});
});

describe('units needed', () => {
	const half = proportion(500, 1000);

	test('for a fixed size agrees with the textbook', () => {
		// z(0.975) + z(0.8) = 2.8016; n = 2.8016² · 2 · 0.25 · 1000/999 / 0.05² = 1571.4
		expect(unitsNeeded(half, half, { effect: 0.05, stopping: 'fixed' })).toBe(1572);
	});

	test('for a sequential test finds the difference in at least four of five runs', () => {
		const needed = unitsNeeded(proportion(300, 1000), proportion(400, 1000), { effect: 0.1 }) ?? 0;
		const random = randomSource();
		let found = 0;
		for (let run = 0; run < 200; run++) {
			const successes = (rate: number) =>
				Array.from({ length: needed }, () => (random() < rate ? 1 : 0)).reduce<number>((a, b) => a + b, 0);
			const data = dataOf({
				control: { metrics: { solved: proportion(successes(0.3), needed) } },
				new: { metrics: { solved: proportion(successes(0.4), needed) } },
			});
			if (reportExperiment(data, { metric: 'solved', smallestEffect: 0.1 }).decision === 'winner') found++;
		}
		expect(needed).toBeGreaterThan(400);
		expect(needed).toBeLessThan(2000);
		expect(found / 200).toBeGreaterThan(0.75);
		expect(found / 200).toBeLessThan(0.9);
	});

	test('are unknown while nothing varies', () => {
		expect(unitsNeeded(proportion(0, 50), proportion(0, 50), { effect: 0.05 })).toBeUndefined();
		expect(() => unitsNeeded(half, half, { effect: -1 })).toThrow(ExperimentError);
	});
});
