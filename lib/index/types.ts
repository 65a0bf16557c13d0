import type { CallContext } from '../support';

export type JsonValue = string | number | boolean | null | readonly JsonValue[] | { readonly [key: string]: JsonValue };

/** One row of an index. */
export interface Point {
	/** Left out, it is made from source, position, text and fingerprint, so that writing twice changes nothing. A row whose id is there is replaced. */
	readonly id?: string;
	/** Absent or all zero: the row is found by keywords only. */
	readonly vector?: Float32Array;
	readonly text: string;
	readonly source: string;
	readonly metadata?: { readonly [key: string]: JsonValue };
	/** UTF-16 offsets of `text` in the source. */
	readonly start?: number;
	readonly end?: number;
	/** Prepended for keyword search (and already part of what was embedded). */
	readonly context?: string;
	/** Written by ingest: rows of an older generation of the same source are dropped when the new one is complete. */
	readonly generation?: string;
	/** The wider window around the text, by offsets, with its text if it is to be handed out. */
	readonly parent?: { readonly start: number; readonly end: number; readonly text?: string };
}

export type StoredPoint = Point & { readonly id: string };

export interface Hit extends StoredPoint {
	/** Higher is better; comparable within one answer only. */
	readonly score: number;
	/** Which stages produced the hit, with each stage's own score and rank (from 1). */
	readonly stages: { readonly [stage in 'vector' | 'keyword' | 'rerank']?: { readonly score: number; readonly rank: number } };
}

type Scalar = string | number | boolean;
export type Condition =
	| Scalar
	| null
	| {
			readonly gt?: number | string;
			readonly gte?: number | string;
			readonly lt?: number | string;
			readonly lte?: number | string;
			readonly in?: readonly Scalar[];
			readonly not?: Condition;
			readonly exists?: boolean;
	  };
/** `{ field: value }` pairs are all required; fields are `source`, `generation`, `start`, `end` or paths into metadata ("author.name"). */
export interface Filter {
	readonly and?: readonly Filter[];
	readonly or?: readonly Filter[];
	readonly not?: Filter;
	readonly [field: string]: Condition | Filter | readonly Filter[] | undefined;
}

export interface SearchQuery {
	readonly vector?: Float32Array;
	readonly text?: string;
	readonly mode: 'vector' | 'keyword' | 'hybrid';
	readonly limit: number;
	readonly filter?: Filter;
	readonly minScore?: number;
	/** Compare with every vector instead of the approximate index. */
	readonly exact?: boolean;
	/** 0 (only relevance) to 1 (only variety): maximal marginal relevance. */
	readonly diversity?: number;
	/** How hybrid search joins the two rankings. Default `minmax`. */
	readonly fusion?: 'minmax' | 'rrf' | 'dbsf';
	/** Weight of the vector ranking in `minmax`, 0–1. Default 0.5 for encoders, 0.3 for the built-in static model. */
	readonly vectorWeight?: number;
	/** At most this many hits of one source. */
	readonly perSource?: number;
	/** Candidates each stage hands on. Default max(100, 10 × limit). */
	readonly candidates?: number;
}

export interface IndexSettings {
	readonly dimensions: number;
	/** Id of the embedding fingerprint; other vectors are refused. */
	readonly fingerprint: string;
	readonly model: string;
	readonly preset?: 'fast' | 'balanced' | 'accurate' | 'lowMemory';
	/** Anything the owner wants to remember (chunking settings, …). */
	readonly notes?: { readonly [key: string]: JsonValue };
}

export interface IndexInfo extends IndexSettings {
	readonly name: string;
	readonly backend: 'embedded' | 'qdrant';
	readonly rows: number;
	readonly sources: number;
	readonly bytes: number;
	readonly vectorIndex: 'none' | string;
}

export interface Failure {
	readonly id?: string;
	readonly source: string;
	readonly reason: string;
}

export interface UpsertReport {
	readonly written: number;
	readonly unchanged: number;
	readonly failed: readonly Failure[];
}

/** One meaning, two back ends. Every method rejects with an IndexError. */
export interface VectorIndex {
	info(): Promise<IndexInfo>;
	/** What the index was built with. Cheap (no counting): asked before every search. */
	settings(): Promise<IndexSettings>;
	upsert(points: AsyncIterable<Point> | Iterable<Point>, call?: CallContext): Promise<UpsertReport>;
	search(query: SearchQuery, call?: CallContext): Promise<Hit[]>;
	get(ids: readonly string[]): Promise<StoredPoint[]>;
	scan(filter?: Filter, call?: CallContext): AsyncIterable<StoredPoint>;
	/** At least one of ids, source, filter; an empty filter is refused. Resolves to the number of rows removed. */
	delete(what: { readonly ids?: readonly string[]; readonly source?: string; readonly filter?: Filter }): Promise<number>;
	count(filter?: Filter): Promise<number>;
	/** A small durable key–value table that lives with the index (ingest keeps its manifest here). */
	readonly manifest: ManifestStore;
	drop(): Promise<void>;
	close(): Promise<void>;
}

/** Rows of ingest's manifest; `key` is unique, writes replace. Durable when the promise resolves. */
export interface ManifestStore {
	get(keys: readonly string[]): Promise<Map<string, JsonValue>>;
	put(rows: ReadonlyMap<string, JsonValue>): Promise<void>;
	delete(keys: readonly string[]): Promise<void>;
	scan(prefix?: string): AsyncIterable<readonly [key: string, value: JsonValue]>;
}

export type IndexAddress =
	| {
			readonly backend: 'embedded';
			/** Folder (or object-store URL) that holds the indexes. */
			readonly directory: string;
			readonly name: string;
			readonly storageOptions?: Readonly<Record<string, string>>;
	  }
	| { readonly backend: 'qdrant'; readonly url: string; readonly apiKey?: string; readonly name: string };
