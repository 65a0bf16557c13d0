import { sha256 } from '../support';
import { ExperimentError } from './errors';

export interface Variant {
	readonly name: string;
	/** Share of traffic relative to the other variants. Default 1. */
	readonly weight?: number;
}

/**
 * The variant of a unit (a user, a session, a ticket): always the same for the same experiment, unit and variants, with nothing
 * stored, in every process, in whatever order the variants are listed. Another experiment name places every unit anew, so
 * experiments do not follow one another.
 *
 * Weighted rendezvous hashing (Thaler & Ravishankar, IEEE/ACM Trans. Networking 6, 1998; weights by the logarithmic method of
 * Schindelhauer & Schomaker, SPAA 2005): each variant draws -weight / ln(u) with u from SHA-256(experiment, unit, variant),
 * the largest wins. When a weight rises, units only move to that variant; when a variant is added or taken away, units only
 * move to or from it: no other unit changes sides, which is as few as any method can move.
 *
 * @throws ExperimentError `invalidOptions` for fewer than two variants, equal names or weights that are not positive
 */
export function assignVariant(experiment: string, unit: string, variants: readonly Variant[]): string {
	checkVariants(variants);
	let best = '';
	let highest = -1;
	for (const { name, weight = 1 } of variants) {
		// 52 bits, moved off 0 and 1 by half a step: ln is finite and below 0.
		const uniform = (Number.parseInt(sha256(experiment, unit, name).slice(0, 13), 16) + 0.5) / 2 ** 52;
		const draw = weight / -Math.log(uniform);
		if (draw > highest || (draw === highest && name < best)) [best, highest] = [name, draw];
	}
	return best;
}

/** Sum of the weights of valid variants. */
export function checkVariants(variants: readonly Variant[]): number {
	if (variants.length < 2)
		throw new ExperimentError(
			'invalidOptions',
			'An experiment needs at least two variants, the control first.',
		);
	if (new Set(variants.map(({ name }) => name)).size < variants.length)
		throw new ExperimentError('invalidOptions', 'Two variants have the same name.');
	for (const { name, weight = 1 } of variants)
		if (!(weight > 0 && Number.isFinite(weight)))
			throw new ExperimentError(
				'invalidOptions',
				`The weight of variant "${name}" must be a number above 0.`,
			);
	return variants.reduce((sum, { weight = 1 }) => sum + weight, 0);
}
