import {
	chiSquaredUpper,
	normalCdf,
	normalQuantile,
	studentCritical,
	studentTwoSided,
} from '../../../lib/experiment/distributions';

/** Reference values: tables of NIST/SEMATECH and R's pnorm, qnorm, qt, pchisq. */
describe('distribution functions', () => {
	it.each([
		[0, 0.5],
		[1.959963984540054, 0.975],
		[-1, 0.15865525393145705],
		[-5, 2.866515718791939e-7],
		[-10, 7.61985302416047e-24],
	])('normal: P(Z ≤ %p) = %p', (z, p) => {
		expect(normalCdf(z) / p).toBeCloseTo(1, 10);
		if (z > -5) expect(normalQuantile(p)).toBeCloseTo(z, 9);
	});

	it.each([
		[1, 12.706204736174698],
		[2, 4.302652729749464],
		[10, 2.2281388519862744],
		[30, 2.0422724563012373],
		[1000, 1.9623390808264078],
	])('t with %p degrees of freedom: 5 %% lie beyond ±%p', (df, t) => {
		expect(studentTwoSided(t, df)).toBeCloseTo(0.05, 11);
		expect(studentCritical(0.05, df)).toBeCloseTo(t, 8);
	});

	it.each([
		[3.841458820694124, 1],
		[11.070497693516351, 5],
		[124.34211340400407, 100],
	])('chi-squared: 5 %% lie beyond %p with %p degrees of freedom', (x, df) => {
		expect(chiSquaredUpper(x, df)).toBeCloseTo(0.05, 11);
	});

	it('agree with each other where one is a case of the other', () => {
		// chi-squared with 2 degrees of freedom is exp(-x/2); t with many degrees is normal
		expect(chiSquaredUpper(7, 2)).toBeCloseTo(Math.exp(-3.5), 14);
		expect(studentTwoSided(2, 1e6)).toBeCloseTo(2 * normalCdf(-2), 6);
	});
});
