import type { SchemaElement } from 'hyparquet';
import type { ByteWriter, ParquetWriter } from 'hyparquet-writer';
import { isObject } from '../../support';
import type { Columns, ColumnType, Row } from './types';
import { OutputFile } from './files';

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

/** Characters seen on the way. */
interface Size {
	characters: number;
}

/**
 * The value in the column's type: objects where text is wanted (tool arguments) become JSON, what is missing stays so.
 * Most values fit as they are and are handed on without a copy.
 */
function fit(value: unknown, type: ColumnType, size: Size): unknown {
	if (value === undefined || value === null) return undefined;
	if (type === 'string') {
		const text = typeof value === 'string' ? value : JSON.stringify(value);
		size.characters += text.length;
		return text;
	}
	if (typeof type === 'string') return value;
	if (isList(type)) return Array.isArray(value) ? fitList(value, type.list, size) : undefined;
	if (!isObject(value)) return undefined;
	let fitted: { [name: string]: unknown } | undefined;
	for (const name in value) {
		const child = type[name];
		// Fields that are no column are not read by the writer.
		if (child === undefined) continue;
		const fits = fit(value[name], child, size);
		if (fits !== value[name]) (fitted ??= { ...value })[name] = fits;
	}
	return fitted ?? value;
}

function fitList(values: readonly unknown[], type: ColumnType, size: Size): readonly unknown[] {
	let fitted: unknown[] | undefined;
	for (let index = 0; index < values.length; index++) {
		const fits = fit(values[index], type, size);
		if (fits !== values[index]) (fitted ??= [...values])[index] = fits;
	}
	return fitted ?? values;
}

/** Rows into a Parquet file (Snappy), one row group at a time. hyparquet-writer is loaded with the first file. */
export class ParquetFile {
	/** The row group so far, column by column. */
	#data: unknown[][];
	#rows = 0;
	readonly #size: Size = { characters: 0 };
	readonly #columns: ReadonlyArray<readonly [name: string, type: ColumnType]>;

	private constructor(
		private readonly file: OutputFile,
		private readonly bytes: ByteWriter,
		private readonly writer: ParquetWriter,
		columns: Columns,
	) {
		this.#columns = Object.entries(columns);
		this.#data = this.#columns.map(() => []);
	}

	static async create(path: string, columns: Columns): Promise<ParquetFile> {
		const { ByteWriter, ParquetWriter } = await import('hyparquet-writer');
		const bytes = new ByteWriter(GROUP_CHARACTERS);
		const writer = new ParquetWriter({
			writer: bytes,
			schema: parquetSchema(columns),
			createdBy: 'n8n-nodes-local-engine',
		});
		return new ParquetFile(await OutputFile.create(path), bytes, writer, columns);
	}

	write(row: Row): Promise<void> | undefined {
		this.#columns.forEach(([name, type], column) =>
			this.#data[column]?.push(fit(row[name], type, this.#size)),
		);
		this.#rows++;
		return this.#rows >= GROUP_ROWS || this.#size.characters >= GROUP_CHARACTERS ? this.#flush() : undefined;
	}

	async #flush(): Promise<void> {
		const rowGroupSize = this.#rows;
		if (rowGroupSize === 0) return;
		const columnData = this.#columns.map(([name], column) => ({ name, data: this.#data[column] ?? [] }));
		this.#data = this.#columns.map(() => []);
		this.#rows = 0;
		this.#size.characters = 0;
		await this.writer.write({ columnData, rowGroupSize });
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
