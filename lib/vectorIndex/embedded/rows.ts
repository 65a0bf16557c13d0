import {
	type Data,
	Field,
	FixedSizeList,
	Float32,
	Float64,
	Int32,
	List,
	makeData,
	makeVector,
	Table as ArrowTable,
	Utf8,
	type RecordBatch,
	type Schema,
	Vector,
} from 'apache-arrow';
import { isObject, readJson, type JsonValue } from '../../support';
import { storedPoint, type PreparedPoint } from '../point';
import { TermLines } from '../terms';
import type { StoredPoint } from '../types';

/** One Arrow table of the points, columns as in `rowSchema`; built column by column, because per-row objects cost twice the time. */
export function toArrow(points: readonly PreparedPoint[], schema: Schema, dimensions: number): ArrowTable {
	return new ArrowTable(schema, {
		id: texts(points.map(({ point }) => point.id)),
		hash: texts(points.map(({ hash }) => hash)),
		text: texts(points.map(({ point }) => point.text)),
		source: texts(points.map(({ point }) => point.source)),
		start: integers(points.map(({ point }) => point.start)),
		end: integers(points.map(({ point }) => point.end)),
		context: texts(points.map(({ point }) => point.context)),
		generation: texts(points.map(({ point }) => point.generation)),
		parent: texts(points.map(({ point }) => point.parent && JSON.stringify(point.parent))),
		metadata: texts(points.map(({ metadataJson }) => metadataJson)),
		facets: lists(points.map(({ facets }) => facets)),
		terms: terms(points.map(({ searched }) => searched)),
		pending: times(points.map(({ point }) => point.pendingSince)),
		vector: vectors(
			points.map(({ vector }) => vector),
			dimensions,
		),
	});
}

/**
 * Gives the memory of a table made by `toArrow` back at once, when it has been written. Left to the garbage collector it
 * adds up to tens of megabytes, for which V8 then goes through the whole heap of n8n (25 to 70 ms in one piece).
 */
export function release(table: ArrowTable): void {
	for (const { data } of table.batches) for (const column of data.children) releaseData(column);
}

function releaseData({ values, children }: Data): void {
	const buffer: unknown = ArrayBuffer.isView(values) ? values.buffer : undefined;
	// Small ones are not worth it, and Arrow shares an empty one. Node 20 has no `transfer`.
	if (buffer instanceof ArrayBuffer && buffer.byteLength >= RELEASED_BYTES) buffer.transfer?.(0);
	for (const child of children) releaseData(child);
}

const RELEASED_BYTES = 64 * 1024;

/** The points of a batch that has the columns POINT_COLUMNS and perhaps `vector`. */
export function* fromArrow(batch: RecordBatch): Generator<StoredPoint> {
	// Columns are looked up once a batch: by name for each cell it would be the most expensive part of a search.
	const text = (name: string): ((row: number) => string | undefined) => {
		const column = batch.getChild(name);
		return (row) => {
			const value: unknown = column?.get(row);
			return typeof value === 'string' ? value : undefined;
		};
	};
	const number = (name: string): ((row: number) => number | undefined) => {
		const column = batch.getChild(name);
		return (row) => {
			const value: unknown = column?.get(row);
			return typeof value === 'number' ? value : undefined;
		};
	};
	const [ids, contents, sources, contexts] = [text('id'), text('text'), text('source'), text('context')];
	const [generations, parents, metadatas] = [text('generation'), text('parent'), text('metadata')];
	const [starts, ends, pending] = [number('start'), number('end'), number('pending')];
	const vectorColumn = batch.getChild('vector');
	for (let row = 0; row < batch.numRows; row++) {
		const json = metadatas(row) ?? '{}';
		const parent = parents(row);
		yield storedPoint({
			id: ids(row),
			text: contents(row),
			source: sources(row),
			metadata: json === '{}' ? undefined : objectOf(json),
			start: starts(row),
			end: ends(row),
			context: contexts(row),
			generation: generations(row),
			parent: parent === undefined ? undefined : readJson(parent),
			pendingSince: pending(row),
			vector: vectorOf(vectorColumn?.get(row)),
		});
	}
}

/** The numbers of a column of a batch, for `_distance` and `_score`. */
export function numberAt(batch: RecordBatch, name: string, row: number): number | undefined {
	const value: unknown = batch.getChild(name)?.get(row);
	return typeof value === 'number' && Number.isFinite(value) ? value : undefined;
}

function vectorOf(cell: unknown): Float32Array | undefined {
	if (!(cell instanceof Vector)) return undefined;
	const values: unknown = cell.toArray();
	return values instanceof Float32Array ? values.slice() : undefined;
}

function objectOf(json: string): { readonly [key: string]: JsonValue } {
	const value = readJson(json);
	return isObject(value) ? value : {};
}

function texts(values: ReadonlyArray<string | undefined>): Vector<Utf8> {
	let size = 0;
	for (const value of values) if (value !== undefined) size += Buffer.byteLength(value);
	const data = new Uint8Array(size);
	const writer = Buffer.from(data.buffer);
	const valueOffsets = new Int32Array(values.length + 1);
	const validity = new Validity(values.length);
	let at = 0;
	values.forEach((value, row) => {
		if (value === undefined) validity.clear(row);
		else at += writer.write(value, at, 'utf8');
		valueOffsets[row + 1] = at;
	});
	return makeVector(
		makeData({ type: new Utf8(), length: values.length, ...validity.fields, valueOffsets, data }),
	);
}

/** The terms of each text, one space apart. */
function terms(values: readonly string[]): Vector<Utf8> {
	const lines = new TermLines(values.reduce((sum, { length }) => sum + 2 * length, 0));
	const valueOffsets = new Int32Array(values.length + 1);
	values.forEach((value, row) => {
		valueOffsets[row + 1] = lines.add(value);
	});
	return makeVector(
		makeData({
			type: new Utf8(),
			length: values.length,
			nullCount: 0,
			valueOffsets,
			data: lines.bytes,
		}),
	);
}

function integers(values: ReadonlyArray<number | undefined>): Vector<Int32> {
	const validity = new Validity(values.length);
	const data = Int32Array.from(values, (value, row) => {
		if (value === undefined) validity.clear(row);
		return value ?? 0;
	});
	return makeVector(makeData({ type: new Int32(), length: values.length, ...validity.fields, data }));
}

function times(values: ReadonlyArray<number | undefined>): Vector<Float64> {
	const validity = new Validity(values.length);
	const data = Float64Array.from(values, (value, row) => {
		if (value === undefined) validity.clear(row);
		return value ?? 0;
	});
	return makeVector(makeData({ type: new Float64(), length: values.length, ...validity.fields, data }));
}

function lists(values: ReadonlyArray<readonly string[]>): Vector<List<Utf8>> {
	const valueOffsets = new Int32Array(values.length + 1);
	values.forEach((list, row) => {
		valueOffsets[row + 1] = (valueOffsets[row] ?? 0) + list.length;
	});
	const child = texts(values.flat()).data[0];
	if (!child) throw new RangeError('an Arrow vector has one data chunk');
	const type = new List(new Field('item', new Utf8(), true));
	return makeVector(makeData({ type, length: values.length, nullCount: 0, valueOffsets, child }));
}

function vectors(
	values: ReadonlyArray<Float32Array | undefined>,
	dimensions: number,
): Vector<FixedSizeList<Float32>> {
	const data = new Float32Array(values.length * dimensions);
	const validity = new Validity(values.length);
	values.forEach((vector, row) => {
		if (vector) data.set(vector, row * dimensions);
		else validity.clear(row);
	});
	const child = makeData({ type: new Float32(), length: data.length, nullCount: 0, data });
	const type = new FixedSizeList(dimensions, new Field('item', new Float32(), true));
	return makeVector(makeData({ type, length: values.length, ...validity.fields, child }));
}

/** An Arrow validity bitmap: one bit a row, set where there is a value. */
class Validity {
	private readonly bits: Uint8Array;
	private cleared = 0;

	constructor(length: number) {
		this.bits = new Uint8Array(Math.ceil(length / 8)).fill(0xff);
	}

	clear(row: number): void {
		this.bits[row >> 3] = (this.bits[row >> 3] ?? 0) & ~(1 << (row & 7));
		this.cleared += 1;
	}

	get fields(): { nullCount: number; nullBitmap?: Uint8Array } {
		return this.cleared === 0 ? { nullCount: 0 } : { nullCount: this.cleared, nullBitmap: this.bits };
	}
}
