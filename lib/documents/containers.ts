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

/** What a ZIP file is: an Office file or a book by its main part, else an archive. */
export function zipKind(bytes: Uint8Array): FileKind | undefined {
	const entries = zipEntries(bytes) ?? [];
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

/** What an OLE compound file is: Office before 2007, a mail of Outlook. One that is locked is not read. */
export function compoundKind(bytes: Uint8Array): FileKind | undefined {
	if (holdsStream(bytes, 'EncryptedPackage')) return undefined;
	const found = STREAMS.map(([stream, kind]) => ({ kind, at: positionOf(bytes, stream) }));
	return found.filter(({ at }) => at !== -1).sort((a, b) => a.at - b.at)[0]?.kind;
}

/** Names of streams stand in UTF-16, as whole names: "Book" is no part of "Workbook". Some programs write them in one case. */
function positionOf(bytes: Uint8Array, name: string): number {
	const data = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
	const found = [name, name.toUpperCase(), name.toLowerCase()].map((each) =>
		data.indexOf(Buffer.from(`${each}\0`, 'utf16le')),
	);
	return found.find((at) => at !== -1) ?? -1;
}

export const holdsStream = (bytes: Uint8Array, name: string): boolean => positionOf(bytes, name) !== -1;
