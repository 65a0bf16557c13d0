import { describe } from '../../shared/runtime/values';
import { InputError } from '../../shared/runtime/errors';
import { shortened } from '../../../lib/support';

const WORDS: Readonly<Record<string, number>> = { true: 1, yes: 1, up: 1, false: 0, no: 0, down: 0 };

/** The value of an outcome as a number; undefined when there is none. */
export function outcomeValue(metric: string, given: unknown): number | undefined {
	if (given === undefined || given === null) return undefined;
	if (typeof given === 'boolean') return given ? 1 : 0;
	if (typeof given === 'number' && Number.isFinite(given)) return given;
	if (typeof given === 'string') {
		const text = given.trim().toLowerCase();
		// An expression without a value becomes this text in a text field.
		if (text === '' || text === 'undefined' || text === 'null') return undefined;
		const number = Object.hasOwn(WORDS, text) ? WORDS[text] : Number(text);
		if (number !== undefined && Number.isFinite(number)) return number;
		throw new InputError(
			`The value of "${metric}" should be a number, or yes or no, but is "${shortened(given, 60)}".`,
		);
	}
	throw new InputError(
		`The value of "${metric}" should be a number, or yes or no, but is ${describe(given)}.`,
	);
}
