import { hasOlderReader, kindOfReader } from '../documents';
import type { VectorIndex } from '../vectorIndex';
import { readerOfContent } from './fingerprints';
import { scanRows, type ManifestRow } from './manifest';
import type { Metadata } from './types';

/** A document of an index, without its text. */
export interface ListedDocument {
	readonly source: string;
	/** `stored`: can be found; `storing`: a first version is being stored; `updating`: a newer one; `removing`. */
	readonly state: 'stored' | 'storing' | 'updating' | 'removing';
	/** Chunks that can be found. */
	readonly chunks: number;
	readonly title?: string;
	/** Type of its file; `text` of what came as text. */
	readonly type: string;
	/** A newer version of the pack reads this type better: the next sync of the document reads it again. */
	readonly readAgain: boolean;
	/** When it was stored last (ISO 8601). */
	readonly storedAt?: string;
	readonly warnings: readonly string[];
	readonly metadata?: Metadata;
}

/**
 * The documents of an index that were stored by a sync, in the order of the store. Rows that were written singly have no
 * document.
 */
export async function* listDocuments(
	{ manifest }: Pick<VectorIndex, 'manifest'>,
	signal?: AbortSignal,
): AsyncGenerator<ListedDocument, void, undefined> {
	for await (const { source, row } of scanRows(manifest)) {
		signal?.throwIfAborted();
		yield listed(source, row);
	}
}

function listed(source: string, row: ManifestRow): ListedDocument {
	const { contentHash, title, metadata, storedAt, warnings = [] } = row;
	const reader = readerOfContent(contentHash);
	return {
		...{
			source,
			state: stateOf(row),
			chunks: row.state === 'ready' ? row.chunks : (row.complete?.chunks ?? 0),
		},
		...(title === undefined ? {} : { title }),
		type: reader === undefined ? 'text' : kindOfReader(reader),
		readAgain: reader !== undefined && hasOlderReader(reader),
		...(storedAt === undefined ? {} : { storedAt }),
		warnings,
		...(metadata === undefined ? {} : { metadata }),
	};
}

function stateOf({ state, complete }: ManifestRow): ListedDocument['state'] {
	if (state === 'ready') return 'stored';
	if (state === 'removing') return 'removing';
	return complete ? 'updating' : 'storing';
}
