import { DistillationError } from '../errors';
import { forbids } from './teacher';
import type { GenerateOptions } from './types';

/** Throws `licence` or `invalidOptions` where a run cannot work as it is set. */
export function checkOptions(options: GenerateOptions): void {
	const why = options.licence === undefined ? undefined : forbids(options.licence);
	if (why !== undefined && options.licenceConfirmed !== true) {
		throw new DistillationError(
			'licence',
			`The teacher's licence "${options.licence}" does not allow this: ${why}. Use another teacher, or confirm that you have permission.`,
		);
	}
	const { samples = 1, concurrency = 4 } = options;
	if (!Number.isInteger(samples) || samples < 1 || samples > 16) {
		throw new DistillationError(
			'invalidOptions',
			`Samples must be a whole number from 1 to 16, not ${samples}.`,
		);
	}
	if (!Number.isInteger(concurrency) || concurrency < 1 || concurrency > 64) {
		throw new DistillationError(
			'invalidOptions',
			`Prompts at once must be a whole number from 1 to 64, not ${concurrency}.`,
		);
	}
	if (options.select === 'judge' && options.judge === undefined) {
		throw new DistillationError('invalidOptions', 'Selecting by a judge needs a judge with a rubric.');
	}
	if (options.select === 'consistency' && samples < 3) {
		throw new DistillationError(
			'invalidOptions',
			'Self-consistency needs at least 3 samples to have a majority.',
		);
	}
}
