import type { Engines } from '../engine';
import type { OnTooLong } from './types';

/** The part of an EnginePool that embedding needs. */
export type EmbeddingEngines = Pick<Engines, 'embed' | 'places'> & Partial<Pick<Engines, 'tokenVectors'>>;

export interface EngineEmbedderOptions {
	readonly pool: EmbeddingEngines;
	/** Default: what the engine answers with when none is named. */
	readonly model?: string;
	/** Put before questions and documents. Default: what the model is known to want (`knownPrefixes`). */
	readonly queryPrefix?: string;
	readonly documentPrefix?: string;
	/** Fewer dimensions, where the model was made for it. */
	readonly dimensions?: number;
	/** Unit length. Default true. */
	readonly normalize?: boolean;
	/** Most tokens of a text, prefix included. Default: what the engine accepts. */
	readonly maxTokens?: number;
	/** What to do with longer texts. Default `fail`. */
	readonly onTooLong?: OnTooLong;
	/** The model's own count; default a quarter of the UTF-8 bytes. */
	readonly countTokens?: (text: string) => number;
	/** Most texts and tokens in a request, and requests in flight. Defaults 64, 8,192, and what the pool's engines take or else 2. */
	readonly batchSize?: number;
	readonly batchTokens?: number;
	readonly concurrency?: number;
	/** Memory for vectors of texts seen lately, shared by all embedders of one pool and model. Default 32 MB; 0: none. */
	readonly cacheBytes?: number;
	/** Whose vectors: those of another scope are asked for again, so that time does not tell what others have embedded. */
	readonly cacheScope?: string;
	/** May engines marked `remote` be used? Default false. */
	readonly allowRemote?: boolean;
}
