import { createSlicer, meanOf, quantile, seededRandom, type CallContext, type Estimate } from '../support';

const RESAMPLES = 2_000;

/**
 * The mean of each group's mean, with the 95 % interval of a bootstrap that draws within each group (Efron and Tibshirani, "An
 * Introduction to the Bootstrap", 1993, ch. 8.3): a large corpus counts no more than a small one. The same values give the same
 * interval on every machine.
 *
 * @param groups one value a question, a list for each corpus; none may be empty
 */
export async function corpusMean(
	groups: ReadonlyArray<readonly number[]>,
	call: CallContext = {},
): Promise<Estimate> {
	const random = seededRandom(1);
	const turn = createSlicer();
	const drawn = new Float64Array(RESAMPLES);
	for (let at = 0; at < RESAMPLES; at++) {
		drawn[at] = meanOf(groups.map((values) => meanOfDraw(values, random)));
		await turn();
		call.signal?.throwIfAborted();
	}
	return {
		mean: meanOf(groups.map(meanOf)),
		low: quantile(drawn, 0.025),
		high: quantile(drawn, 0.975),
		n: groups.reduce((sum, values) => sum + values.length, 0),
	};
}

function meanOfDraw(values: readonly number[], random: () => number): number {
	let sum = 0;
	for (let drawn = 0; drawn < values.length; drawn++)
		sum += values[Math.floor(random() * values.length)] ?? 0;
	return sum / values.length;
}
