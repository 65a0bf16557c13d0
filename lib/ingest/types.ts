import type { ChunkOptions } from '../chunking';
import type { Embedder } from '../embedding';
import type { JsonValue, VectorIndex } from '../index';
import type { CallContext } from '../support';

/** What goes in: one document, its text already extracted or still as a file. */
export interface IngestDocument {
	/** Stable name of the document (path, URL, id): the key for updates and citations. */
	readonly source: string;
	readonly text?: string;
	readonly file?: { readonly data: Uint8Array | AsyncIterable<Uint8Array>; readonly name?: string; readonly mimeType?: string };
	readonly title?: string;
	readonly metadata?: { readonly [key: string]: JsonValue };
}

export interface SyncOptions {
	readonly index: VectorIndex;
	readonly embedder: Embedder;
	readonly chunking: ChunkOptions;
	/** Put before each chunk for embedding and keyword search. Default `headings`. */
	readonly context?: 'none' | 'headings' | 'title';
	/** `add`: documents not sent stay. `mirror`: documents not sent are removed (only after a run without failures). */
	readonly mode: 'add' | 'mirror';
}

export type DocumentState = 'added' | 'changed' | 'unchanged' | 'removed' | 'failed';

/** Emitted when a document is done. */
export interface DocumentOutcome {
	readonly source: string;
	readonly state: DocumentState;
	readonly chunks: number;
	/** For `failed`: what happened and what to do. */
	readonly reason?: string;
	/** Position in the input, from 0; absent for removed ones. */
	readonly position?: number;
}

export interface SyncReport {
	readonly added: number;
	readonly changed: number;
	readonly unchanged: number;
	readonly removed: number;
	readonly failed: readonly DocumentOutcome[];
	readonly chunks: number;
	readonly tokens: number;
	readonly timings: { readonly totalMs: number; readonly chunkMs: number; readonly embedMs: number; readonly writeMs: number };
}

/** `sync` yields an outcome per document in input order of completion and returns the report. */
export type Sync = (
	documents: AsyncIterable<IngestDocument> | Iterable<IngestDocument>,
	options: SyncOptions,
	call?: CallContext,
) => AsyncGenerator<DocumentOutcome, SyncReport>;
