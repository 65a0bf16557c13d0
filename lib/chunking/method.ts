import type { Cutter } from './spans';
import type { Chunk } from './types';

/** What a method knows about a span besides its offsets. */
export type Description = Pick<Chunk, 'headings' | 'kind' | 'tableHeader' | 'fence'>;

/** A way to chunk: where to cut, and what the pieces are. */
export interface Method extends Cutter {
	/** Called once for every span, in order. Absent: plain text without headings. */
	describe?(bodyStart: number, end: number): Description;
}
