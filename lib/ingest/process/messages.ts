import type { BuiltinTier, Fingerprint } from '../../embedding';
import type { IndexAddress } from '../../vectorIndex';
import type { CallContext } from '../../support';
import type { DocumentOutcome, IngestDocument, SyncOptions, SyncReport } from '../types';

type Progress = Parameters<NonNullable<CallContext['onProgress']>>[0];

/** What describes a run of the process: everything in it can be sent. */
export interface ProcessSyncOptions
	extends Pick<
		SyncOptions,
		'chunking' | 'context' | 'mode' | 'maxRemoved' | 'preview' | 'limits' | 'waitForVectorsMs'
	> {
	readonly address: IndexAddress;
	/** Default: the fast one. */
	readonly embedder?: SentEmbedder;
}

/** A built-in model with what is known of it already, so that no encoder is started to find it out. */
export interface SentEmbedder {
	readonly tier: BuiltinTier;
	readonly fingerprint: Fingerprint;
	/** As measured; undefined for a model that nobody waits for. */
	readonly msPerCharacter?: number;
}

/** A document whose file is in memory; `refused`: why the file could not be read. */
export interface SentDocument {
	readonly document: IngestDocument;
	readonly refused?: string;
}

/** The answer to `more`. */
export interface SentBatch {
	readonly documents: readonly SentDocument[];
	readonly last: boolean;
}

/** To the process. `total`: documents, where their number is known. */
export type RunMessage =
	| { readonly type: 'start'; readonly options: ProcessSyncOptions; readonly total: number | undefined }
	| ({ readonly type: 'documents' } & SentBatch)
	| { readonly type: 'leave' };

/** From the process. */
export type RunAnswer =
	| { readonly type: 'more' }
	| { readonly type: 'outcomes'; readonly outcomes: readonly DocumentOutcome[] }
	| { readonly type: 'progress'; readonly progress: Progress }
	| { readonly type: 'done'; readonly report: SyncReport }
	| { readonly type: 'failed'; readonly error: SentError };

/** Several runs share the process: each message says whose it is. */
export interface Addressed<T> {
	readonly run: number;
	readonly message: T;
}

/** An error without what cannot be sent: its class goes by its name. */
export interface SentError {
	readonly name: string;
	readonly message: string;
	readonly kind?: string;
	/** Message of the cause. */
	readonly cause?: string;
}
