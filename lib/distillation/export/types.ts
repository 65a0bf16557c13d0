import type { JsonObject } from '../../support';
import type { ExchangeRecord } from '../types';

/** What a record may hold beyond one plain question and answer; a format says which of it survives. */
export const FEATURES = [
	'system',
	'turns',
	'tools',
	'toolCalls',
	'reasoning',
	'names',
	'furtherAnswers',
	'labels',
	'logprobs',
	'steps',
	'schema',
] as const;
export type Feature = (typeof FEATURES)[number];

/** Columns of a Parquet file, as a nested type. */
export type ColumnType = 'string' | 'boolean' | 'double' | { readonly list: ColumnType } | Columns;
export interface Columns {
	readonly [name: string]: ColumnType;
}

export type Row = JsonObject;

/** One export format: how a record is written, read back and checked. */
export interface Format {
	readonly name: string;
	readonly title: string;
	/** Where the format is described. */
	readonly reference: string;
	readonly holds: readonly Feature[];
	/** Whether records without an answer have rows too, as they are or from their steps. */
	readonly takesUnanswered?: true;
	/** Least and most rows that its consumer takes. */
	readonly limits?: { readonly least?: number; readonly most?: number };
	/** Parquet columns; absent: the format is JSONL only. */
	readonly columns?: Columns;
	/** The rows of a record; a text says why it has none. */
	readonly rows: (record: ExchangeRecord) => readonly Row[] | string;
	/** The JSON of `rows` made directly, for records of one plain row; undefined for all others. */
	readonly line?: (record: ExchangeRecord) => string | undefined;
	/** A row in a shape that `toRecord` takes. */
	readonly read: (row: Row) => unknown;
	/** What the format's documentation forbids in this row; empty: nothing. */
	readonly validate: (row: unknown) => readonly string[];
	/** What reads it takes one file for each split, not compressed. */
	readonly plainFiles?: true;
	/** Files that go beside the data. */
	readonly beside?: (
		name: string,
		files: readonly { readonly split: string; readonly path: string }[],
	) => { readonly [file: string]: string };
}
