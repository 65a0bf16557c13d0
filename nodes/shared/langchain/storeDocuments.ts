import type { DocumentInterface } from '@langchain/core/documents';
import type { IDataObject } from 'n8n-workflow';
import { textToEmbed } from '../../../lib/chunking';
import type { TextRow } from '../../../lib/ingest';
import { jsonCopy } from '../../../lib/support';
import type { Hit, Point, StoredPoint } from '../../../lib/vectorIndex';
import { placeInRow } from '../runtime/chunkData';
import { InputError } from '../runtime/errors';

/**
 * A document as a row of an index, still without its vector. Source, offsets, context and parent window are taken out of the metadata
 * where the document is a chunk (of Local Engine Text Splitter, or read from an index); the rest stays metadata to filter by. Loaders
 * and users have fields of such names too (time codes, a parent folder): those stay metadata as they are.
 *
 * @param source name of the document, where its metadata has none
 * @throws InputError without a text or a source
 */
export function rowOfDocument(document: unknown, source?: string, id?: string): TextRow {
	if (!isDocument(document))
		throw new InputError('The document loader gave something without "pageContent".');
	// As it will be stored: dates become text, and what JSON has not (undefined, functions) goes.
	const metadata = jsonCopy(document.metadata ?? {}) as IDataObject;
	const { source: given, ...others } = metadata;
	// "blob" is what LangChain's loaders call anything that has no path.
	const named = typeof given === 'string' && given !== '' && given !== 'blob' ? given : source;
	if (named === undefined) {
		throw new InputError(
			'The document has no name, so that it could not be cited or found again. Send a field "source", name another field in Source Field, or set "source" as metadata in the document loader.',
		);
	}
	const text = document.pageContent;
	const { place, rest } = partsOf(others, text);
	const key = id ?? document.id;
	return {
		point: {
			...(key !== undefined && { id: key }),
			text,
			source: named,
			metadata: rest as Point['metadata'],
			...place,
		},
		embedText: textToEmbed(text, place.context),
	};
}

function partsOf(
	metadata: IDataObject,
	text: string,
): { place: ReturnType<typeof placeInRow>; rest: IDataObject } {
	const { start, end, context, parent, ...rest } = metadata;
	const place = placeInRow({ start, end, context, parent });
	// The text of a chunk is what stands between its offsets.
	const isChunk = place.start !== undefined && place.end === place.start + text.length;
	return isChunk ? { place, rest } : { place: {}, rest: metadata };
}

/** A row as a document: the text to read (its parent window where that was asked for), everything else as metadata. */
export function documentOfRow(row: StoredPoint): DocumentInterface & { id: string } {
	const { id, text, source, metadata, start, end, context, parent } = row;
	const wide = parent?.text !== undefined;
	const place = wide ? parent : { start, end };
	return {
		id,
		pageContent: parent?.text ?? text,
		metadata: {
			...metadata,
			source,
			...(place.start !== undefined && { start: place.start }),
			...(place.end !== undefined && { end: place.end }),
			...(context !== undefined && { context }),
			...(!wide && parent && { parent: { start: parent.start, end: parent.end } }),
		},
	};
}

export const scoredDocument = (hit: Hit): [DocumentInterface & { id: string }, number] => [
	documentOfRow(hit),
	hit.score,
];

const isDocument = (value: unknown): value is DocumentInterface =>
	typeof value === 'object' &&
	value !== null &&
	'pageContent' in value &&
	typeof value.pageContent === 'string';
