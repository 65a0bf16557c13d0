import type { CallContext, Egress, JsonValue } from '../support';
import type { IndexLayout, Placement } from './layout';

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
	/** Of a row without a vector: since when its vector is to be computed, in milliseconds since 1970 (see PendingVectors). */
	readonly pendingSince?: number;
}

export type StoredPoint = Point & { readonly id: string };

export interface Hit extends StoredPoint {
	/** Higher is better; comparable within one answer only. */
	readonly score: number;
	/** Where else the index has the same text, or nearly the same with the same numbers, among what was found. */
	readonly twins?: ReadonlyArray<Pick<StoredPoint, 'id' | 'source' | 'start' | 'end'>>;
	/** Which stages produced the hit, with each stage's own score and rank (from 1). */
	readonly stages: {
		readonly [stage in 'vector' | 'keyword' | 'rerank']?: { readonly score: number; readonly rank: number };
	};
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
	/** Leaves out hits whose `score` is lower. */
	readonly minScore?: number;
	/** Compare with every vector instead of the approximate index. */
	readonly exact?: boolean;
	/** 0 (only relevance) to 1 (only variety): maximal marginal relevance. */
	readonly diversity?: number;
	/** How hybrid search joins the two rankings. Default `minmax`. */
	readonly fusion?: 'minmax' | 'rrf' | 'dbsf';
	/** Weight of the vector ranking in `minmax`, 0–1. Default 0.5 for encoders, 0.3 for the built-in static model. */
	readonly vectorWeight?: number;
	/**
	 * Path into the metadata of a date or number: of passages that fit about equally well, newer ones come first.
	 */
	readonly preferNewer?: string;
	/** Whether passages that say the same are all returned. Default: the best of them, with the others as `twins`. */
	readonly keepTwins?: boolean;
	/** At most this many hits of one source. */
	readonly perSource?: number;
	/** Candidates each stage hands on. Default max(100, 2 × limit + 20), or limit + 20 where nothing chooses among them; more where too many are left out. */
	readonly candidates?: number;
	/** Candidates handed to the reranker. Default 50. */
	readonly rerankCandidates?: number;
	/**
	 * Fills in `parent.text` of the hits (put together from the neighbouring rows where it was not stored) and keeps
	 * one hit a parent window.
	 */
	readonly expandParents?: boolean;
	/** Id of the fingerprint the vector was made with; refused when it is not the index's. */
	readonly fingerprint?: string;
}

/** Scores documents against a question; higher is better. `index` is the position in `documents`. */
export type Rerank = (
	query: string,
	documents: readonly string[],
	call?: CallContext,
) => Promise<ReadonlyArray<{ readonly index: number; readonly score: number }>>;

export interface SearchCall extends CallContext {
	/** A last stage that reads the best candidates in full; `score` and `minScore` are then its scores. */
	readonly rerank?: Rerank;
}

export interface UpsertCall extends CallContext {
	/** Id of the fingerprint the vectors were made with; refused when it is not the index's. */
	readonly fingerprint?: string;
	/** Told of each point that cannot be written; the report lists the first 1,000 of them. */
	readonly onFailure?: (failure: Failure) => void;
}

export interface IndexSettings {
	readonly dimensions: number;
	/** Id of the embedding fingerprint; other vectors are refused. */
	readonly fingerprint: string;
	readonly model: string;
	/** Weight of vectors in hybrid search, 0–1. Default 0.5, for the built-in static model 0.3. */
	readonly vectorWeight?: number;
	/** Which analysis the words of its rows went through. Set when the index is made; migrating makes it the newest. */
	readonly keywordAnalysis?: number;
	readonly preset?: 'fast' | 'balanced' | 'accurate' | 'lowMemory';
	/**
	 * How a Qdrant collection is laid out; the embedded backend has no such choice. Absent: the server's defaults on one node, on a
	 * cluster two shards a node with two replicas each. Changed by migrating.
	 */
	readonly layout?: IndexLayout;
	/** Anything the owner wants to remember (chunking settings, …). */
	readonly notes?: { readonly [key: string]: JsonValue };
}

export interface IndexInfo extends IndexSettings {
	readonly name: string;
	/** Which version of the index this is; migration builds a new one beside the live one. */
	readonly version: string;
	/** Whether the name points to this version. */
	readonly live: boolean;
	readonly backend: 'embedded' | 'qdrant';
	readonly rows: number;
	readonly sources: number;
	/** Size of the rows and their indexes as they are now; absent where the server does not tell. */
	readonly bytes?: number;
	/** Rows whose vector is still to be computed: they are found by their words alone. */
	readonly pendingVectors: number;
	/** Rows that the keyword index does not know yet, and are searched one by one; absent where the server does not tell. */
	readonly unindexedRows?: number;
	/** Files that rows are in; many make searches slower. Absent where the server does not tell. */
	readonly fragments?: number;
	/** When files were last merged and the indexes brought up to date (ISO 8601); absent where that is not known. */
	readonly tidiedAt?: string;
	/** `none` (every vector is compared), or what the back end calls its approximate index. */
	readonly vectorIndex: string;
	/** Of the rows on a server; absent where the key may not ask for it. */
	readonly placement?: Placement;
	/** Of the list of documents, which is kept beside the rows. */
	readonly manifestPlacement?: Placement;
	/** What is wrong with the copies, in sentences. */
	readonly problems?: readonly string[];
}

export interface Failure {
	/** Which of the points it was, from 0 in the order in which they came. */
	readonly position: number;
	readonly id?: string;
	readonly source: string;
	readonly reason: string;
}

export interface UpsertReport {
	readonly written: number;
	readonly unchanged: number;
	/** Points that could not be written and why: the first 1,000 of them. */
	readonly failed: readonly Failure[];
	/** How many failed in all. */
	readonly failedCount: number;
}

export interface DeleteRequest {
	readonly ids?: readonly string[];
	readonly source?: string;
	readonly filter?: Filter;
}

export interface TuneOptions {
	/** Share of the true `k` nearest rows that a search must find, 0–1. */
	readonly targetRecall: number;
	/** Neighbours per question. Default 10. */
	readonly k?: number;
	/** How many of the index's own vectors are asked for as questions. Default 200. */
	readonly sample?: number;
	/** Recorded questions instead of the index's own vectors; better when questions differ from documents. */
	readonly queries?: readonly Float32Array[];
	/** No further setting is tried after this time; one being built or measured is finished. Default 10 minutes. */
	readonly budgetMs?: number;
}

/** How vectors are searched. `exact` compares with every one; the other knobs belong to the kind of index. */
export interface SearchSettings {
	readonly exact?: boolean;
	/** Candidates a graph search keeps (HNSW). */
	readonly ef?: number;
	/** Partitions looked into (IVF). */
	readonly nprobes?: number;
	/** So many times the limit is compared again with the full vectors. */
	readonly refine?: number;
}

/** One point of the curve. */
export interface TunePoint {
	/** Kind of index, for example `IVF_RQ`; `none` for exact search. */
	readonly kind: string;
	readonly search: SearchSettings;
	/** Mean over the questions of the share of the true neighbours found. */
	readonly recall: number;
	/** The mean minus one standard error: what the target is compared with. */
	readonly recallLow: number;
	readonly p50Ms: number;
	readonly p95Ms: number;
}

export interface TuneReport {
	readonly targetRecall: number;
	readonly k: number;
	readonly questions: number;
	readonly rows: number;
	/** Everything that was measured, exact search first. */
	readonly curve: readonly TunePoint[];
	/** The fastest measured setting whose recall reaches the target; in use from now on. */
	readonly applied: TunePoint;
	readonly builds: ReadonlyArray<{ readonly kind: string; readonly ms: number }>;
	/** False when the budget ended before every setting was tried. */
	readonly complete: boolean;
	readonly elapsedMs: number;
	/** What the reader should know, in sentences. */
	readonly notes: readonly string[];
}

/** One meaning, two back ends. Every method rejects with an IndexError. */
export interface VectorIndex {
	info(): Promise<IndexInfo>;
	/** What the index was built with. Cheap (no counting): asked before every search. */
	settings(): Promise<IndexSettings>;
	upsert(points: AsyncIterable<Point> | Iterable<Point>, call?: UpsertCall): Promise<UpsertReport>;
	search(query: SearchQuery, call?: SearchCall): Promise<Hit[]>;
	/** Several searches at once; answers in the order of the queries. */
	searchMany(queries: readonly SearchQuery[], call?: SearchCall): Promise<Hit[][]>;
	get(ids: readonly string[]): Promise<StoredPoint[]>;
	scan(filter?: Filter, call?: CallContext): AsyncIterable<StoredPoint>;
	/** Rows that meet all of ids, source and filter; at least one must be given, and a filter of every row is refused. Resolves to the number of rows removed. */
	delete(what: DeleteRequest): Promise<number>;
	count(filter?: Filter): Promise<number>;
	/** Exact numbers of rows by source or by generation, of the rows that meet the filter. Rows that have none are left out. */
	tally(field: 'source' | 'generation', filter?: Filter): Promise<Map<string, number>>;
	/**
	 * Measures kinds of index and search settings against exact search on this index's own vectors, puts the fastest one
	 * that reaches the target to use, and reports the curve.
	 */
	tune(options: TuneOptions, call?: CallContext): Promise<TuneReport>;
	/** A small durable key–value table that lives with the index (ingest keeps its manifest here). */
	readonly manifest: ManifestStore;
	/** Rows that were stored before their vectors. */
	readonly pending: PendingVectors;
	drop(): Promise<void>;
	close(): Promise<void>;
}

/** Rows of an index, and those of them whose vector is still to be computed. */
export interface VectorCoverage {
	readonly rows: number;
	readonly pending: number;
}

/** A row whose vector is still to be computed. */
export interface PendingRow {
	readonly point: StoredPoint;
	/** What the row has to be like when its vector comes. */
	readonly hash: string;
}

/**
 * Rows can be stored before their vectors: with `pendingSince`, they are found by their words at once, and by meaning when
 * their vector has been filled in.
 */
export interface PendingVectors {
	/** Cheap enough to be asked with each search. */
	coverage(): Promise<VectorCoverage>;
	/** The first rows that wait for a vector, those that wait longest first. */
	oldest(limit: number): Promise<PendingRow[]>;
	/**
	 * Writes vectors; null for a text that has none. Rows that were deleted, changed or filled meanwhile stay as they are.
	 * Resolves to the number of rows written.
	 */
	fill(
		rows: ReadonlyArray<{ readonly row: PendingRow; readonly vector: Float32Array | null }>,
		call?: Pick<UpsertCall, 'fingerprint'>,
	): Promise<number>;
}

/** Rows of ingest's manifest; `key` is unique, writes replace. Durable when the promise resolves. */
export interface ManifestStore {
	get(keys: readonly string[]): Promise<Map<string, JsonValue>>;
	put(rows: ReadonlyMap<string, JsonValue>): Promise<void>;
	delete(keys: readonly string[]): Promise<void>;
	scan(prefix?: string): AsyncIterable<readonly [key: string, value: JsonValue]>;
}

/** Where indexes live. */
export type IndexPlace =
	| {
			readonly backend: 'embedded';
			/** Folder (or object-store URL) that holds the indexes. */
			readonly directory: string;
			readonly storageOptions?: Readonly<Record<string, string>>;
			/** Asked before an object store is opened. */
			readonly egress?: Egress;
	  }
	| {
			readonly backend: 'qdrant';
			/** Address of the server, or of the nodes of a cluster, separated by commas: the next is asked when one is gone. */
			readonly url: string;
			readonly apiKey?: string;
			/** Asked before each request. */
			readonly egress?: Egress;
			/** Whose indexes: part of their names on the server. None has a dot in it. */
			readonly space?: string;
	  };

/** One index. Without `version` the live one, also when that changes while the index is open. */
export type IndexAddress = IndexPlace & { readonly name: string; readonly version?: string };

/** A version of an index: there is one live one, and during a migration another beside it. */
export interface IndexVersion {
	readonly version: string;
	readonly live: boolean;
	/** How it is stored, as a number; this version of the pack reads one. */
	readonly format: number;
	readonly settings: IndexSettings;
	/** ISO 8601. */
	readonly createdAt: string;
	/** What a version that was never live is being built for. */
	readonly building?: BuildPurpose;
	/** Making or removing it was interrupted: it can only be dropped. */
	readonly partial?: true;
}

/** `restore`: from a snapshot, all at once or not at all. `migration`: from another version; can be continued. */
export type BuildPurpose = 'restore' | 'migration';

/** An index as `listIndexes` shows it. */
export interface IndexEntry {
	readonly name: string;
	/** Absent where `problem` says why they cannot be read. */
	readonly settings?: IndexSettings;
	readonly versions: readonly IndexVersion[];
	readonly problem?: string;
}
