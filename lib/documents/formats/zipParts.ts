import { DocumentError } from '../errors';
import { formatMegabytes } from '../../support';
import { unpack, zipEntries, type ZipEntry } from '../zip';

/** Bytes of one part, unpacked. */
const MAX_PART = 256 * 1024 * 1024;

/** Parts of a ZIP file, unpacked when they are asked for. */
export interface ZipParts {
	readonly names: readonly string[];
	readonly entries: readonly ZipEntry[];
	/** The bytes of a part; undefined where there is none of that name. */
	bytes(name: string): Uint8Array | undefined;
	/** A part as UTF-8 text. */
	text(name: string): string | undefined;
}

/**
 * Opens a ZIP file; each part is unpacked by itself, so that pictures and other parts that hold no text cost nothing.
 * @throws DocumentError where it is damaged or protected
 */
export function openZip(data: Uint8Array): ZipParts {
	const entries = zipEntries(data);
	if (!entries) {
		throw new DocumentError(
			'unreadable',
			'The file is damaged: its end is missing. Was it copied or downloaded completely? Open it in the program it comes from and save it again.',
		);
	}
	if (entries.some(({ isEncrypted }) => isEncrypted)) {
		throw new DocumentError(
			'unreadable',
			'The file is protected by a password. Save it without one and send it again.',
		);
	}
	const byName = new Map(entries.map((entry) => [entry.name, entry]));
	// Names differ in case between programs.
	const bySmallName = new Map(entries.map((entry) => [entry.name.toLowerCase(), entry]));
	const bytes = (name: string): Uint8Array | undefined => {
		const entry = byName.get(name) ?? bySmallName.get(name.toLowerCase());
		return entry && unpackPart(data, entry);
	};
	return {
		...{ names: [...byName.keys()], entries, bytes },
		text: (name) => {
			const part = bytes(name);
			if (part === undefined) return undefined;
			const isWide = (part[0] === 0xff && part[1] === 0xfe) || (part[0] === 0xfe && part[1] === 0xff);
			return new TextDecoder(!isWide ? 'utf-8' : part[0] === 0xff ? 'utf-16le' : 'utf-16be').decode(part);
		},
	};
}

/** @throws DocumentError `tooLarge` where it takes more than is allowed, whatever the directory says of its size */
export function unpackPart(data: Uint8Array, entry: ZipEntry): Uint8Array {
	try {
		return unpack(data, entry, MAX_PART);
	} catch (error) {
		if (!(error instanceof RangeError)) throw error;
		throw new DocumentError(
			'tooLarge',
			`A part of the file takes more than ${formatMegabytes(MAX_PART)} unpacked. Split the file.`,
			{ cause: error },
		);
	}
}
