import { Field, FixedSizeList, Float32, Float64, Int32, List, Schema, Utf8 } from 'apache-arrow';

/**
 * Marks a column as the key when the table is made. Without it two processes that merge the same new keys both insert
 * them, silently; with it the second commit is refused and runs again. (What `setUnenforcedPrimaryKey` writes, but in
 * the same commit as the table.)
 */
export const PRIMARY_KEY = new Map([['lance-schema:unenforced-primary-key', 'true']]);

/** The columns of an index of vectors with that many dimensions. */
export function rowSchema(dimensions: number): Schema {
	return new Schema([
		new Field('id', new Utf8(), false, PRIMARY_KEY),
		new Field('hash', new Utf8(), false),
		new Field('text', new Utf8(), false),
		new Field('source', new Utf8(), false),
		new Field('start', new Int32(), true),
		new Field('end', new Int32(), true),
		new Field('context', new Utf8(), true),
		new Field('generation', new Utf8(), true),
		new Field('parent', new Utf8(), true), // JSON
		new Field('metadata', new Utf8(), false), // JSON
		new Field('facets', new List(new Field('item', new Utf8(), true)), false),
		new Field('terms', new Utf8(), false),
		new Field('pending', new Float64(), true), // since when its vector is to be computed, in milliseconds
		new Field('vector', new FixedSizeList(dimensions, new Field('item', new Float32(), true)), true),
	]);
}

/** What a hit or a scanned row is made of. */
export const POINT_COLUMNS = [
	'id',
	'text',
	'source',
	'start',
	'end',
	'context',
	'generation',
	'parent',
	'metadata',
	'pending',
] as const;
