import type { SchemaElement } from 'hyparquet';
import type { ByteWriter, ParquetWriter } from 'hyparquet-writer';
import { isObject } from '../json';
import type { Columns, ColumnType, Row } from './types';
import { HashedFile } from './files';

/** Rows and characters of a row group: encoding one holds the event loop for about 20 ms, and it is all that is in memory. */
const GROUP_ROWS = 2000;
const GROUP_CHARACTERS = 1 << 20;

function leaf(name: string, type: 'string' | 'boolean' | 'double'): SchemaElement {
	const repetition_type = 'OPTIONAL' as const;
	if (type === 'string') return { name, type: 'BYTE_ARRAY', converted_type: 'UTF8', repetition_type };
	return { name, type: type === 'boolean' ? 'BOOLEAN' : 'DOUBLE', repetition_type };
}

function elements(name: string, type: ColumnType): SchemaElement[] {
	if (typeof type === 'string') return [leaf(name, type)];
	if (isList(type)) {
		// The three levels of the Parquet specification (LogicalTypes.md, "Lists").
		return [
			{ name, repetition_type: 'OPTIONAL', converted_type: 'LIST', num_children: 1 },
			{ name: 'list', repetition_type: 'REPEATED', num_children: 1 },
			...elements('element', type.list),
		];
	}
	const children = Object.entries(type);
	return [
		{ name, repetition_type: 'OPTIONAL', num_children: children.length },
		...children.flatMap(([child, childType]) => elements(child, childType)),
	];
}

function isList(type: ColumnType): type is { readonly list: ColumnType } {
	return typeof type === 'object' && 'list' in type && Object.keys(type).length === 1;
}

export function parquetSchema(columns: Columns): SchemaElement[] {
	const entries = Object.entries(columns);
	return [
		{ name: 'root', num_children: entries.length },
		...entries.flatMap(([name, type]) => elements(name, type)),
	];
}

/** The value in the column's type: objects where text is wanted (tool arguments) become JSON. */
function fit(value: unknown, type: ColumnType): unknown {
	if (value === undefined || value === null) return undefined;
	if (type === 'string') return typeof value === 'string' ? value : JSON.stringify(value);
	if (typeof type === 'string') return value;
	if (isList(type))
		return Array.isArray(value) ? value.map((entry: unknown) => fit(entry, type.list)) : undefined;
	if (!isObject(value)) return undefined;
	const fitted: { [name: string]: unknown } = {};
	for (const name in type) {
		const child = type[name];
		if (child !== undefined) fitted[name] = fit(value[name], child);
	}
	return fitted;
}

/** Rows into a Parquet file (Snappy), one row group at a time. hyparquet-writer is loaded with the first file. */
export class ParquetFile {
	readonly #names: readonly string[];
	#rows: Row[] = [];
	#characters = 0;

	private constructor(
		private readonly file: HashedFile,
		private readonly bytes: ByteWriter,
		private readonly writer: ParquetWriter,
		private readonly columns: Columns,
	) {
		this.#names = Object.keys(columns);
	}

	static async create(path: string, columns: Columns): Promise<ParquetFile> {
		const { ByteWriter, ParquetWriter } = await import('hyparquet-writer');
		const bytes = new ByteWriter(GROUP_CHARACTERS);
		const writer = new ParquetWriter({
			writer: bytes,
			schema: parquetSchema(columns),
			createdBy: 'n8n-nodes-local-engine',
		});
		return new ParquetFile(await HashedFile.create(path), bytes, writer, columns);
	}

	/** `size`: about how many characters the row has. */
	write(row: Row, size: number): Promise<void> | undefined {
		this.#rows.push(row);
		this.#characters += size;
		return this.#rows.length >= GROUP_ROWS || this.#characters >= GROUP_CHARACTERS
			? this.#flush()
			: undefined;
	}

	async #flush(): Promise<void> {
		const rows = this.#rows;
		if (rows.length === 0) return;
		this.#rows = [];
		this.#characters = 0;
		const columnData = this.#names.map((name) => {
			const type = this.columns[name] ?? 'string';
			return { name, data: rows.map((row) => fit(row[name], type)) };
		});
		await this.writer.write({ columnData, rowGroupSize: rows.length });
		await this.#drain();
	}

	/** The writer's buffer goes to the file, as a copy: it is used again while the copy is written. */
	async #drain(): Promise<void> {
		await this.file.write(this.bytes.getBytes().slice());
		this.bytes.index = 0;
	}

	async finish(): Promise<{ readonly bytes: number; readonly sha256: string }> {
		await this.#flush();
		await this.writer.finish();
		await this.#drain();
		return this.file.finish();
	}

	async abandon(): Promise<void> {
		await this.file.abandon();
	}
}
