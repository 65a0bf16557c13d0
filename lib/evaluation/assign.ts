import { sha256 } from '../support';
import { EvaluationError } from './errors';

export interface Variant {
	readonly name: string;
	/** Share of traffic relative to the other variants. Default 1. */
	readonly weight?: number;
}

/**
 * The variant of a unit (a user, a session, a ticket): always the same for the same experiment, unit and variants, with nothing
 * stored, in every process. The first 52 bits of SHA-256(experiment, unit) place the unit on 0–1, the weights cut that line
 * in the order given. Another experiment name places every unit anew, so experiments do not follow one another.
 *
 * To ramp a variant up, change weights with the control first in the list: units below the cut keep their variant.
 *
 * @throws EvaluationError `invalidOptions` for fewer than two variants, equal names or weights that are not positive
 */
export function assignVariant(experiment: string, unit: string, variants: readonly Variant[]): string {
	const total = checkVariants(variants);
	const position = (Number.parseInt(sha256(experiment, unit).slice(0, 13), 16) / 2 ** 52) * total;
	let cut = 0;
	for (const { name, weight = 1 } of variants) {
		cut += weight;
		if (position < cut) return name;
	}
	// Only rounding of the summed weights can lead here.
	return variants.at(-1)?.name ?? '';
}

/** Sum of the weights of valid variants. */
export function checkVariants(variants: readonly Variant[]): number {
	if (variants.length < 2)
		throw new EvaluationError(
			'invalidOptions',
			'An experiment needs at least two variants, the control first.',
		);
	if (new Set(variants.map(({ name }) => name)).size < variants.length)
		throw new EvaluationError('invalidOptions', 'Two variants have the same name.');
	for (const { name, weight = 1 } of variants)
		if (!(weight > 0 && Number.isFinite(weight)))
			throw new EvaluationError(
				'invalidOptions',
				`The weight of variant "${name}" must be a number above 0.`,
			);
	return variants.reduce((sum, { weight = 1 }) => sum + weight, 0);
}
