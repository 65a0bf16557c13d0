import { formatCount, formatMegabytes, isObject, messageOf } from '../support';
import { IngestError } from './errors';
import { detectKind, readerOf, READ_LIMITS, type ExtractedText, type FileContent } from '../documents';
import { hashBytes, hashMetadata, hashText, toJsonValue } from './fingerprints';
import type { DocumentLimits, DocumentOutcome, IngestDocument, IngestFile, Metadata } from './types';

export const DOCUMENT_LIMITS: DocumentLimits = {
	...READ_LIMITS,
	fileBytes: 256 * 1024 * 1024,
	metadataLength: 64 * 1024,
};

/** A name with letters and marks apart (as macOS writes file names) is the same name. */
export const normalSource = (source: string): string => source.normalize('NFC');

/** Longer names are a sign that a text went into the wrong field. */
const MAX_SOURCE_LENGTH = 2048;

/** A checked document that can be looked up: its hashes are known, a file is read but not parsed yet. */
export interface IdentifiedDocument {
	readonly position: number;
	readonly source: string;
	readonly content: { readonly text: string } | FileContent | StoredContent;
	readonly title?: string;
	readonly metadata?: Metadata;
	/** Source of what it came in (see `IngestDocument`). */
	readonly partOf?: string;
	readonly contentHash: string;
	readonly metadataHash: string;
	readonly warnings: readonly string[];
	/** Bytes held in memory, roughly. */
	readonly weight: number;
}

/** A document that is in an index already (see migrate.ts); read when it is needed. */
export interface StoredContent {
	readonly load: () => Promise<ExtractedText>;
	/** Called once it is certain that it will be loaded, in the order of the documents, so that many can be read at once. */
	readonly expect?: () => void;
}

/** Checks one document and computes its hashes. Throws `IngestError('document')` with what is wrong and what to do. */
export async function identifyDocument(
	document: IngestDocument,
	position: number,
	limits: DocumentLimits,
): Promise<IdentifiedDocument> {
	const given: unknown = document;
	if (!isObject(given))
		throw refuse(`This is ${nameOf(given)}, not a document with a source and a text or file.`);
	const source = checkSource(document.source);
	const { metadata, warnings } = checkMetadata(document, limits);
	const title = checkTitle(document.title);
	const shared = {
		...{ position, source, metadataHash: hashMetadata(title, metadata) },
		...(title === undefined ? {} : { title }),
		...(metadata === undefined ? {} : { metadata }),
		...(document.partOf === undefined ? {} : { partOf: checkSource(document.partOf) }),
	};
	if (document.file !== undefined && document.text === undefined) {
		const bytes = await readFile(document.file, limits);
		const kind = detectKind(bytes, document.file.name, document.file.mimeType);
		const { name, mimeType } = document.file;
		const content = { bytes, kind, ...(name ? { name } : {}), ...(mimeType ? { mimeType } : {}) };
		const contentHash = `${readerOf(kind)}:${await hashBytes(bytes)}`;
		return { ...shared, content, contentHash, warnings, weight: bytes.byteLength };
	}
	const text = checkText(document.text, limits);
	if (!text.isWellFormed()) {
		warnings.push(
			'Half surrogate pairs (broken emoji) in the text were replaced by �; offsets are unchanged.',
		);
	}
	return {
		...shared,
		content: { text: text.toWellFormed() },
		contentHash: await hashText(text),
		warnings,
		weight: text.length * 2,
	};
}

export function failedOutcome(document: unknown, position: number, error: unknown): DocumentOutcome {
	const source = isObject(document) && typeof document.source === 'string' ? document.source : '';
	return {
		source: source.slice(0, MAX_SOURCE_LENGTH).toWellFormed(),
		state: 'failed',
		chunks: 0,
		reason: messageOf(error),
		position,
	};
}

/** The name as it is stored. @throws IngestError `document` */
export function checkSource(source: unknown): string {
	if (typeof source !== 'string' || source.trim() === '') {
		throw refuse('The document has no source. Give each document a stable name: its path, URL or id.');
	}
	if (source.length > MAX_SOURCE_LENGTH) {
		throw refuse(
			`The source is ${source.length} characters long, at most ${MAX_SOURCE_LENGTH} are allowed. Is the text in the wrong field?`,
		);
	}
	if (!source.isWellFormed() || /\p{Cc}/u.test(source)) {
		throw refuse(
			'The source contains control characters or half surrogate pairs. Use a plain path, URL or id.',
		);
	}
	return normalSource(source);
}

function checkTitle(title: unknown): string | undefined {
	if (title === undefined || title === null || title === '') return undefined;
	if (typeof title !== 'string') throw refuse(`The title is ${nameOf(title)}, not a text.`);
	return title.slice(0, MAX_SOURCE_LENGTH).toWellFormed();
}

function checkMetadata(
	document: IngestDocument,
	limits: DocumentLimits,
): { metadata: Metadata | undefined; warnings: string[] } {
	const given: unknown = document.metadata;
	if (given === undefined || given === null) return { metadata: undefined, warnings: [] };
	const warnings: string[] = [];
	const value = toJsonValue(given, () => {
		warnings.push('Half surrogate pairs (broken emoji) in the metadata were replaced by �.');
	});
	if (!isObject(value)) throw refuse('The metadata is not a JSON object ({ "field": value }).');
	const { length } = JSON.stringify(value);
	if (length > limits.metadataLength) {
		throw refuse(
			`The metadata is ${length} characters of JSON, at most ${limits.metadataLength} are allowed: it is repeated with every chunk.`,
		);
	}
	return { metadata: value, warnings: warnings.slice(0, 1) };
}

function checkText(text: unknown, limits: DocumentLimits): string {
	if (text === undefined || text === null) throw refuse('The document has neither a text nor a file.');
	if (typeof text !== 'string') throw refuse(`The text is ${nameOf(text)}, not a text.`);
	checkLength(text, limits);
	if (looksBinary(text)) {
		throw refuse(
			'The text looks like binary data. Send the file itself, so that its type can be recognised.',
		);
	}
	if (isBase64(text)) {
		throw refuse(
			'The text is a file in base64. Send it as a file (in n8n: Convert to File, Move Base64 String to File), so that it can be read.',
		);
	}
	return text;
}

/** Bounds and emptiness hold for given and for extracted texts alike. */
export function checkLength(text: string, limits: DocumentLimits): void {
	if (text.length > limits.textLength) {
		throw refuse(
			`The text is ${formatCount(text.length)} characters long, at most ${formatCount(limits.textLength)} are allowed. Send it in parts, each with its own source.`,
		);
	}
	if (!/\S/.test(text))
		throw refuse(
			'There is no text in it: it is empty, or holds only pictures. Check that it is the file that you meant to send.',
		);
}

/** Control characters other than white space, and what stands for a decoding error. */
const STRANGE = /[^\P{Cc}\t\n\f\r]|\ufffd/gu;

/** Strange characters in more than a tenth of the first 4,096. */
export function looksBinary(text: string): boolean {
	const sample = text.slice(0, 4096);
	const strange = sample.match(STRANGE)?.length ?? 0;
	return strange > 3 && strange > sample.length / 10;
}

/** Shorter texts of letters and digits alone may be names or keys. */
const BASE64_LENGTH = 100;
const BASE64 = /^(?:data:[\w.+/-]{0,100};base64,)?[A-Za-z0-9+/]*$/;

/** Letters and digits without a single space, as many as base64 has, of all its kinds. */
function isBase64(text: string): boolean {
	if (text.length < BASE64_LENGTH) return false;
	const lines = text.trim().split(/\r?\n/);
	const [first = ''] = lines;
	// Mail breaks it into lines of one length.
	if (lines.slice(0, -1).some(({ length }) => length !== first.length || length < 60)) return false;
	const joined = lines.join('').replace(/={1,2}$/, '');
	return (
		joined.length >= BASE64_LENGTH &&
		joined.length % 4 !== 1 &&
		BASE64.test(joined) &&
		/[a-z]/.test(joined) &&
		/[A-Z]/.test(joined) &&
		/\d/.test(joined)
	);
}

/** The bytes of a file, or an IngestError `document` that says why not. */
export async function readFile(file: IngestFile, limits: DocumentLimits): Promise<Uint8Array> {
	const { data } = file;
	if (data instanceof Uint8Array) {
		if (data.byteLength > limits.fileBytes) throw tooLarge(limits);
		return data;
	}
	const parts: Uint8Array[] = [];
	let size = 0;
	try {
		for await (const part of data) {
			size += part.byteLength;
			if (size > limits.fileBytes) throw tooLarge(limits);
			parts.push(part);
		}
	} catch (error) {
		if (error instanceof IngestError) throw error;
		throw new IngestError('document', `The file cannot be read: ${messageOf(error)}`, { cause: error });
	}
	return Buffer.concat(parts, size);
}

function tooLarge(limits: DocumentLimits): IngestError {
	return refuse(
		`The file is larger than ${formatMegabytes(limits.fileBytes)}. Split it, or raise the limit.`,
	);
}

function refuse(reason: string): IngestError {
	return new IngestError('document', reason);
}

function nameOf(value: unknown): string {
	return Array.isArray(value) ? 'a list' : value === null ? 'null' : `of type ${typeof value}`;
}
