import { existsFacet, valueFacet } from '../filter/facets';
import type { Bound, FilterNode, Scalar } from '../filter/parse';
import { rangePattern } from '../filter/range';

/** Fields with a column of their own; every other field lives in the `facets` of the row. */
const COLUMNS: ReadonlyMap<string, { readonly column: string; readonly type: 'string' | 'number' }> = new Map(
	[
		['source', { column: 'source', type: 'string' }],
		['generation', { column: 'generation', type: 'string' }],
		['start', { column: 'start', type: 'number' }],
		['end', { column: '`end`', type: 'number' }],
	],
);

/**
 * A filter as a DataFusion expression, never null: true or false for every row. Names never enter it (they are hashed),
 * texts only as quoted literals of the four columns above.
 */
export function toSql(node: FilterNode): string {
	switch (node.op) {
		case 'and':
			return node.nodes.length === 0 ? 'true' : `(${node.nodes.map(toSql).join(' AND ')})`;
		case 'or':
			return node.nodes.length === 0 ? 'false' : `(${node.nodes.map(toSql).join(' OR ')})`;
		case 'not':
			return `(NOT ${toSql(node.node)})`;
		case 'exists': {
			const own = COLUMNS.get(node.field);
			return own ? `(${own.column} IS NOT NULL)` : hasFacet([existsFacet(node.field)]);
		}
		case 'in': {
			const own = COLUMNS.get(node.field);
			if (!own) return hasFacet(node.values.map((value) => valueFacet(node.field, value)));
			return inColumn(own, node.values);
		}
		case 'range':
			return rangeSql(node.field, node.bounds);
	}
}

function rangeSql(field: string, bounds: Extract<FilterNode, { op: 'range' }>['bounds']): string {
	const own = COLUMNS.get(field);
	if (!own) {
		const pattern = rangePattern(field, bounds);
		return pattern === undefined ? 'false' : `regexp_like(array_to_string(facets, ';'), ${quote(pattern)})`;
	}
	if (own.type !== bounds.type) return 'false';
	const parts = [`${own.column} IS NOT NULL`];
	if (bounds.from) parts.push(`${own.column} ${bounds.from.inclusive ? '>=' : '>'} ${literal(bounds.from)}`);
	if (bounds.to) parts.push(`${own.column} ${bounds.to.inclusive ? '<=' : '<'} ${literal(bounds.to)}`);
	return `(${parts.join(' AND ')})`;
}

function inColumn({ column, type }: { column: string; type: string }, values: readonly Scalar[]): string {
	const fitting = values.filter((value) => typeof value === type);
	if (fitting.length === 0) return 'false';
	return `(${column} IS NOT NULL AND ${column} IN (${fitting.map((value) => literal({ value })).join(', ')}))`;
}

function literal({ value }: Pick<Bound<Scalar>, 'value'>): string {
	if (typeof value === 'string') return quote(value);
	// Offsets are integers: a cast keeps 1.5 and 1e300 comparable with them.
	return `CAST(${value.toString()} AS DOUBLE)`;
}

function hasFacet(facets: readonly string[]): string {
	const [only] = facets;
	if (facets.length === 1 && only !== undefined) return `array_has(facets, ${quote(only)})`;
	return `array_has_any(facets, [${facets.map(quote).join(', ')}])`;
}

/** A DataFusion string literal: the quote is its only special character (checked by the hostile-names tests). */
export function quote(text: string): string {
	return `'${text.replaceAll("'", "''")}'`;
}

export function idsIn(ids: readonly string[]): string {
	return `id IN (${ids.map(quote).join(', ')})`;
}
