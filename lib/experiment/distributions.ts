/**
 * The few distribution functions that the tests need. Accurate to 1e-8 up to a million degrees of freedom, to
 * 1e-10 below a thousand (checked against published tables in the unit tests).
 */

/** P(Z ≤ z) of the standard normal. */
export function normalCdf(z: number): number {
	const tail = gammaUpper(0.5, (z * z) / 2) / 2;
	return z > 0 ? 1 - tail : tail;
}

/** The z with P(Z ≤ z) = p. */
export function normalQuantile(p: number): number {
	return bisect(normalCdf, p, -40, 40);
}

/** P(|T| ≥ |t|) of Student's t with `df` degrees of freedom. */
export function studentTwoSided(t: number, df: number): number {
	return betaRegularized(df / 2, 0.5, df / (df + t * t));
}

/** The t with P(|T| ≥ t) = alpha. */
export function studentCritical(alpha: number, df: number): number {
	return bisect((t) => -studentTwoSided(t, df), -alpha, 0, 1e7);
}

/** P(X ≥ x) of chi-squared with `df` degrees of freedom. */
export function chiSquaredUpper(x: number, df: number): number {
	return gammaUpper(df / 2, x / 2);
}

/** Root of a rising function by bisection: slow, and it cannot diverge. */
function bisect(rising: (x: number) => number, target: number, low: number, high: number): number {
	let [from, to] = [low, high];
	for (let step = 0; step < 200; step++) {
		const middle = (from + to) / 2;
		if (middle === from || middle === to) break;
		if (rising(middle) < target) from = middle;
		else to = middle;
	}
	return (from + to) / 2;
}

/** ln Γ(x) for x > 0: Lanczos, g = 7, n = 9 (coefficients: P. Godfrey 2001; relative error below 1e-14). */
function lnGamma(x: number): number {
	const coefficients = [
		676.5203681218851, -1259.1392167224028, 771.32342877765313, -176.61502916214059, 12.507343278686905,
		-0.13857109526572012, 9.9843695780195716e-6, 1.5056327351493116e-7,
	];
	if (x < 0.5) return Math.log(Math.PI / Math.sin(Math.PI * x)) - lnGamma(1 - x);
	const z = x - 1;
	const series = coefficients.reduce((sum, c, i) => sum + c / (z + i + 1), 0.99999999999980993);
	const t = z + 7.5;
	return 0.5 * Math.log(2 * Math.PI) + (z + 0.5) * Math.log(t) - t + Math.log(series);
}

/** Q(a, x), the upper regularized incomplete gamma function (DLMF 8.7.1 below a + 1, continued fraction 8.9.2 above). */
function gammaUpper(a: number, x: number): number {
	if (x <= 0) return 1;
	const scale = Math.exp(a * Math.log(x) - x - lnGamma(a));
	if (x < a + 1) {
		let term = 1 / a;
		let sum = term;
		for (let n = 1; n < 1000 && term > sum * 1e-17; n++) {
			term *= x / (a + n);
			sum += term;
		}
		return 1 - sum * scale;
	}
	const fraction = lentz(x + 1 - a, (n) => ({ a: -n * (n - a), b: x + 2 * n + 1 - a }));
	return scale / fraction;
}

/** I_x(a, b), the regularized incomplete beta function (continued fraction DLMF 8.17.22). */
function betaRegularized(a: number, b: number, x: number): number {
	if (x <= 0) return 0;
	if (x >= 1) return 1;
	if (x > (a + 1) / (a + b + 2)) return 1 - betaRegularized(b, a, 1 - x);
	const front = Math.exp(lnGamma(a + b) - lnGamma(a) - lnGamma(b) + a * Math.log(x) + b * Math.log1p(-x)) / a;
	const fraction = lentz(1, (n) => {
		const m = Math.floor(n / 2);
		const d =
			n % 2 === 0
				? (m * (b - m) * x) / ((a + 2 * m - 1) * (a + 2 * m))
				: (-(a + m) * (a + b + m) * x) / ((a + 2 * m) * (a + 2 * m + 1));
		return { a: d, b: 1 };
	});
	return front / fraction;
}

/** b0 + a1/(b1 + a2/(b2 + …)) by the modified Lentz algorithm (Thompson & Barnett 1986). */
function lentz(b0: number, next: (n: number) => { a: number; b: number }): number {
	const tiny = 1e-300;
	let value = b0 === 0 ? tiny : b0;
	let c = value;
	let d = 0;
	for (let n = 1; n <= 10_000; n++) {
		const { a, b } = next(n);
		d = b + a * d;
		d = 1 / (d === 0 ? tiny : d);
		c = b + a / c;
		if (c === 0) c = tiny;
		value *= c * d;
		if (Math.abs(c * d - 1) < 1e-15) break;
	}
	return value;
}
