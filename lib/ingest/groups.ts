import { messageOf } from '../support';
import type { Classified } from './classify';
import type { Piece } from './pieces';
import type { Run } from './run';
import type { DocumentOutcome } from './types';
import type { Work } from './work';

/**
 * Pieces embedded and written together: one of the embedded index's batches. At most four groups are in memory (being
 * cut, embedded, made ready, written), some 10 MB each at 1,000 characters and 256 dimensions. Smaller ones took more time
 * and saved no memory (bench ingest).
 */
const GROUP_PIECES = 2000;
const GROUP_LENGTH = 4 * 1024 * 1024;
const GROUP_DOCUMENTS = 1024;

export interface Group {
	readonly pieces: GroupPiece[];
	/** Documents whose first piece is here. */
	readonly opened: Work[];
	/** Documents whose last piece is here, or that failed before they had one. */
	readonly closed: Work[];
	/** Documents that need no writing. */
	readonly outcomes: DocumentOutcome[];
}

export interface GroupPiece {
	readonly work: Work;
	readonly piece: Piece;
	/** Absent until embedded; null: the text has no vector; `pending`: it is computed later. */
	vector?: Float32Array | null | 'pending';
}

/** Cuts the documents and gathers the pieces of many small ones, or a part of a large one, into groups. */
export async function* gather(
	documents: AsyncIterable<Classified>,
	run: Run,
): AsyncGenerator<Group, void, undefined> {
	let group = emptyGroup();
	let length = 0;
	for await (const item of documents) {
		if ('outcome' in item) group.outcomes.push(item.outcome);
		else {
			const { work } = item;
			group.opened.push(work);
			let started = performance.now();
			try {
				for await (const piece of work.cut(run)) {
					group.pieces.push({ work, piece });
					length += piece.embedText.length;
					if (group.pieces.length < GROUP_PIECES && length < GROUP_LENGTH) continue;
					run.tally.timings.chunkMs += performance.now() - started;
					yield group;
					group = emptyGroup();
					length = 0;
					started = performance.now();
					// It failed in the group just handed on: the rest would be thrown away.
					if (!work.usable) break;
				}
			} catch (error) {
				run.signal.throwIfAborted();
				work.failure = messageOf(error);
			}
			run.tally.timings.chunkMs += performance.now() - started;
			group.closed.push(work);
		}
		if (group.closed.length + group.outcomes.length < GROUP_DOCUMENTS) continue;
		yield group;
		group = emptyGroup();
		length = 0;
	}
	if (group.closed.length + group.outcomes.length > 0) yield group;
}

function emptyGroup(): Group {
	return { pieces: [], opened: [], closed: [], outcomes: [] };
}
