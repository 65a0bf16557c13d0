import type { FileKind } from './kinds';
import { zipEntries } from './zip';

/** Names of the parts that say what a ZIP file holds. */
const PARTS: ReadonlyArray<readonly [part: RegExp, kind: FileKind]> = [[/^word\/document\d*\.xml$/i, 'docx']];

/** What a ZIP file is: an Office file by its main part. */
export function zipKind(bytes: Uint8Array): FileKind | undefined {
	const names = (zipEntries(bytes) ?? []).map(({ name }) => name);
	return PARTS.find(([part]) => names.some((name) => part.test(name)))?.[1];
}

/** Names of streams in an OLE compound file stand in UTF-16. */
export const holdsStream = (bytes: Uint8Array, name: string): boolean =>
	Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).includes(Buffer.from(name, 'utf16le'));
