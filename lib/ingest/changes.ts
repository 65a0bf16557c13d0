import { hasOlderReader } from '../documents';
import { isObject, stableJson } from '../support';
import type { VectorIndex } from '../vectorIndex';
import { MAX_REMOVED } from './defaults';
import { checkSource } from './documents';
import { IngestError } from './errors';
import { readerOfContent, toJsonValue } from './fingerprints';
import { type ManifestRow, scanRows } from './manifest';
import { removeOthers } from './remove';
import type { DocumentOutcome, Metadata } from './types';

/** An entry of a listing: a document that is not fetched yet. It comes from outside, so nothing about it is certain. */
export interface ListedName {
	/** Name of the document, as it will be synced. */
	readonly source: unknown;
	/** What tells one version from the next (the changed date, an ETag, the size), as it will be synced: an object with a field. */
	readonly metadata: unknown;
}

export type Change = 'added' | 'changed' | 'unchanged';

export interface FoundChanges {
	/** Of each entry, in their order; an error where it cannot be compared. The same entry once more is `unchanged`. */
	readonly changes: ReadonlyArray<Change | IngestError>;
	/** Documents that were deleted from the index, because they are not listed any more. */
	readonly removed: readonly DocumentOutcome[];
	/** Why nothing was deleted although it might have been. */
	readonly removalSkipped?: 'failures';
}

/**
 * Compares a complete listing (a folder, a mailbox, a site map) with an index before anything is fetched: an entry is `unchanged`
 * where the document of this name was stored with each of these fields of metadata, and is read no better today. What was stored
 * from within a listed mail or archive belongs to it.
 *
 * @param options `mode` and `maxRemoved` as for `sync`: `mirror` deletes the documents that are not listed. Nothing is deleted
 *   where an entry cannot be compared, or nothing is listed.
 * @throws IngestError `removal` (too many documents are not listed)
 */
export async function findChanges(
	entries: readonly ListedName[],
	options: {
		/** Undefined: there is none yet, so that everything is new. */
		readonly index: VectorIndex | undefined;
		readonly mode: 'add' | 'mirror';
		readonly maxRemoved?: number;
		readonly signal?: AbortSignal;
	},
): Promise<FoundChanges> {
	const { index, mode, maxRemoved = MAX_REMOVED, signal } = options;
	const wanted = new Map<string, Metadata>();
	const names = entries.map((entry): string | undefined | IngestError => {
		try {
			const source = checkSource(entry.source);
			const metadata = checkFields(entry.metadata);
			const before = wanted.get(source);
			if (before) return stableJson(before) === stableJson(metadata) ? undefined : listedTwice(source);
			wanted.set(source, metadata);
			return source;
		} catch (error) {
			if (error instanceof IngestError) return error;
			throw error;
		}
	});
	const { found, kept } = index ? await compare(wanted, index, signal) : NOTHING;
	const changes = names.map((name): Change | IngestError => {
		if (name instanceof IngestError) return name;
		return name === undefined ? 'unchanged' : (found.get(name) ?? 'added');
	});
	const removed: DocumentOutcome[] = [];
	if (!index || mode === 'add' || wanted.size === 0) return { changes, removed };
	if (names.some((name) => name instanceof IngestError))
		return { changes, removed, removalSkipped: 'failures' };
	const removing = removeOthers({
		...{ index, kept, maxRemoved, signal, preview: false, rest: '' },
		keeps: (source, row) => wanted.has(source) || (row?.partOf !== undefined && wanted.has(row.partOf)),
	});
	for await (const outcome of removing) removed.push(outcome);
	return { changes, removed };
}

interface Comparison {
	readonly found: ReadonlyMap<string, Change>;
	/** Documents of the index that belong to a listed one. */
	readonly kept: number;
}

const NOTHING: Comparison = { found: new Map(), kept: 0 };

/** What became of the listed documents that are in the index. */
async function compare(
	wanted: ReadonlyMap<string, Metadata>,
	{ manifest }: VectorIndex,
	signal: AbortSignal | undefined,
): Promise<Comparison> {
	const found = new Map<string, Change>();
	const parts = new Map<string, Change>();
	let kept = 0;
	for await (const { source, row } of scanRows(manifest)) {
		signal?.throwIfAborted();
		const own = wanted.get(source);
		const around = row.partOf === undefined ? undefined : wanted.get(row.partOf);
		if (own) found.set(source, changeOf(row, own));
		else if (around && row.partOf !== undefined && parts.get(row.partOf) !== 'changed')
			parts.set(row.partOf, changeOf(row, around));
		if (own ?? around) kept++;
	}
	// An archive has no row of its own: it is as its parts are.
	return { found: new Map([...parts, ...found]), kept };
}

const listedTwice = (source: string): IngestError =>
	new IngestError(
		'document',
		`"${source}" is in the list twice, with different metadata. Give each document its own source.`,
	);

function checkFields(metadata: unknown): Metadata {
	const fields = toJsonValue(metadata);
	if (isObject(fields) && Object.keys(fields).length > 0) return fields;
	throw new IngestError(
		'document',
		'It has no metadata to compare with what is stored. Send the date of its last change, its ETag or its size as metadata, and the same to Sync Documents.',
	);
}

function changeOf(row: ManifestRow, listed: Metadata): Change {
	if (row.state !== 'ready') return row.state === 'indexing' && !row.complete ? 'added' : 'changed';
	const { metadata = {}, contentHash } = row;
	const reader = readerOfContent(contentHash);
	const isSame = Object.entries(listed).every(
		([name, value]) => stableJson(metadata[name]) === stableJson(value),
	);
	return isSame && !(reader !== undefined && hasOlderReader(reader)) ? 'unchanged' : 'changed';
}
