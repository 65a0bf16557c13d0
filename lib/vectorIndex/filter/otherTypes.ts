import { isObject } from '../../support';
import type { Filter } from '../types';

const NUMBER = /^[+-]?\d+(?:\.\d+)?$/;
const MAX_DEPTH = 32;

/**
 * The filter with its values in another type: texts that look like a number or like true become that, numbers become text. For saying why a
 * filter finds nothing: `"2022"` does not match rows that hold the number 2022. Undefined where no value has another type.
 */
export function withOtherTypes(filter: Filter): Filter | undefined {
	let changed = false;
	const other = (value: unknown, depth: number): unknown => {
		if (depth > MAX_DEPTH) return value;
		if (Array.isArray(value)) return value.map((each) => other(each, depth + 1));
		if (isObject(value)) {
			return Object.fromEntries(
				Object.entries(value).map(([key, each]) => [key, key === 'exists' ? each : other(each, depth + 1)]),
			);
		}
		const swapped = otherType(value);
		if (swapped !== undefined) changed = true;
		return swapped ?? value;
	};
	const result = other(filter, 0) as Filter;
	return changed ? result : undefined;
}

function otherType(value: unknown): string | number | boolean | undefined {
	if (typeof value === 'number' || typeof value === 'boolean') return String(value);
	if (typeof value !== 'string') return undefined;
	const text = value.trim();
	if (NUMBER.test(text)) return Number(text);
	return text === 'true' ? true : text === 'false' ? false : undefined;
}
