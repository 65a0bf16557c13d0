import { isObject, parseJson } from '../../support';
import type { JsonObject } from './json';

/** A copy as plain JSON: drops undefined fields, and is typed as what will be sent. */
export function plain(value: unknown): JsonObject {
	const copy = parseJson(JSON.stringify(value));
	return isObject(copy) ? copy : {};
}
