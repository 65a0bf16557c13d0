import { formatCount, formatMegabytes, messageOf } from '../../support';
import { decodeText } from '../decode';
import { detectKind } from '../detect';
import { DocumentError } from '../errors';
import type { ParsedKind } from '../kinds';
import { refusalOf } from '../refusals';
import type { InnerFile } from '../types';
import type { LoadParse, NestedFile, ParseInput, ReadNested } from './parse';
import { DocumentWriter } from './writer';

/** Files within files within files: what is deeper is named and not read. */
const MAX_DEPTH = 3;
/** Files read of one file. */
const MAX_FILES = 10_000;
/** Bytes of all files within one, unpacked. */
const MAX_BYTES = 256 * 1024 * 1024;

/** Takes the files within one file as they are. */
export function nestedCollector(files: InnerFile[]): ReadNested {
	let size = 0;
	return ({ name, mimeType, bytes: given }) => {
		const { bytes, problem } = bytesOf(given);
		size += bytes.byteLength;
		if (files.length >= MAX_FILES || size > MAX_BYTES) {
			throw new DocumentError(
				'tooLarge',
				`The files in it are more than ${formatCount(MAX_FILES)}, or take more than ${formatMegabytes(MAX_BYTES)} unpacked. Unpack it and send the files.`,
			);
		}
		files.push({
			...{ name, bytes, ...(mimeType === undefined ? {} : { mimeType }) },
			...(problem === undefined ? {} : { problem }),
		});
		return Promise.resolve(problem);
	};
}

/** A reader of the files within one file: attachments of a mail, files of an archive. */
export function nestedReader(
	formats: Readonly<Record<ParsedKind, LoadParse>>,
	shared: Pick<ParseInput, 'pageDone' | 'keptPages'>,
): ReadNested {
	let files = 0;
	const readAt =
		(depth: number): ReadNested =>
		async (file, writer) => {
			try {
				if (++files > MAX_FILES || depth > MAX_DEPTH) {
					throw new DocumentError('tooLarge', 'There are too many files within files. Send it by itself.');
				}
				await read(file, writer, depth);
				return undefined;
			} catch (error) {
				if (!(error instanceof Error)) throw error;
				if (writer.room === 0) throw error;
				if (file.title !== '') writer.warn(`"${file.name.slice(0, 200)}" was not read. ${error.message}`);
				return error.message;
			}
		};
	const read = async (
		{ name, mimeType, bytes: given, title }: NestedFile,
		writer: DocumentWriter,
		depth: number,
	): Promise<void> => {
		const { bytes, problem } = bytesOf(given);
		if (problem !== undefined) throw new DocumentError('unreadable', problem);
		const kind = detectKind(bytes, name, mimeType);
		if (kind === 'binary') throw new DocumentError('unreadable', refusalOf({ bytes }));
		if (kind === 'text' || kind === 'markdown') {
			const { text } = await decodeText(bytes);
			if (text.length > writer.room) throw new DocumentError('tooLarge', 'Its text is too long.');
			writer.heading(1, title);
			writer.paragraph(text);
			return;
		}
		const inner = new DocumentWriter(writer.room, writer.keepsFields);
		const parse = await formats[kind]();
		await parse({ bytes, name, readNested: readAt(depth + 1), ...shared }, inner);
		if (inner.size === 0) throw new DocumentError('unreadable', 'There is no text in it.');
		writer.setTitle(title === '' ? inner.title : undefined);
		writer.heading(1, title);
		writer.include(inner.finish(), name);
	};
	return readAt(1);
}

/** The bytes of a file, or why there are none. */
function bytesOf(given: NestedFile['bytes']): { readonly bytes: Uint8Array; readonly problem?: string } {
	if (typeof given !== 'function') return { bytes: given };
	try {
		return { bytes: given() };
	} catch (error) {
		const problem =
			error instanceof DocumentError
				? error.message
				: `It cannot be unpacked (${messageOf(error)}). Unpack the archive and send the file.`;
		return { bytes: new Uint8Array(), problem };
	}
}
