import { DocumentError } from '../errors';
import { zipEntries } from '../zip';

/** Parts of a ZIP file, unpacked when they are asked for. */
export interface ZipParts {
	readonly names: readonly string[];
	/** The bytes of a part; undefined where there is none of that name. */
	bytes(name: string): Uint8Array | undefined;
	/** A part as UTF-8 text. */
	text(name: string): string | undefined;
}

/**
 * Opens a ZIP file; each part is unpacked by itself, so that pictures and other parts that hold no text cost nothing.
 * @throws DocumentError where it is damaged or protected
 */
export async function loadZip(): Promise<(data: Uint8Array) => ZipParts> {
	const { unzipSync, strFromU8 } = await import('fflate');
	return (data) => {
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
		const names = entries.map(({ name }) => name);
		const bytes = (name: string): Uint8Array | undefined => {
			// Names differ in case between programs.
			const exact = names.includes(name)
				? name
				: names.find((each) => each.toLowerCase() === name.toLowerCase());
			if (exact === undefined) return undefined;
			const parts = unzipSync(data, { filter: (file) => file.name.replaceAll('\\', '/') === exact });
			return Object.values(parts)[0];
		};
		return {
			names,
			bytes,
			text: (name) => {
				const part = bytes(name);
				if (part === undefined) return undefined;
				const isWide = (part[0] === 0xff && part[1] === 0xfe) || (part[0] === 0xfe && part[1] === 0xff);
				return isWide
					? new TextDecoder(part[0] === 0xff ? 'utf-16le' : 'utf-16be').decode(part)
					: strFromU8(part).replace(/^\uFEFF/, '');
			},
		};
	};
}
