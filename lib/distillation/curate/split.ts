import { createHash } from 'node:crypto';
import { DistillationError } from '../errors';
import type { SplitName } from './types';

export interface SplitOptions {
	/** Share of the groups for validation. Default 0.05. */
	readonly validation?: number;
	/** Share of the groups for the test set. Default 0.05. */
	readonly test?: number;
	/** Another salt draws another split. Default "split-1". */
	readonly salt?: string;
}

export type SplitSettings = Required<SplitOptions>;

export function splitSettings(options: SplitOptions = {}): SplitSettings {
	const { validation = 0.05, test = 0.05, salt = 'split-1' } = options;
	if (!(validation >= 0 && test >= 0 && validation + test < 1)) {
		throw new DistillationError(
			'invalidOptions',
			`The shares of validation (${validation}) and test (${test}) must not be negative and must leave something to train on.`,
		);
	}
	return { validation, test, salt };
}

/**
 * Where a group falls, as a number from 0 (inclusive) to 1: the first 48 bits of sha256(salt + key). It depends on
 * nothing else, so a group stays on its side whatever is added later.
 */
export function splitPosition(salt: string, key: string): number {
	return (
		createHash('sha256')
			.update(salt + key)
			.digest()
			.readUIntBE(0, 6) /
		2 ** 48
	);
}

/** Test first, then validation: making the validation share larger moves no group into or out of the test set. */
export function sideOf(position: number, { validation, test }: SplitSettings): SplitName {
	if (position < test) return 'test';
	return position < test + validation ? 'validation' : 'train';
}
