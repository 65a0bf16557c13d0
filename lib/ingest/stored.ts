import type { ExtractedText, Locations } from '../documents';
import { type JsonValue, slices } from '../support';
import type { StoredPoint, VectorIndex } from '../vectorIndex';
import type { IdentifiedDocument } from './documents';
import { GenerationReader } from './generations';
import { type ManifestRow, readRows, scanRows } from './manifest';
import type { Metadata } from './types';

/** Fields of a point's metadata that come from its place in the document, not from the document. */
const PLACE_FIELDS = ['page', 'slide', 'sheet', 'row', 'record', 'line'] as const;

/** Manifest rows that are kept from the first reading; of further ones the names, whose rows are read when it is their turn. */
const ROWS_KEPT = 20_000;
/** Manifest rows read at once then. */
const ROWS_AT_ONCE = 500;

/**
 * The documents of an index as they can be stored again: chunks cover their document, so that its text can be put
 * together from them (white space between chunks may become new lines). The hashes are those of the original, so that
 * the next sync of it finds it unchanged.
 *
 * Nothing of the index is held open meanwhile: the list of documents is read first, then the rows of some of them at a time.
 *
 * @param onLoaded called with the rows of each document that is read
 * @param onVanished called when a document has no rows any more: another writer has replaced or removed it meanwhile
 */
export async function* storedDocuments(
	index: VectorIndex,
	signal: AbortSignal,
	onLoaded: (rows: readonly StoredPoint[]) => void = () => undefined,
	onVanished: (source: string, generation: string) => void = () => undefined,
): AsyncGenerator<IdentifiedDocument, void, undefined> {
	let position = 0;
	const reader = new GenerationReader(index, signal);
	for await (const { source, row } of manifestRows(index)) {
		const complete = row.state === 'ready' ? row : row.complete;
		if (row.state === 'removing' || !complete) continue;
		const { generation, chunks } = complete;
		yield {
			...{ position: position++, source, warnings: [], weight: 0 },
			...(row.title === undefined ? {} : { title: row.title }),
			...(row.metadata === undefined ? {} : { metadata: row.metadata }),
			...(row.partOf === undefined ? {} : { partOf: row.partOf }),
			// The row of an unfinished document has the hashes of its next version.
			contentHash: row.state === 'ready' ? row.contentHash : `generation:${generation}`,
			metadataHash: row.metadataHash,
			content: {
				expect: () => reader.expect(generation, chunks),
				load: async () => {
					const rows = await reader.rowsOf(generation);
					if (rows.length === 0) onVanished(source, generation);
					onLoaded(rows);
					return toText(rows, row.metadata ?? {});
				},
			},
		};
	}
}

async function* manifestRows({
	manifest,
}: VectorIndex): AsyncGenerator<{ readonly source: string; readonly row: ManifestRow }> {
	const kept: Array<{ readonly source: string; readonly row: ManifestRow }> = [];
	const others: string[] = [];
	for await (const each of scanRows(manifest)) {
		if (kept.length < ROWS_KEPT) kept.push(each);
		else others.push(each.source);
	}
	yield* kept;
	for (const some of slices(others, ROWS_AT_ONCE)) {
		const rows = await readRows(manifest, some);
		for (const source of some) {
			const row = rows.get(source);
			// It was deleted since.
			if (row) yield { source, row };
		}
	}
}

function toText(rows: readonly StoredPoint[], given: Metadata): ExtractedText {
	const parts: string[] = [];
	let end = 0;
	for (const { text, start = end } of rows) {
		if (start > end) parts.push('\n'.repeat(start - end));
		// What overlaps the chunk before is there already.
		const rest = text.slice(Math.max(0, end - start));
		parts.push(rest);
		end = Math.max(end, start + text.length);
	}
	const metadata = rows[0]?.metadata ?? {};
	const title = metadata.title;
	const locations = locationsOf(rows, given);
	return {
		text: parts.join(''),
		...(typeof title === 'string' && given.title === undefined ? { title } : {}),
		...(locations.length > 0 ? { locations } : {}),
		metadata: documentFields(metadata, given),
	};
}

/** What was found in the file (number of pages, columns), without what the user gave and what each chunk has of its own. */
function documentFields(metadata: Metadata, given: Metadata): Metadata {
	const own = new Set([
		'title',
		'headings',
		'kind',
		'sheetNames',
		...PLACE_FIELDS.flatMap((field) => [field, `${field}End`, `${field}Starts`]),
	]);
	const fields: Array<[string, JsonValue]> = [];
	for (const [name, value] of Object.entries(metadata)) {
		if (!own.has(name) && !(name in given)) fields.push([name, value]);
	}
	return Object.fromEntries(fields);
}

/** Where pages begin, as far as chunks tell: a sheet, row or record that begins inside a chunk is taken to begin at its end. */
function locationsOf(rows: readonly StoredPoint[], given: Metadata): Locations[] {
	// A field that the user has given says nothing about the place of a chunk.
	return PLACE_FIELDS.filter((field) => !(field in given)).flatMap((field) => {
		const starts: number[] = [];
		const labels: Array<number | string> = [];
		const begin = (label: JsonValue | undefined, start: number): void => {
			if (typeof label !== 'number' && typeof label !== 'string') return;
			if (labels.at(-1) === label) return;
			starts.push(start);
			labels.push(label);
		};
		for (const { metadata = {}, start = 0, end = start } of rows) {
			const first = metadata[field];
			const further = metadata[`${field}Starts`];
			begin(first, start);
			if (typeof first === 'number' && Array.isArray(further)) {
				further.forEach((at, i) => {
					if (typeof at === 'number') begin(first + i + 1, at);
				});
			}
			if (field === 'sheet' && Array.isArray(further) && Array.isArray(metadata.sheetNames)) {
				const names: readonly JsonValue[] = metadata.sheetNames;
				further.forEach((at, i) => {
					if (typeof at === 'number') begin(names[i], at);
				});
			}
			begin(metadata[`${field}End`], Math.max(start, end - 1));
		}
		return starts.length === 0 ? [] : [{ field, starts, labels }];
	});
}
