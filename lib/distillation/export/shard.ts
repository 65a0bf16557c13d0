import { join } from 'node:path';
import type { CuratedRecord, SplitName } from '../curate/types';
import { LineFile, type Compression } from './files';
import type { FileEntry } from './manifest';
import { ParquetFile } from './parquet';
import type { Format, Row } from './types';

interface RowFile {
	/** A text is the row's JSON: for files of lines only. */
	write(row: Row | string): Promise<void> | undefined;
	finish(): Promise<{ readonly bytes: number; readonly sha256: string }>;
	abandon(): Promise<void>;
}

async function openRowFile(
	path: string,
	format: Format,
	container: 'jsonl' | 'parquet',
	compression: Compression,
): Promise<RowFile> {
	if (container === 'parquet') {
		const file = await ParquetFile.create(path, format.columns ?? {});
		return {
			write: (row) => {
				if (typeof row === 'string') throw new TypeError('A Parquet file takes rows, not their JSON');
				return file.write(row);
			},
			finish: () => file.finish(),
			abandon: () => file.abandon(),
		};
	}
	const file = await LineFile.create(path, compression);
	return {
		write: (row) => file.write(typeof row === 'string' ? row : JSON.stringify(row)),
		finish: () => file.finish(),
		abandon: () => file.abandon(),
	};
}

/** A split's current file with its lineage; a new one begins when it is full. */
export class Shard {
	rows = 0;
	tokens = 0;

	private constructor(
		readonly split: SplitName,
		readonly path: string,
		readonly lineagePath: string,
		private readonly file: RowFile,
		private readonly lineage: LineFile,
	) {}

	static async open(
		root: string,
		split: SplitName,
		number: number,
		format: Format,
		container: 'jsonl' | 'parquet',
		compression: Compression,
	): Promise<Shard> {
		const stem = `${split}-${String(number).padStart(5, '0')}`;
		const ending =
			container === 'parquet' ? 'parquet' : `jsonl${{ none: '', gzip: '.gz', zstd: '.zst' }[compression]}`;
		const path = `data/${stem}.${ending}`;
		const lineagePath = `lineage/${stem}.jsonl`;
		const file = await openRowFile(join(root, path), format, container, compression);
		return new Shard(
			split,
			path,
			lineagePath,
			file,
			await LineFile.create(join(root, lineagePath), 'none', false),
		);
	}

	write(row: Row | string, lineage: string, tokens: number): Promise<unknown> | undefined {
		this.rows++;
		this.tokens += tokens;
		const data = this.file.write(row);
		const from = this.lineage.write(lineage);
		return data === undefined && from === undefined ? undefined : Promise.all([data, from]);
	}

	async finish(): Promise<FileEntry> {
		const [{ bytes, sha256 }] = await Promise.all([this.file.finish(), this.lineage.finish()]);
		return {
			path: this.path,
			split: this.split,
			rows: this.rows,
			tokens: this.tokens,
			bytes,
			sha256,
			lineage: this.lineagePath,
		};
	}

	async abandon(): Promise<void> {
		await this.file.abandon();
		await this.lineage.abandon();
	}
}

/** Row-aligned with the data: which record, group and run a row comes from. Built by hand: it is written for every row. */
export function lineageLine({ record, group }: CuratedRecord): string {
	const { workflow, node, execution, item, promptHash, file, line } = record.lineage;
	let text = `{"id":${JSON.stringify(record.id)},"group":"${group}"`;
	if (workflow !== undefined) text += `,"workflow":${JSON.stringify(workflow)}`;
	if (node !== undefined) text += `,"node":${JSON.stringify(node)}`;
	if (execution !== undefined) text += `,"execution":${JSON.stringify(execution)}`;
	if (item !== undefined) text += `,"item":${item}`;
	if (file !== undefined) text += `,"file":${JSON.stringify(file)}`;
	if (line !== undefined) text += `,"line":${line}`;
	return `${text},"promptHash":"${promptHash}"}`;
}
