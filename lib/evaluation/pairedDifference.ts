import { bootstrapMean, type BootstrapOptions, type CallContext, type Estimate } from '../support';
import { EvaluationError } from './errors';

/**
 * Mean difference `b - a` over the same questions, with its interval. Pairing removes the spread between easy and hard
 * questions, so a small but steady gain shows that two separate intervals would hide.
 *
 * @param a values by question, in the same order as `b`
 * @throws EvaluationError `invalidData` when the lists differ in length
 */
export async function pairedDifference(
	a: readonly number[],
	b: readonly number[],
	options: BootstrapOptions = {},
	call: CallContext = {},
): Promise<Estimate> {
	if (a.length !== b.length)
		throw new EvaluationError(
			'invalidData',
			`Cannot pair ${a.length} values with ${b.length}: the questions differ.`,
		);
	const differences = a.map((value, index) => (b[index] ?? Number.NaN) - value);
	return await bootstrapMean(differences, options, call);
}
