import type { JsonObject } from '../../support';
import type { Funnel, SplitName } from '../curate/types';
import type { Compression } from './files';
import type { Feature } from './types';

export interface FileEntry {
	/** Relative to the manifest. */
	readonly path: string;
	readonly split: SplitName;
	readonly rows: number;
	readonly tokens: number;
	readonly bytes: number;
	readonly sha256: string;
	/** One line per row: record, group, workflow, node, execution, item, prompt hash. */
	readonly lineage: string;
}

/** `manifest.json`: what the files hold and how they came about. */
export interface Manifest {
	readonly kind: string;
	readonly version: 1;
	readonly name: string;
	readonly createdAt: string;
	readonly format: { readonly name: string; readonly title: string; readonly reference: string };
	readonly container: 'jsonl' | 'parquet';
	readonly compression: Compression;
	readonly files: readonly FileEntry[];
	readonly rows: number;
	readonly tokens: number;
	/** `counted` by a tokenizer, or `estimated` at four characters a token. */
	readonly tokensAre: 'counted' | 'estimated';
	/** Records that gave no row, by reason. */
	readonly skipped: { readonly [reason: string]: number };
	/** What records had and the format cannot hold, in records. */
	readonly dropped: { readonly [feature in Feature]?: number };
	/** What the format's consumer will object to. */
	readonly warnings: readonly string[];
	readonly teachers: ReadonlyArray<{
		readonly model: string;
		readonly licence: string;
		readonly records: number;
	}>;
	readonly funnel?: Funnel;
	/** Settings of curation and export as they were given. */
	readonly settings?: JsonObject;
	readonly versions: { readonly [part: string]: string };
}
