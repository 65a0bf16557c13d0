import type { ChunkOptions, Complete } from '../chunking';
import type { ReadLimits } from '../documents';
import type { Embedder } from '../embedding';
import type { IndexSettings, VectorIndex } from '../vectorIndex';
import type { CallContext, JsonValue } from '../support';

export type Metadata = { readonly [key: string]: JsonValue };

/** What goes in: one document, its text already extracted or still as a file. */
export interface IngestDocument {
	/** Stable name of the document (path, URL, id): the key for updates and citations. */
	readonly source: string;
	readonly text?: string;
	readonly file?: IngestFile;
	readonly title?: string;
	readonly metadata?: Metadata;
	/** Source of the mail or archive that this document came in, if it is not sent by itself. */
	readonly partOf?: string;
}

export interface IngestFile {
	readonly data: Uint8Array | AsyncIterable<Uint8Array>;
	readonly name?: string;
	readonly mimeType?: string;
}

/**
 * Put before each chunk for embedding and keyword search: nothing, the title, the title and the headings above the
 * chunk, or what a model says about its place in the document.
 */
export type ContextKind = 'none' | 'headings' | 'title' | 'model';

export interface SyncOptions {
	readonly index: VectorIndex;
	readonly embedder: Embedder;
	readonly chunking: ChunkOptions;
	/** Default `headings`. */
	readonly context?: ContextKind;
	/** Needed for the context `model`. */
	readonly complete?: Complete;
	/** `add`: documents not sent stay. `mirror`: documents not sent are removed (only after a run without failures). */
	readonly mode: 'add' | 'mirror';
	/**
	 * For `mirror`: the share (0–1) of the documents in the index that may be removed in one run. Where more were not sent, the
	 * run stores what was sent, removes nothing and fails with `removal`. Default `MAX_REMOVED`; 1 removes whatever was not
	 * sent. An index of fewer than 10 documents is not guarded.
	 */
	readonly maxRemoved?: number;
	/** Only tells what would become of each document: nothing is written, and only mails and archives are opened. */
	readonly preview?: boolean;
	/**
	 * How long the run may wait for vectors, in milliseconds. Where they would take longer (as the embedder estimates) what is
	 * left is stored without: found by its words at once, and by meaning when `finishVectors` has computed them. Default: as
	 * long as it takes. Nothing is put off for an embedder that cannot estimate, or where documents are cut by meaning.
	 */
	readonly waitForVectorsMs?: number;
	/** Bounds on one document; see `DOCUMENT_LIMITS` for the defaults. */
	readonly limits?: Partial<DocumentLimits>;
}

/** Bounds that keep one document from costing all the others. A document over a bound fails alone. */
export interface DocumentLimits extends ReadLimits {
	/** Bytes of a file as it arrives. */
	readonly fileBytes: number;
	/** Length of a document's metadata as JSON. */
	readonly metadataLength: number;
}

export type DocumentState = 'added' | 'changed' | 'unchanged' | 'removed' | 'failed';

/** Emitted when a document is done. */
export interface DocumentOutcome {
	readonly source: string;
	readonly state: DocumentState;
	readonly chunks: number;
	/** Chunks of it whose vector is still to be computed. */
	readonly pendingVectors?: number;
	/** For `failed`: what happened and what to do. */
	readonly reason?: string;
	/** What was changed on the way in, for a document that was stored all the same. */
	readonly warnings?: readonly string[];
	/** Position in the input, from 0; absent for removed ones. Files within a file have the position of that file. */
	readonly position?: number;
}

export interface SyncReport {
	readonly added: number;
	readonly changed: number;
	readonly unchanged: number;
	readonly removed: number;
	/** Documents that failed; `failed` names the first 1,000 of them, so that the report stays small. */
	readonly failures: number;
	readonly failed: readonly DocumentOutcome[];
	/** Rows written for added and changed documents. */
	readonly chunks: number;
	/** Chunks whose vector was computed in this run; the others had it already. */
	readonly embedded: number;
	/** Chunks that were stored before their vector: `finishVectors` computes it. */
	readonly pendingVectors: number;
	/** Tokens the embedder counted, where it counts. */
	readonly tokens: number;
	/** Why mirror mode removed nothing although it might have. */
	readonly removalSkipped?: 'failures' | 'noDocuments';
	/** Milliseconds; the stages overlap, so they can add up to more than `totalMs`. */
	readonly timings: {
		readonly totalMs: number;
		readonly readMs: number;
		readonly chunkMs: number;
		readonly embedMs: number;
		readonly writeMs: number;
	};
}

/** `sync` yields an outcome per document in the order of completion and returns the report. */
export type Sync = (
	documents: AsyncIterable<IngestDocument> | Iterable<IngestDocument>,
	options: SyncOptions,
	call?: CallContext,
) => AsyncGenerator<DocumentOutcome, SyncReport>;

/** A question and the document its answer is in. */
export interface MigrationProbe {
	readonly query: string;
	readonly source: string;
}

export interface MigrateOptions {
	/** Of the new version; the present one if only other settings change. */
	readonly embedder: Embedder;
	/** Default: as the documents were cut last. */
	readonly chunking?: ChunkOptions;
	/** Default `headings`. */
	readonly context?: ContextKind;
	/** Needed for the context `model`. */
	readonly complete?: Complete;
	/** Settings of the new version; what is left out stays as it is. */
	readonly settings?: Partial<Omit<IndexSettings, 'model' | 'dimensions' | 'fingerprint' | 'notes'>>;
	/** Questions that must be answered from the right document before readers are switched over. */
	readonly probes?: readonly MigrationProbe[];
	/** Share of the true neighbours, and of the probes, that must be found. Default 0.9. */
	readonly minRecall?: number;
	/** Milliseconds that writers wait at most for the switch. Default 60,000. */
	readonly maxWaitMs?: number;
}

export interface Verification {
	readonly documents: number;
	readonly rows: number;
	/** Share of the true ten nearest rows found by approximate search. */
	readonly annRecall: number;
	/** Share of the probes whose document was among the first ten rows. */
	readonly probeRecall?: number;
}

export interface MigrationReport {
	/** `unchanged`: the live version has these settings already. */
	readonly state: 'switched' | 'unchanged';
	/** The version readers see now. */
	readonly version: string;
	/** The version they saw before: kept for `rollBack` until it is dropped. */
	readonly previous?: string;
	readonly verification?: Verification;
	/** That the embedding model changed, and what it means for scores. */
	readonly notice?: string;
	/** Passes over the live version, the last one behind the fence. */
	readonly passes: number;
	readonly embedded: number;
	readonly totalMs: number;
}
