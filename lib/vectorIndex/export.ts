import type { SchemaElement } from 'hyparquet';
import { createSlicer, type CallContext } from '../support';
import type { Filter, StoredPoint, VectorIndex } from './types';

export interface ExportOptions {
	/** `jsonl`: one JSON object a line, vectors as lists of numbers. `parquet`: the same columns, vectors as lists of floats. */
	readonly format: 'jsonl' | 'parquet';
	readonly filter?: Filter;
	/** Default true. */
	readonly vectors?: boolean;
}

/** Rows of one piece of output: a Parquet row group, or the lines handed out together. */
const ROWS = 500;

/** The rows of an index for other programs, as a stream of bytes in bounded memory. */
export async function* exportRows(
	index: VectorIndex,
	options: ExportOptions,
	call: CallContext = {},
): AsyncGenerator<Uint8Array> {
	const { vectors = true, filter } = options;
	const write = options.format === 'parquet' ? await parquetWriter(vectors) : jsonLines(vectors);
	const turn = createSlicer();
	let rows: StoredPoint[] = [];
	let done = 0;
	for await (const point of index.scan(filter, { signal: call.signal })) {
		await turn();
		rows.push(point);
		done += 1;
		if (rows.length < ROWS) continue;
		yield await write.rows(rows);
		rows = [];
		call.onProgress?.({ done });
	}
	if (rows.length > 0) yield await write.rows(rows);
	const last = await write.end();
	if (last.length > 0) yield last;
	call.onProgress?.({ done });
}

interface RowWriter {
	rows(points: readonly StoredPoint[]): Promise<Uint8Array>;
	end(): Promise<Uint8Array>;
}

function jsonLines(vectors: boolean): RowWriter {
	return {
		async rows(points) {
			const lines = points.map(({ vector, pendingSince: _, ...point }) => {
				const numbers = vectors && vector ? { vector: Array.from(vector, shortest) } : {};
				return JSON.stringify({ ...point, ...numbers });
			});
			return Buffer.from(`${lines.join('\n')}\n`);
		},
		// Lines need no ending.
		end: async () => new Uint8Array(),
	};
}

/** Nine digits say a 32-bit float exactly. */
function shortest(value: number): number {
	return Number(value.toPrecision(9));
}

const TEXTS = ['id', 'source', 'text', 'context', 'generation'] as const;
const NUMBERS = ['start', 'end'] as const;
/** Their shape differs from row to row, which Parquet has no type for: as JSON text. */
const OBJECTS = ['metadata', 'parent'] as const;

async function parquetWriter(vectors: boolean): Promise<RowWriter> {
	const { ByteWriter, ParquetWriter } = await import('hyparquet-writer');
	const bytes = new ByteWriter();
	const writer = new ParquetWriter({
		writer: bytes,
		schema: parquetSchema(vectors),
		createdBy: 'n8n-nodes-local-engine',
	});
	/** What was written since the last time; the writer's buffer is used again. */
	function taken(): Uint8Array {
		const copy = bytes.getBytes().slice();
		bytes.index = 0;
		return copy;
	}
	return {
		async rows(points) {
			const columns = [
				...[...TEXTS, ...NUMBERS].map((name) => ({ name, data: points.map((point) => point[name]) })),
				...OBJECTS.map((name) => ({
					name,
					data: points.map((point) => (point[name] === undefined ? undefined : JSON.stringify(point[name]))),
				})),
				...(vectors
					? [{ name: 'vector', data: points.map(({ vector }) => (vector ? Array.from(vector) : undefined)) }]
					: []),
			];
			await writer.write({ columnData: columns, rowGroupSize: points.length });
			return taken();
		},
		async end() {
			await writer.finish();
			return taken();
		},
	};
}

function parquetSchema(vectors: boolean): SchemaElement[] {
	const text = (name: string): SchemaElement => ({
		name,
		type: 'BYTE_ARRAY',
		converted_type: 'UTF8',
		repetition_type: 'OPTIONAL',
	});
	const columns: SchemaElement[] = [
		...TEXTS.map(text),
		...NUMBERS.map((name): SchemaElement => ({ name, type: 'INT32', repetition_type: 'OPTIONAL' })),
		...OBJECTS.map(text),
	];
	// The three levels of the Parquet specification (LogicalTypes.md, "Lists").
	const list: SchemaElement[] = [
		{ name: 'vector', repetition_type: 'OPTIONAL', converted_type: 'LIST', num_children: 1 },
		{ name: 'list', repetition_type: 'REPEATED', num_children: 1 },
		{ name: 'element', type: 'FLOAT', repetition_type: 'OPTIONAL' },
	];
	const children = columns.length + (vectors ? 1 : 0);
	return [{ name: 'root', num_children: children }, ...columns, ...(vectors ? list : [])];
}
