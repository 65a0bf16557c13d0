import type { IDataObject } from 'n8n-workflow';
import { instantInZone, messageOf, shortened } from '../../../lib/support';
import { InputError } from './errors';

// What fields and items hold comes from forms, sheets, query strings and models: numbers as text, text as numbers, dates,
// lists. It is converted the way n8n's own nodes do, or refused by the name of its field.

/** The value at a dotted path of an item ("body.question"); a key that contains dots comes first. */
export function valueAt(json: unknown, path: string): unknown {
	if (json === null || typeof json !== 'object') return undefined;
	if (Object.hasOwn(json, path)) return (json as Record<string, unknown>)[path];
	let value: unknown = json;
	for (const key of path.split('.')) {
		if (value === null || typeof value !== 'object' || !Object.hasOwn(value, key)) return undefined;
		value = (value as Record<string, unknown>)[key];
	}
	return value;
}

/** No value at all, or a text without a visible character: control and format characters alone are as empty as blanks. */
export const isNothing = (value: unknown): value is undefined | null | '' =>
	value === undefined || value === null || (typeof value === 'string' && /^[\p{C}\p{Z}\s]*$/u.test(value));

/** What a value is, for a sentence: "the text "warm"", "a list". */
export function describe(value: unknown): string {
	if (value === undefined) return 'nothing';
	if (value === null) return 'null';
	if (typeof value === 'string') {
		if (value === '') return 'an empty text';
		return `the text "${shortened(value, 60)}"`;
	}
	if (Array.isArray(value)) return value.length === 0 ? 'an empty list' : 'a list';
	if (instantOf(value) !== undefined) return 'a date';
	if (typeof value === 'object') return 'an object';
	if (typeof value === 'boolean') return String(value);
	return typeof value === 'number' || typeof value === 'bigint' ? `the number ${value}` : `a ${typeof value}`;
}

/**
 * What was chosen in a field that offers a list and free text (n8n's resource locator), and any other value as it is. n8n's own
 * `extractValue` does the same, but throws for a field that the operation does not show.
 */
export const chosenValue = (value: unknown): unknown =>
	typeof value === 'object' && value !== null && 'mode' in value && 'value' in value ? value.value : value;

interface LuxonDate {
	toMillis(): unknown;
}

/** A date of JavaScript or of Luxon (what n8n's expressions give) as an ISO instant in UTC. */
export function instantOf(value: unknown): string | undefined {
	if (value instanceof Date) return Number.isNaN(value.getTime()) ? undefined : value.toISOString();
	if (typeof value !== 'object' || value === null) return undefined;
	if (!('isLuxonDateTime' in value) || value.isLuxonDateTime !== true || !('toMillis' in value))
		return undefined;
	const millis: unknown = typeof value.toMillis === 'function' ? (value as LuxonDate).toMillis() : undefined;
	return typeof millis === 'number' && Number.isFinite(millis) ? new Date(millis).toISOString() : undefined;
}

const wrong = (label: string, wanted: string, value: unknown, hint = 'Check the value or its expression.') =>
	new InputError(`"${label}" should be ${wanted}, but is ${describe(value)}. ${hint}`);

/** Text; numbers and dates become text, lists and objects are refused. */
export function toText(value: unknown, label: string): string {
	if (typeof value === 'string') return value;
	if (typeof value === 'boolean' || typeof value === 'bigint' || Number.isFinite(value)) return String(value);
	const instant = instantOf(value);
	if (instant !== undefined) return instant;
	throw wrong(label, 'text', value);
}

/** Text for people and models to read: lists and objects become JSON. */
export function toProse(value: unknown, label: string): string {
	if (typeof value !== 'object' || value === null || instantOf(value) !== undefined)
		return toText(value, label);
	return JSON.stringify(value);
}

const NUMBER = /^[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?$/;

export function toNumber(value: unknown, label: string): number {
	if (typeof value === 'number' && Number.isFinite(value)) return value;
	if (typeof value === 'string' && NUMBER.test(value.trim())) return Number(value);
	throw wrong(label, 'a number', value);
}

const WALL_CLOCK = /^(\d{4}-\d{2}-\d{2})(?:[T ](\d{2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?))?$/;
/** How a time ends that says where its clock stands. */
const ENDS_WITH_ZONE = /(?:\dZ|[+-]\d{2}:?\d{2}|\b(?:GMT|UTC))$/i;
/** What `$now.toMillis()` gives; smaller numbers may be seconds, years or days. */
const LEAST_MILLIS = 1e11;

/**
 * Milliseconds since 1970. A date alone is its beginning, and a time without a zone is one of the workflow's zone, as n8n reads them.
 *
 * @param zone the workflow's, as an IANA name
 */
export function toTime(value: unknown, label: string, zone: string): number {
	const refused = () => wrong(label, 'a time like 2026-01-31T12:00:00Z', value);
	const instant = instantOf(value);
	if (instant !== undefined) return Date.parse(instant);
	if (typeof value === 'number' && value >= LEAST_MILLIS && value <= 8.64e15) return value;
	if (typeof value !== 'string') throw refused();
	const text = value.trim();
	const [, date, time = '00:00'] = WALL_CLOCK.exec(text) ?? [];
	const shown = date === undefined ? NaN : Date.parse(`${date}T${time}Z`);
	if (!Number.isNaN(shown)) return instantInZone(shown, zone);
	const at = ENDS_WITH_ZONE.test(text) ? Date.parse(text) : NaN;
	if (Number.isNaN(at)) throw refused();
	return at;
}

const FLAGS: Readonly<Record<string, boolean>> = { true: true, '1': true, false: false, '0': false };

export function toFlag(value: unknown, label: string): boolean {
	const word = typeof value === 'string' ? value.trim().toLowerCase() : String(value);
	const flag = typeof value === 'object' ? undefined : FLAGS[word];
	if (flag === undefined) throw wrong(label, 'true or false', value);
	return flag;
}

/** An object as it is or as JSON text; dates in it become ISO text in UTC. */
export function toObject(value: unknown, label: string): IDataObject {
	let parsed = value;
	if (typeof value === 'string') {
		const { value: given, problem } = tryJson(value);
		if (problem !== undefined) throw new InputError(`"${label}" is not valid JSON: ${problem}`);
		parsed = given;
	}
	if (
		parsed === null ||
		typeof parsed !== 'object' ||
		Array.isArray(parsed) ||
		instantOf(parsed) !== undefined
	)
		throw wrong(label, 'an object like { "field": "value" }', parsed, '');
	return withInstants(parsed, label) as IDataObject;
}

/** Objects that are nested deeper are refused rather than followed. */
const MAX_DEPTH = 100;

function withInstants(value: unknown, label: string, depth = 0): unknown {
	if (typeof value !== 'object' || value === null) return value;
	if (depth > MAX_DEPTH) throw new InputError(`"${label}" is nested more than ${MAX_DEPTH} levels deep.`);
	const instant = instantOf(value);
	if (instant !== undefined) return instant;
	if (Array.isArray(value)) return value.map((entry) => withInstants(entry, label, depth + 1));
	return Object.fromEntries(
		Object.entries(value).map(([key, entry]) => [key, withInstants(entry, label, depth + 1)]),
	);
}

/** A list of texts: a list, its JSON, or entries separated by commas. Blanks around an entry do not count. */
export function toList(value: unknown, label: string): string[] {
	return entriesOf(value)
		.map((entry, position) => toText(entry, `${label} (entry ${position + 1})`).trim())
		.filter((entry) => entry !== '');
}

/** The entries of a list before they are converted. */
export function entriesOf(value: unknown): unknown[] {
	if (Array.isArray(value)) return value;
	if (typeof value !== 'string') return [value];
	if (value.trimStart().startsWith('[')) {
		const { value: parsed } = tryJson(value);
		if (Array.isArray(parsed)) return parsed;
	}
	return value.split(',');
}

/** Parses JSON; `problem` is the parser's sentence when it is none. */
export function tryJson(text: string): { readonly value?: unknown; readonly problem?: string } {
	try {
		return { value: JSON.parse(text) as unknown };
	} catch (error) {
		return { problem: messageOf(error) };
	}
}

/** The entries that have a value. */
export function defined<T extends object>(entries: T): { [Key in keyof T]: Exclude<T[Key], undefined> } {
	return Object.fromEntries(Object.entries(entries).filter(([, value]) => value !== undefined)) as {
		[Key in keyof T]: Exclude<T[Key], undefined>;
	};
}
