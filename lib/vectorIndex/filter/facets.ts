import { createHash } from 'node:crypto';
import type { JsonValue } from '../../support';
import { comparable } from './instants';

/*
 * Metadata is arbitrary JSON, a column store wants columns. Every scalar leaf becomes one short text ("facet") made of
 * hexadecimal digits and four marks only, so that equality is set membership, a range is a regular expression over
 * order-preserving digits, and nothing a user typed ever reaches a query text:
 *
 *   <key>            the field has a value            (key: 16 digits of SHA-256 of the path)
 *   <key>b0 <key>b1  false, true
 *   <key>n<16>.      a number, as the bits of its double, arranged so that order of text is order of numbers
 *   <key>s<…>.       a text: its UTF-8 bytes; of a long one the first 30 bytes and "~" and 16 digits of its hash
 */

/** Bytes of a text that take part in ordering; one more than the longest bound, so that comparing them decides. */
export const ORDERED_BYTES = 30;
const MAX_LEAVES = 500;
const MAX_DEPTH = 20;

/** A value a filter can ask for, with the path to it. */
export interface Leaf {
	readonly path: string;
	readonly value: string | number | boolean;
}

/** The scalar leaves of a metadata object. Throws a plain Error that says why metadata cannot be indexed. */
export function leavesOf(metadata: { readonly [key: string]: JsonValue } | undefined): Leaf[] {
	const leaves: Leaf[] = [];
	if (metadata !== undefined) collect(metadata, '', 0, leaves);
	return leaves;
}

/** Facets of the leaves, without repetition. */
export function facetsOf(leaves: readonly Leaf[]): string[] {
	const facets = new Set<string>();
	for (const { path, value } of leaves) facets.add(existsFacet(path)).add(valueFacet(path, value));
	return [...facets];
}

export function existsFacet(path: string): string {
	return keyOf(path);
}

export function valueFacet(path: string, value: string | number | boolean): string {
	return keyOf(path) + encodeValue(value);
}

function collect(value: JsonValue | undefined, path: string, depth: number, leaves: Leaf[]): void {
	if (value === null || value === undefined) return;
	if (depth > MAX_DEPTH) throw new Error(`its metadata is nested deeper than ${MAX_DEPTH} levels`);
	if (isList(value)) {
		for (const each of value) collect(each, path, depth + 1, leaves);
		return;
	}
	if (typeof value === 'object') {
		for (const [key, each] of Object.entries(value))
			collect(each, path ? `${path}.${key}` : key, depth + 1, leaves);
		return;
	}
	if (typeof value === 'number' && !Number.isFinite(value)) return; // JSON stores it as null
	if (typeof value !== 'string' && typeof value !== 'number' && typeof value !== 'boolean') {
		throw new Error(`its metadata holds a ${typeof value} at "${path}", which JSON cannot carry`);
	}
	leaves.push({ path, value });
	if (leaves.length > MAX_LEAVES) throw new Error(`its metadata has more than ${MAX_LEAVES} values`);
}

function isList(value: JsonValue): value is readonly JsonValue[] {
	return Array.isArray(value);
}

// Paths repeat from row to row; hashing each anew would cost more than the rest of the row.
const keys = new Map<string, string>();

export function keyOf(path: string): string {
	const known = keys.get(path);
	if (known !== undefined) return known;
	const key = createHash('sha256').update(path.toWellFormed()).digest('hex').slice(0, 16);
	if (keys.size >= 10_000) keys.clear();
	keys.set(path, key);
	return key;
}

function encodeValue(value: string | number | boolean): string {
	if (typeof value === 'boolean') return value ? 'b1' : 'b0';
	if (typeof value === 'number') return `n${orderedDigits(value)}.`;
	const bytes = Buffer.from(comparable(value), 'utf8');
	if (bytes.length <= ORDERED_BYTES) return `s${bytes.toString('hex')}.`;
	const rest = createHash('sha256').update(bytes).digest('hex').slice(0, 16);
	return `s${bytes.toString('hex', 0, ORDERED_BYTES)}~${rest}`;
}

const scratch = new DataView(new ArrayBuffer(8));

/** IEEE 754 orders like sign-and-magnitude integers: flip the sign bit of positives and every bit of negatives. */
export function orderedDigits(value: number): string {
	scratch.setFloat64(0, value === 0 ? 0 : value);
	const bits = scratch.getBigUint64(0);
	const ordered = bits >> 63n ? ~bits & 0xffffffffffffffffn : bits | (1n << 63n);
	return ordered.toString(16).padStart(16, '0');
}
