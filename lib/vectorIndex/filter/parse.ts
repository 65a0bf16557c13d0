import { isObject, shortened } from '../../support';
import { IndexError } from '../errors';
import type { Filter } from '../types';

export type Scalar = string | number | boolean;

/** A filter after checking: what both back ends translate. */
export type FilterNode =
	| { readonly op: 'and' | 'or'; readonly nodes: readonly FilterNode[] }
	| { readonly op: 'not'; readonly node: FilterNode }
	/** Some value of the field is one of `values`. */
	| { readonly op: 'in'; readonly field: string; readonly values: readonly Scalar[] }
	/** The field has at least one value (null and [] are none). */
	| { readonly op: 'exists'; readonly field: string }
	/** One value of the field, of the bounds' type, lies within all bounds. */
	| { readonly op: 'range'; readonly field: string; readonly bounds: Bounds };

export type Bounds =
	| { readonly type: 'number'; readonly from?: Bound<number>; readonly to?: Bound<number> }
	| { readonly type: 'string'; readonly from?: Bound<string>; readonly to?: Bound<string> };

export interface Bound<T> {
	readonly value: T;
	readonly inclusive: boolean;
}

export const EVERYTHING: FilterNode = { op: 'and', nodes: [] };
export const NOTHING: FilterNode = { op: 'or', nodes: [] };

const MAX_DEPTH = 32;
const MAX_PARTS = 1_000;
/**
 * A range is a pattern that the embedded store makes ready and runs over each row: 490 of them took 31 seconds of the processor for
 * 26 rows. Nobody asks for more dates or prices than this at once.
 */
const MAX_RANGES = 20;
const MAX_VALUES = 10_000;
const MAX_TEXT = 10_000;
/** Text is ordered by its first bytes (see facets.ts): long enough for a timestamp with a zone. */
export const MAX_BOUND_BYTES = 29;

/**
 * Checks a filter and turns it into nodes, with constants folded: a filter that is true of every row comes back as
 * an `and` of nothing, one that is true of none as an `or` of nothing. Throws `invalidFilter`.
 */
export function parseFilter(filter: Filter | undefined): FilterNode {
	if (filter === undefined) return EVERYTHING;
	return new Parser().filter(filter, 0);
}

export function isEverything(node: FilterNode): boolean {
	return node.op === 'and' && node.nodes.length === 0;
}

export function isNothing(node: FilterNode): boolean {
	return node.op === 'or' && node.nodes.length === 0;
}

export function and(nodes: readonly FilterNode[]): FilterNode {
	if (nodes.some(isNothing)) return NOTHING;
	const kept = nodes.filter((node) => !isEverything(node));
	const [only] = kept;
	return kept.length === 1 && only ? only : { op: 'and', nodes: kept };
}

function or(nodes: readonly FilterNode[]): FilterNode {
	if (nodes.some(isEverything)) return EVERYTHING;
	const kept = nodes.filter((node) => !isNothing(node));
	const [only] = kept;
	return kept.length === 1 && only ? only : { op: 'or', nodes: kept };
}

function not(node: FilterNode): FilterNode {
	if (isEverything(node)) return NOTHING;
	if (isNothing(node)) return EVERYTHING;
	return node.op === 'not' ? node.node : { op: 'not', node };
}

class Parser {
	private parts = 0;
	private values = 0;
	private ranges = 0;

	filter(filter: unknown, depth: number): FilterNode {
		if (!isObject(filter)) throw invalid('a filter must be an object of { field: value } pairs');
		this.spend(depth);
		const nodes: FilterNode[] = [];
		for (const [field, value] of Object.entries(filter)) {
			if (field === 'and' || field === 'or') nodes.push(this.list(field, value, depth));
			else if (field === 'not') nodes.push(not(this.filter(value, depth + 1)));
			else nodes.push(this.condition(field, value, depth));
		}
		return and(nodes);
	}

	private list(op: 'and' | 'or', value: unknown, depth: number): FilterNode {
		if (!Array.isArray(value)) throw invalid(`"${op}" needs a list of filters`);
		const nodes = value.map((each) => this.filter(each, depth + 1));
		return op === 'and' ? and(nodes) : or(nodes);
	}

	private condition(field: string, value: unknown, depth: number): FilterNode {
		this.spend(depth);
		if (field.length === 0 || field.length > 512) throw invalid('a field name must have 1–512 characters');
		if (value === null) return not({ op: 'exists', field });
		if (isScalar(value)) return { op: 'in', field, values: [this.scalar(value, field)] };
		if (!isObject(value)) {
			throw invalid(
				value === undefined
					? `"${show(field)}" has no value (undefined); leave the field out or compare with null`
					: `"${show(field)}" cannot be compared with ${Array.isArray(value) ? 'a list; use { "in": […] }' : `a ${typeof value}`}`,
			);
		}
		return this.operators(field, value, depth);
	}

	private operators(field: string, operators: Record<string, unknown>, depth: number): FilterNode {
		const nodes: FilterNode[] = [];
		let from: Bound<Scalar> | undefined;
		let to: Bound<Scalar> | undefined;
		for (const [operator, value] of Object.entries(operators)) {
			if (operator === 'gt' || operator === 'gte') {
				from = this.bound(from, { value, inclusive: operator === 'gte' }, field, operator);
			} else if (operator === 'lt' || operator === 'lte') {
				to = this.bound(to, { value, inclusive: operator === 'lte' }, field, operator);
			} else if (operator === 'in') nodes.push(this.oneOf(field, value));
			else if (operator === 'not') nodes.push(not(this.condition(field, value, depth + 1)));
			else if (operator === 'exists') {
				if (typeof value !== 'boolean') throw invalid(`"exists" of "${show(field)}" must be true or false`);
				nodes.push(value ? { op: 'exists', field } : not({ op: 'exists', field }));
			} else {
				throw invalid(
					`"${show(operator)}" of "${show(field)}" is not an operator (gt, gte, lt, lte, in, not, exists). ` +
						`To reach into nested metadata write the path as the field: "${show(`${field}.${operator}`)}"`,
				);
			}
		}
		if (from || to) {
			if (++this.ranges > MAX_RANGES)
				throw invalid(`it has more than ${MAX_RANGES} conditions with gt, gte, lt or lte`);
			nodes.push({ op: 'range', field, bounds: boundsOf(field, from, to) });
		}
		if (nodes.length === 0) throw invalid(`the condition on "${show(field)}" is empty`);
		return and(nodes);
	}

	private oneOf(field: string, value: unknown): FilterNode {
		if (!Array.isArray(value)) throw invalid(`"in" of "${show(field)}" needs a list of values`);
		const values = [...new Set(value.map((each) => this.scalar(each, field)))];
		return values.length === 0 ? NOTHING : { op: 'in', field, values };
	}

	private bound(
		earlier: Bound<Scalar> | undefined,
		bound: { value: unknown; inclusive: boolean },
		field: string,
		operator: string,
	): Bound<Scalar> {
		if (earlier) throw invalid(`"${show(field)}" has two bounds on the same side; keep one of them`);
		if (typeof bound.value === 'boolean')
			throw invalid(`"${operator}" of "${show(field)}" needs a number or a text`);
		const value = this.scalar(bound.value, field);
		if (typeof value === 'string' && Buffer.byteLength(value) > MAX_BOUND_BYTES) {
			throw invalid(`"${operator}" of "${show(field)}" compares text of at most ${MAX_BOUND_BYTES} bytes`);
		}
		return { value, inclusive: bound.inclusive };
	}

	private scalar(value: unknown, field: string): Scalar {
		if (++this.values > MAX_VALUES) throw invalid(`it has more than ${MAX_VALUES} values`);
		if (typeof value === 'number') {
			if (!Number.isFinite(value))
				throw invalid(`"${show(field)}" is compared with a number that is not finite`);
			return value === 0 ? 0 : value; // -0 and 0 are one value
		}
		if (typeof value === 'string') {
			if (value.length > MAX_TEXT)
				throw invalid(`"${show(field)}" is compared with a text of more than ${MAX_TEXT} characters`);
			return value.toWellFormed();
		}
		if (typeof value === 'boolean') return value;
		throw invalid(`"${show(field)}" can be compared with text, numbers, true and false only`);
	}

	private spend(depth: number): void {
		if (depth > MAX_DEPTH) throw invalid(`it is nested deeper than ${MAX_DEPTH} levels`);
		if (++this.parts > MAX_PARTS) throw invalid(`it has more than ${MAX_PARTS} parts`);
	}
}

function boundsOf(field: string, from: Bound<Scalar> | undefined, to: Bound<Scalar> | undefined): Bounds {
	if (isBoundOf('number', from) && isBoundOf('number', to)) return { type: 'number', from, to };
	if (isBoundOf('string', from) && isBoundOf('string', to)) return { type: 'string', from, to };
	throw invalid(`the two bounds of "${show(field)}" must both be numbers or both be text`);
}

function isBoundOf(type: 'number', bound: Bound<Scalar> | undefined): bound is Bound<number> | undefined;
function isBoundOf(type: 'string', bound: Bound<Scalar> | undefined): bound is Bound<string> | undefined;
function isBoundOf(type: 'number' | 'string', bound: Bound<Scalar> | undefined): boolean {
	return bound === undefined || typeof bound.value === type;
}

function isScalar(value: unknown): value is Scalar {
	return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean';
}

function invalid(problem: string): IndexError {
	return new IndexError('invalidFilter', `The filter cannot be used: ${problem}.`);
}

const show = (text: string): string => shortened(text, 80);
