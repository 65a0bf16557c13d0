import type { FileKind } from './kinds';
import { unpack, zipEntries, type ZipEntry } from './zip';

/** Parts that say what a ZIP file holds, by their names. */
const PARTS: ReadonlyArray<readonly [part: RegExp, kind: FileKind]> = [
	[/^word\/document\d*\.xml$/i, 'docx'],
	[/^xl\/workbook\d*\.(?:xml|bin)$/i, 'xlsx'],
	[/^ppt\/presentation\d*\.xml$/i, 'pptx'],
	[/^META-INF\/container\.xml$/, 'epub'],
];

/** What OpenDocument files and books say in their part `mimetype`. */
const MIME_TYPES: ReadonlyArray<readonly [type: string, kind: FileKind]> = [
	['application/vnd.oasis.opendocument.spreadsheet', 'ods'],
	['application/vnd.oasis.opendocument.text', 'odt'],
	['application/vnd.oasis.opendocument.presentation', 'odp'],
	['application/epub+zip', 'epub'],
];

/** Of a ZIP file's directory, as much as is looked at before the file is read: 20,000 entries, some 20 ms of n8n's event loop. */
const DIRECTORY_BYTES = 2 * 1024 * 1024;
/** Of an OLE file, as much as is searched for names: 30 ms. */
const SEARCHED_BYTES = 16 * 1024 * 1024;

/** The first entries of a ZIP file. */
export const firstEntries = (bytes: Uint8Array): ZipEntry[] | undefined => zipEntries(bytes, DIRECTORY_BYTES);

/** What a ZIP file is: an Office file or a book by its main part, else an archive. */
export function zipKind(bytes: Uint8Array): FileKind | undefined {
	const entries = firstEntries(bytes) ?? [];
	const about = entries.find(({ name }) => name === 'mimetype');
	if (about) {
		const type = mimeTypeIn(bytes, about);
		const [, kind] = MIME_TYPES.find(([each]) => type.startsWith(each)) ?? [];
		if (kind !== undefined) return kind;
	}
	const names = entries.map(({ name }) => name);
	if (names.length === 0 || isApple(names)) return undefined;
	return PARTS.find(([part]) => names.some((name) => part.test(name)))?.[1] ?? 'zip';
}

/** Whether entries are those of Pages, Numbers or Keynote. */
export const isApple = (names: readonly string[]): boolean =>
	names.some((name) =>
		/(?:^|\/)(?:Index\/Document\.iwa|Index\.zip|index\.apxl(?:\.gz)?|buildVersionHistory\.plist|iwpv2)$/.test(
			name,
		),
	);

function mimeTypeIn(bytes: Uint8Array, entry: ZipEntry): string {
	try {
		return Buffer.from(unpack(bytes, entry, 1000)).toString('latin1', 0, 200);
	} catch {
		// Damaged, or no such part: told by what else is in it.
		return '';
	}
}

/** Streams that say what an OLE compound file holds. Another one may stand within it: a workbook in a letter. */
const STREAMS: ReadonlyArray<readonly [stream: string, kind: FileKind | undefined]> = [
	['WordDocument', 'doc'],
	['Workbook', 'xls'],
	['Book', 'xls'],
	['PowerPoint Document', undefined],
	['__properties_version1.0', 'msg'],
];

/**
 * What an OLE compound file is: Office before 2007, a mail of Outlook. One that is locked is not read, except workbooks, which
 * Excel locks with a password that everybody knows.
 */
export function compoundKind(bytes: Uint8Array, extension = ''): FileKind | undefined {
	if (holdsStream(bytes, 'EncryptedPackage')) return extension.startsWith('xl') ? 'xlsx' : undefined;
	const found = STREAMS.map(([stream, kind]) => ({ kind, at: positionOf(bytes, stream) }));
	return found.filter(({ at }) => at !== -1).sort((a, b) => a.at - b.at)[0]?.kind;
}

/** Names of streams stand in UTF-16, as whole names: "Book" is no part of "Workbook". Some programs write them in one case. */
function positionOf(bytes: Uint8Array, name: string): number {
	const data = namesIn(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength));
	const found = [name, name.toUpperCase(), name.toLowerCase()].map((each) =>
		data.indexOf(Buffer.from(`${each}\0`, 'utf16le')),
	);
	return found.find((at) => at !== -1) ?? -1;
}

/** Where names stand: in the whole file, of a large one from the first sector of its directory on ([MS-CFB] 2.2). */
function namesIn(data: Buffer): Buffer {
	if (data.byteLength <= SEARCHED_BYTES) return data;
	const sector = data.readUInt16LE(0x1e) === 12 ? 4096 : 512;
	const start = (data.readUInt32LE(0x30) + 1) * sector;
	return data.subarray(start < data.byteLength ? start : 0).subarray(0, SEARCHED_BYTES);
}

export const holdsStream = (bytes: Uint8Array, name: string): boolean => positionOf(bytes, name) !== -1;
