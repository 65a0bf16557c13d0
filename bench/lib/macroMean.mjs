import { quantile } from './measure.mjs';
import { randomOf } from './random.mjs';

const RESAMPLES = 2_000;
const mean = (values) => values.reduce((sum, value) => sum + value, 0) / values.length;

/**
 * The mean of each group's mean, with the 95 % interval of a bootstrap that draws within each group (Efron & Tibshirani 1993,
 * ch. 8.3): a large corpus counts no more than a small one.
 *
 * @param {number[][]} groups one value a question, a list for each corpus
 */
export function macroMean(groups) {
	const random = randomOf(1);
	const draw = (values) => {
		let sum = 0;
		for (let i = 0; i < values.length; i++) sum += values[Math.floor(random() * values.length)];
		return sum / values.length;
	};
	const drawn = Array.from({ length: RESAMPLES }, () => mean(groups.map(draw)));
	return {
		mean: mean(groups.map(mean)),
		low: quantile(drawn, 0.025),
		high: quantile(drawn, 0.975),
		n: groups.reduce((sum, values) => sum + values.length, 0),
	};
}
