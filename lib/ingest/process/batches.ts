import { messageOf } from '../../support';
import { readFile } from '../documents';
import { toJsonValue } from '../fingerprints';
import type { DocumentLimits, IngestDocument } from '../types';
import type { SentBatch, SentDocument } from './messages';

/** Sent at once: what one message costs is then little, and copying it takes less than a millisecond. */
const BATCH = { documents: 256, size: 1024 * 1024 };

/** Documents in batches that can be sent, read no faster than they are asked for; the last batch says so. */
export async function* batchesOf(
	documents: AsyncIterable<IngestDocument> | Iterable<IngestDocument>,
	limits: DocumentLimits,
): AsyncGenerator<SentBatch, void, undefined> {
	let batch: SentDocument[] = [];
	let size = 0;
	for await (const document of documents) {
		const sent = await pack(document, limits);
		batch.push(sent);
		size += sizeOf(sent);
		if (batch.length < BATCH.documents && size < BATCH.size) continue;
		yield { documents: batch, last: false };
		batch = [];
		size = 0;
	}
	yield { documents: batch, last: true };
}

/** Only what `sync` reads, in a form that can be sent: a file is read to its end first. */
async function pack(given: IngestDocument, limits: DocumentLimits): Promise<SentDocument> {
	// Callers in JavaScript may send anything; `sync` says what is wrong with it.
	if (typeof given !== 'object' || given === null) return { document: sendable(given) };
	const { source, text, title, metadata, partOf, file } = given;
	const document = {
		...{ source: sendable(source), text: sendable(text) },
		...{ title: sendable(title), metadata: sendable(metadata), partOf: sendable(partOf) },
	};
	if (!file || text !== undefined) return { document };
	const { name, mimeType } = file;
	try {
		return { document: { ...document, file: { data: await readFile(file, limits), name, mimeType } } };
	} catch (error) {
		return { document, refused: messageOf(error) };
	}
}

/** What cannot be copied to a process (functions, objects that hold some) becomes JSON, or undefined where it is none. */
function sendable<T>(value: T): T {
	if (typeof value === 'string') return value;
	try {
		return structuredClone(value);
	} catch {
		return toJsonValue(value) as T;
	}
}

function sizeOf({ document }: SentDocument): number {
	const data = document?.file?.data;
	return (document?.text?.length ?? 0) + (data instanceof Uint8Array ? data.byteLength : 0);
}
