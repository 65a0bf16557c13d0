// Runs in a worker thread (see parser.ts). It imports packages only, so that the same file runs built and unbuilt.
import type { JsonValue } from '../../index';
import type { Locations } from '../types';

export interface ParserTask {
	readonly kind: 'pdf' | 'docx' | 'csv' | 'json' | 'jsonl';
	readonly data: Uint8Array | string;
	/** Bound of the text, in UTF-16 code units. */
	readonly textLength: number;
}

export type ParserAnswer =
	| {
			readonly ok: true;
			/** UTF-16, little endian. */
			readonly text: Uint8Array;
			readonly title?: string;
			readonly metadata?: { readonly [key: string]: JsonValue };
			readonly locations?: Locations;
			readonly warnings?: readonly string[];
	  }
	| { readonly ok: false; readonly reason: string };
