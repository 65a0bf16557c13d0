import { DocumentError, isContainer, openContainer, type InnerFile } from '../documents';
import { formatCount, formatMegabytes } from '../support';
import { failedOutcome, identifyDocument, type IdentifiedDocument } from './documents';
import { IngestError } from './errors';
import type { Run } from './run';
import type { DocumentOutcome, IngestDocument } from './types';

/** Archives within archives that are opened. */
const MAX_DEPTH = 3;
/** Files within one file that was sent, those in archives within it too. */
const MAX_FILES = 10_000;

/** A document that can be looked up, or the outcome of one that cannot be stored. */
export type Identified = IdentifiedDocument | { readonly outcome: DocumentOutcome };

/** What was found so far within one file that was sent. */
interface Found {
	files: number;
	bytes: number;
}

/**
 * A document, and below its source the files within it: the attachments of a mail, the files of an archive. Each is a document
 * of its own, with its own outcome and the position of the one that was sent. An archive itself has no text and is none.
 */
export async function* identifyAll(
	document: IngestDocument,
	position: number,
	run: Run,
): AsyncGenerator<Identified, void, undefined> {
	yield* identifyFrom(document, position, run, 0, { files: 0, bytes: 0 });
}

async function* identifyFrom(
	document: IngestDocument,
	position: number,
	run: Run,
	depth: number,
	found: Found,
): AsyncGenerator<Identified, void, undefined> {
	try {
		const identified = await identifyDocument(document, position, run.limits);
		if (!run.seen.add(identified.source)) throw sentTwice(identified.source);
		const { content } = identified;
		if (!('kind' in content) || !isContainer(content)) {
			yield identified;
			return;
		}
		const { own, files } = await openContainer(content, run.limits, run.signal);
		count(files, depth, found, run);
		if (content.kind === 'zip') run.progress.expect(files.length - 1);
		else {
			run.progress.expect(files.length);
			yield withText(identified, own);
		}
		const names = new UniqueNames();
		for (const { name, mimeType, bytes, problem } of files) {
			await run.turn();
			const inner = {
				source: `${identified.source}/${names.next(name)}`,
				file: { data: bytes, name, ...(mimeType === undefined ? {} : { mimeType }) },
				...(document.metadata === undefined ? {} : { metadata: document.metadata }),
				partOf: document.partOf ?? identified.source,
			};
			if (problem === undefined) yield* identifyFrom(inner, position, run, depth + 1, found);
			else yield { outcome: failedOutcome(inner, position, new IngestError('document', problem)) };
		}
	} catch (error) {
		if (!(error instanceof IngestError) && !(error instanceof DocumentError)) throw error;
		yield { outcome: failedOutcome(document, position, error) };
	}
}

/** It was opened already: its text is kept, and its bytes are not. */
function withText(
	identified: IdentifiedDocument,
	own: Awaited<ReturnType<typeof openContainer>>['own'],
): IdentifiedDocument {
	return { ...identified, content: { load: () => Promise.resolve(own) }, weight: own.text.length * 2 };
}

function count(files: readonly InnerFile[], depth: number, found: Found, { limits }: Run): void {
	if (files.length === 0) return;
	found.files += files.length;
	for (const { bytes } of files) found.bytes += bytes.byteLength;
	if (depth >= MAX_DEPTH) {
		throw new IngestError(
			'document',
			`It is within more than ${MAX_DEPTH} archives or mails. Unpack them and send the files.`,
		);
	}
	if (found.files > MAX_FILES || found.bytes > limits.fileBytes) {
		throw new IngestError(
			'document',
			`The files in it are more than ${formatCount(MAX_FILES)}, or take more than ${formatMegabytes(limits.fileBytes)} unpacked. Unpack it and send the files.`,
		);
	}
}

/** Names of the files within one: each of them once, also where two attachments have the same. */
class UniqueNames {
	private readonly counts = new Map<string, number>();

	next(name: string): string {
		const plain = name.replace(/\p{Cc}/gu, ' ').trim() || 'file';
		const count = (this.counts.get(plain) ?? 0) + 1;
		this.counts.set(plain, count);
		return count === 1 ? plain : `${plain} (${count})`;
	}
}

function sentTwice(source: string): IngestError {
	return new IngestError(
		'document',
		`The source "${source}" was sent earlier in this run; only the first document of that name is kept. Give each document its own source.`,
	);
}
