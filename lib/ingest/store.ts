import { IndexError, type Point } from '../vectorIndex';
import { IngestError } from './errors';
import type { GroupPiece } from './groups';
import { toPoint } from './pieces';
import type { Run } from './run';

/** Writes the points of pieces; a document of which the index refuses one has failed. */
export async function storePieces(pieces: readonly GroupPiece[], run: Run): Promise<void> {
	if (pieces.length === 0) return;
	const { signal, fingerprint } = run;
	const works = new Map(pieces.map(({ work }) => [work.source, work]));
	const { failed } = await run.index
		.upsert(pointsOf(pieces), { signal, fingerprint })
		.catch((error: unknown) => {
			throw isMoved(error) ? moved(error) : error;
		});
	for (const { source, reason } of failed) {
		const work = works.get(source);
		if (work) work.failure ??= `The index refused a chunk: ${reason}`;
	}
}

function isMoved(error: unknown): boolean {
	return error instanceof IndexError && error.kind === 'fingerprintMismatch';
}

function moved(cause: unknown): IngestError {
	return new IngestError(
		'moved',
		'The index was migrated to another embedding model while this run was going. Set the new model and run again; what is not stored yet will be.',
		{ cause },
	);
}

function* pointsOf(pieces: readonly GroupPiece[]): Generator<Point, void, undefined> {
	for (const { work, piece, vector } of pieces) {
		const { metadata } = work.document;
		const document = { source: work.source, generation: work.generation, extracted: work.text };
		yield toPoint(piece, metadata === undefined ? document : { ...document, metadata }, vector ?? null);
	}
}
