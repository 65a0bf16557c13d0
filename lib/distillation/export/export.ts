import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
	createSlicer,
	formatPercent,
	type CallContext,
	type JsonObject,
	PRIVATE_FILE,
	PRIVATE_FOLDER,
} from '../../support';
import { countExchange, type RenderChat } from '../curate/chatTemplate';
import type { CuratedRecord, Funnel, SplitName } from '../curate/types';
import { LEAST_ROWS } from '../defaults';
import { DistillationError, throwIfCancelled } from '../errors';
import type { CountTokens, ExchangeRecord } from '../types';
import { dataSetCard } from './card';
import { bitsOf, featureBits, namesOf } from './features';
import type { Compression } from './files';
import { AtomicFolder, insideAllowed, MANIFEST, MANIFEST_KIND, checkSetName } from './folder';
import { FORMATS } from './formats';
import type { FileEntry, Manifest } from './manifest';
import { lineageLine, Shard } from './shard';
import type { Feature, Format, Row } from './types';

export interface ExportOptions {
	/** Name of one of `FORMATS`. */
	readonly format: string;
	/** Name of the data set. */
	readonly name: string;
	/** Folder that is made or replaced (only an earlier export is). */
	readonly folder: string;
	/** Folders inside which `folder` must lie. */
	readonly allowedFolders: readonly string[];
	/** A folder that they may contain and do not open; only allowed folders inside it do. */
	readonly closedFolder?: string;
	/** Default `jsonl`. */
	readonly container?: 'jsonl' | 'parquet';
	/** For JSONL. Default `none`. */
	readonly compression?: Compression;
	/** A new file begins after so many rows. Default 500,000. */
	readonly rowsPerFile?: number;
	/** Default: estimated at four characters a token. */
	readonly countTokens?: CountTokens;
	/** The chat template that is counted with. Default ChatML. */
	readonly render?: RenderChat;
	readonly funnel?: Funnel;
	/** Kept in the manifest: how the set was made. */
	readonly settings?: JsonObject;
	readonly versions?: { readonly [part: string]: string };
	/**
	 * The share (0–1) of the rows of the set before that the new one must have at least; otherwise the old one stays and the error is
	 * `empty`. Default `LEAST_ROWS`. A set without a row never replaces one that has any.
	 */
	readonly leastRows?: number;
	/** Time in the manifest. Default: now. */
	readonly createdAt?: string;
}

/** Smaller sets may shrink as they like. */
const GUARDED_FROM = 10;
const ROWS_PER_FILE = 500_000;
const SPLITS: readonly SplitName[] = ['train', 'validation', 'test'];

export function formatNamed(name: string): Format {
	const format = FORMATS.find((candidate) => candidate.name === name);
	if (format === undefined) {
		throw new DistillationError(
			'invalidOptions',
			`"${name}" is no export format. Known: ${FORMATS.map((known) => known.name).join(', ')}.`,
		);
	}
	return format;
}

interface Teacher {
	readonly model: string;
	readonly licence: string;
	records: number;
}

class Export {
	readonly #shards = new Map<SplitName, Shard>();
	readonly #numbers = new Map<SplitName, number>();
	readonly #files: FileEntry[] = [];
	readonly #skipped = new Map<string, number>();
	readonly #dropped = new Map<Feature, number>();
	/** Features the format has no place for, as bits. */
	readonly #unheld: number;
	/** Rows are wanted as JSON text. */
	readonly #lines: boolean;
	readonly #teachers: Teacher[] = [];
	#teacher: Teacher | undefined;
	#records = 0;

	constructor(
		private readonly format: Format,
		private readonly options: ExportOptions,
		private readonly root: string,
	) {
		this.#unheld = ~bitsOf(format.holds);
		this.#lines = options.container !== 'parquet';
	}

	async run(
		records: AsyncIterable<CuratedRecord> | Iterable<CuratedRecord>,
		call: CallContext,
	): Promise<void> {
		const turn = createSlicer();
		const add = (curated: CuratedRecord): Promise<unknown> | undefined => {
			const full = this.#add(curated);
			if (++this.#records % 1000 === 0) {
				throwIfCancelled(call.signal);
				call.onProgress?.({ done: this.#records });
			}
			return full ?? turn();
		};
		// A list is not waited for: an await for each row would cost as much as writing it.
		if (Symbol.iterator in records) {
			for (const curated of records) {
				const wait = add(curated);
				if (wait !== undefined) await wait;
			}
		} else {
			for await (const curated of records) {
				const wait = add(curated);
				if (wait !== undefined) await wait;
			}
		}
		for (const split of SPLITS) await this.#close(split);
	}

	#add(curated: CuratedRecord): Promise<unknown> | undefined {
		const { record, split } = curated;
		const line = this.#lines ? this.format.line?.(record) : undefined;
		const rows = line === undefined ? this.format.rows(record) : [line];
		if (typeof rows === 'string') {
			this.#skipped.set(rows, (this.#skipped.get(rows) ?? 0) + 1);
			return undefined;
		}
		const lost = featureBits(record) & this.#unheld;
		if (lost !== 0) {
			for (const feature of namesOf(lost)) this.#dropped.set(feature, (this.#dropped.get(feature) ?? 0) + 1);
		}
		this.#countTeacher(record);
		const lineage = lineageLine(curated);
		const shard = this.#shards.get(split);
		const most = this.format.plainFiles ? Infinity : (this.options.rowsPerFile ?? ROWS_PER_FILE);
		const [row] = rows;
		// The common case, one row and a file with space left, needs no promise.
		if (rows.length === 1 && row !== undefined && shard !== undefined && shard.rows < most) {
			return this.#write(shard, record, row, lineage);
		}
		return this.#addSlowly(split, record, rows, lineage, most);
	}

	/** Row after row, opening files as they are needed. */
	async #addSlowly(
		split: SplitName,
		record: ExchangeRecord,
		rows: ReadonlyArray<Row | string>,
		lineage: string,
		most: number,
	): Promise<void> {
		for (const row of rows) {
			let shard = this.#shards.get(split);
			if (shard === undefined || shard.rows >= most) {
				await this.#close(split);
				const number = this.#numbers.get(split) ?? 0;
				this.#numbers.set(split, number + 1);
				shard = await Shard.open(
					this.root,
					split,
					number,
					this.format,
					this.options.container ?? 'jsonl',
					this.options.compression ?? 'none',
				);
				this.#shards.set(split, shard);
			}
			await this.#write(shard, record, row, lineage);
		}
	}

	#write(
		shard: Shard,
		record: ExchangeRecord,
		row: Row | string,
		lineage: string,
	): Promise<unknown> | undefined {
		return shard.write(
			row,
			lineage,
			countExchange(record, record.answers[0], this.options.countTokens, this.options.render),
		);
	}

	#countTeacher(record: ExchangeRecord): void {
		const model = record.model ?? 'unknown';
		const licence = record.licence ?? 'unknown';
		// Records of one teacher mostly follow one another.
		if (this.#teacher?.model !== model || this.#teacher.licence !== licence) {
			this.#teacher = this.#teachers.find((known) => known.model === model && known.licence === licence);
			if (this.#teacher === undefined) this.#teachers.push((this.#teacher = { model, licence, records: 0 }));
		}
		this.#teacher.records++;
	}

	async #close(split: SplitName): Promise<void> {
		const shard = this.#shards.get(split);
		this.#shards.delete(split);
		if (shard !== undefined) this.#files.push(await shard.finish());
	}

	async abandon(): Promise<void> {
		for (const shard of this.#shards.values()) await shard.abandon();
	}

	manifest(): Manifest {
		const { format, options } = this;
		const sum = (pick: (file: FileEntry) => number) =>
			this.#files.reduce((total, file) => total + pick(file), 0);
		const rows = sum((file) => file.rows);
		return {
			kind: MANIFEST_KIND,
			version: 1,
			name: options.name,
			createdAt: options.createdAt ?? new Date().toISOString(),
			format: { name: format.name, title: format.title, reference: format.reference },
			container: options.container ?? 'jsonl',
			compression: options.container === 'parquet' ? 'none' : (options.compression ?? 'none'),
			files: [...this.#files].sort((a, b) => SPLITS.indexOf(a.split) - SPLITS.indexOf(b.split)),
			rows,
			tokens: sum((file) => file.tokens),
			tokensAre: options.countTokens === undefined ? 'estimated' : 'counted',
			skipped: Object.fromEntries(this.#skipped),
			dropped: Object.fromEntries(this.#dropped),
			warnings: this.#warnings(rows),
			teachers: [...this.#teachers].sort((a, b) => b.records - a.records),
			...(options.funnel === undefined ? {} : { funnel: options.funnel }),
			...(options.settings === undefined ? {} : { settings: options.settings }),
			versions: { node: process.versions.node, ...options.versions },
		};
	}

	#warnings(rows: number): string[] {
		const { least, most } = this.format.limits ?? {};
		const train = this.#files
			.filter((file) => file.split === 'train')
			.reduce((total, file) => total + file.rows, 0);
		const warnings: string[] = [];
		if (rows === 0) warnings.push('No record gave a row in this format: see "skipped" for the reasons.');
		if (least !== undefined && train < least)
			warnings.push(`${this.format.title} wants at least ${least} training rows; there are ${train}.`);
		if (most !== undefined && rows > most)
			warnings.push(`${this.format.title} takes at most ${most} rows; there are ${rows}.`);
		return warnings;
	}
}

function check(options: ExportOptions, format: Format): void {
	checkSetName(options.name);
	if (options.container === 'parquet' && format.columns === undefined) {
		throw new DistillationError(
			'invalidOptions',
			`${format.title} is read as JSONL only: choose the container "jsonl".`,
		);
	}
	if (
		options.container === 'parquet' &&
		options.compression !== undefined &&
		options.compression !== 'none'
	) {
		throw new DistillationError(
			'invalidOptions',
			'Parquet compresses by itself: leave the compression at "none".',
		);
	}
	if (format.plainFiles && (options.compression ?? 'none') !== 'none') {
		throw new DistillationError(
			'invalidOptions',
			`${format.title} does not read compressed files: choose "JSON Lines" or "Parquet" as the file type.`,
		);
	}
	const { rowsPerFile } = options;
	if (rowsPerFile !== undefined && (!Number.isInteger(rowsPerFile) || rowsPerFile < 1)) {
		throw new DistillationError(
			'invalidOptions',
			`Rows per file must be a whole number from 1, not ${rowsPerFile}.`,
		);
	}
}

/** A set is far more often replaced by almost nothing through a mistake than on purpose. */
function checkShrinking(
	{ name, leastRows = LEAST_ROWS }: ExportOptions,
	{ rows, skipped }: Manifest,
	before: number,
): void {
	const guarded = before >= GUARDED_FROM && rows < before * leastRows;
	if (rows > 0 && !guarded) return;
	const kept = before > 0 ? `The set from before (${before} rows) stays.` : 'Nothing was written.';
	throw new DistillationError(
		'empty',
		rows === 0
			? `The data set "${name}" would have no rows: no record passed the gates and fits the format${skippedWords(skipped)}. ${kept} Check the collection, the filter and the gates.`
			: `The data set "${name}" would have ${rows} rows instead of ${before} (${formatPercent(rows / before)}), and at least ${formatPercent(leastRows)} are asked for. ${kept} Check the collection, the filter and the gates, or lower "Minimum Share of Previous Set".`,
	);
}

/** Why records gave no row, as the manifest would say it. */
function skippedWords(skipped: Manifest['skipped']): string {
	const reasons = Object.entries(skipped).map(([reason, count]) => `${count} ${reason}`);
	return reasons.length === 0 ? '' : ` (skipped: ${reasons.join(', ')})`;
}

/**
 * Writes curated records as a data set: `data/` (a file or more for each split), `lineage/`, `README.md` (the card) and
 * `manifest.json`. The folder appears whole or not at all. Memory does not grow with the rows.
 * Errors: `invalidOptions`, `folder`, `empty`, `unavailable` (zstd), `cancelled`.
 */
export async function exportDataSet(
	records: AsyncIterable<CuratedRecord> | Iterable<CuratedRecord>,
	options: ExportOptions,
	call: CallContext = {},
): Promise<{ readonly folder: string; readonly manifest: Manifest }> {
	const format = formatNamed(options.format);
	check(options, format);
	const target = await insideAllowed(options.folder, options.allowedFolders, options.closedFolder);
	const folder = await AtomicFolder.create(target);
	try {
		await mkdir(join(folder.path, 'data'), { mode: PRIVATE_FOLDER });
		await mkdir(join(folder.path, 'lineage'), { mode: PRIVATE_FOLDER });
		const work = new Export(format, options, folder.path);
		try {
			await work.run(records, call);
		} finally {
			await work.abandon();
		}
		const manifest = work.manifest();
		checkShrinking(options, manifest, await folder.rowsBefore());
		for (const [name, text] of Object.entries(format.beside?.(options.name, manifest.files) ?? {})) {
			await writeFile(join(folder.path, name), text, { mode: PRIVATE_FILE });
		}
		await writeFile(join(folder.path, 'README.md'), dataSetCard(manifest), { mode: PRIVATE_FILE });
		await writeFile(join(folder.path, MANIFEST), `${JSON.stringify(manifest, null, '\t')}\n`, {
			mode: PRIVATE_FILE,
		});
		await folder.publish();
		return { folder: target, manifest };
	} catch (thrown) {
		await folder.discard();
		throw thrown;
	}
}
