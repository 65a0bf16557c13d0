import type { GenericValue, IDataObject } from 'n8n-workflow';
import { messageOf } from '../../../lib/support';
import type { NodeContext } from './context';
import { InputError } from './errors';

/**
 * The value at a dotted path of an item ("body.question"). Nodes take field *names* besides expressions because an
 * expression costs n8n milliseconds and a look-up costs nothing.
 */
export function valueAt(
	json: IDataObject,
	path: string,
): GenericValue | IDataObject | GenericValue[] | undefined {
	if (Object.hasOwn(json, path)) return json[path];
	let value: unknown = json;
	for (const key of path.split('.')) {
		if (value === null || typeof value !== 'object' || !Object.hasOwn(value, key)) return undefined;
		value = (value as Record<string, unknown>)[key];
	}
	return value as GenericValue;
}

/** The text at a dotted path; an error that names the field when it is missing, empty or not text. */
export function textAt(json: IDataObject, path: string, what: string, maxLength?: number): string {
	const value = valueAt(json, path);
	if (value === undefined || value === null) {
		throw new InputError(
			`${what} is missing: the item has no field "${path}". Send it, or name another field in the node.`,
		);
	}
	if (typeof value !== 'string') {
		throw new InputError(`${what} should be text, but the field "${path}" holds ${describeType(value)}.`);
	}
	// Control and format characters alone are as empty as blanks.
	if (/^[\p{C}\p{Z}\s]*$/u.test(value)) throw new InputError(`${what} is empty (field "${path}").`);
	if (maxLength !== undefined && value.length > maxLength) {
		throw new InputError(
			`${what} is ${value.length} characters long; at most ${maxLength} are accepted. Shorten it, or raise the limit in the node's options.`,
		);
	}
	return value;
}

export function describeType(value: unknown): string {
	if (value === null) return 'null';
	if (Array.isArray(value)) return 'a list';
	if (typeof value === 'object') return 'an object';
	return `a ${typeof value}`;
}

/** A JSON parameter that may be typed text or, by an expression, already an object. */
export function objectParameter(
	context: NodeContext,
	name: string,
	itemIndex: number,
	label: string,
): IDataObject {
	const value: unknown = context.getNodeParameter(name, itemIndex, {});
	if (value === undefined || value === null || value === '') return {};
	const parsed = typeof value === 'string' ? jsonValue(value, label) : value;
	if (parsed === null || typeof parsed !== 'object' || Array.isArray(parsed)) {
		throw new InputError(
			`${label} should be an object like { "field": "value" }, but is ${describeType(parsed)}.`,
		);
	}
	return parsed as IDataObject;
}

function jsonValue(text: string, label: string): unknown {
	const { value, problem } = tryJson(text);
	if (problem !== undefined) throw new InputError(`${label} is not valid JSON: ${problem}`);
	return value;
}

/** Parses JSON; `problem` is the parser's sentence when it is none. */
export function tryJson(text: string): { readonly value?: unknown; readonly problem?: string } {
	try {
		return { value: JSON.parse(text) as unknown };
	} catch (error) {
		return { problem: messageOf(error) };
	}
}

/** A comma-separated field as a list; blanks around the entries do not count. */
export function listOf(value: unknown): string[] {
	const entries = Array.isArray(value)
		? value.map(String)
		: typeof value === 'string'
			? value.split(',')
			: [];
	return entries.map((entry) => entry.trim()).filter((entry) => entry !== '');
}
