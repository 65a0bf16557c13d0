import { formsOf, withoutForms } from './known';
import { SHAPES, type Place } from './shapes';

export { partsOfHeader } from './known';
export { SHAPES as SECRET_SHAPES } from './shapes';

/** What a secret is replaced by in records. */
export const SECRET = '[secret]';
/** What a secret is replaced by in messages and items. */
export const STARS = '***';

const SECRET_NAME =
	/^(?:proxy-)?authorization$|^(?:set-)?cookie$|api[-_]?key|(?:access|auth|refresh|bearer|id)[-_]?token$|secret|password|passwd|^headers?$|credentials?$/i;
/** Nothing that is recorded or shown is nested deeper (see nesting.ts); what is, is left out. */
const MAX_DEPTH = 200;

export interface SecretRedactor {
	text(value: string): string;
	/** The value with its strings redacted and properties named like credentials or headers taken out. */
	deep(value: unknown): unknown;
}

/**
 * The one place where secrets are taken out of what can reach an item, an error, a log or a record: `known` ones word for word and
 * in their encoded forms (the key of the engine that was called, say), and whatever has the shape of a credential.
 */
export function createSecretRedactor(known: readonly string[] = [], mark = SECRET): SecretRedactor {
	const forms = formsOf(known);
	const text = (value: string): string => {
		let result = withoutForms(value, forms, mark);
		for (const shape of Object.values(SHAPES)) result = without(result, shape(result), mark);
		return result;
	};
	const deep = (value: unknown, depth = 0): unknown => {
		if (typeof value === 'string') return text(value);
		if (typeof value !== 'object' || value === null) return value;
		if (depth >= MAX_DEPTH) return undefined;
		if (Array.isArray(value)) return value.map((entry) => deep(entry, depth + 1));
		return Object.fromEntries(
			Object.entries(value)
				.filter(([key]) => !SECRET_NAME.test(key))
				.map(([key, entry]) => [text(key), deep(entry, depth + 1)]),
		);
	};
	return { text, deep: (value) => deep(value) };
}

function without(text: string, places: readonly Place[], mark: string): string {
	if (places.length === 0) return text;
	let result = '';
	let copied = 0;
	for (const { start, end } of places) {
		// What an earlier shape has replaced already.
		if (text.slice(start, end) === mark) continue;
		result += text.slice(copied, start) + mark;
		copied = end;
	}
	return result + text.slice(copied);
}
