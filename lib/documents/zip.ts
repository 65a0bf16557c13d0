/** An entry as the directory of a ZIP file lists it. */
export interface ZipEntry {
	readonly name: string;
	/** Bytes when unpacked, as the directory says. */
	readonly size: number;
	readonly isEncrypted: boolean;
}

/** Bytes before the end in which the end record stands: 22 of its own and a comment of up to 65,535. */
const END_BYTES = 22 + 65_535;
/** Entries listed; files of Office have hundreds. */
const MAX_ENTRIES = 65_535;

/**
 * The entries of a ZIP file by its directory (APPNOTE 4.3.12, 4.3.16), without unpacking anything; undefined where there is
 * no directory.
 */
export function zipEntries(bytes: Uint8Array): ZipEntry[] | undefined {
	const data = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
	const end = data.lastIndexOf('PK\x05\x06', undefined, 'latin1');
	if (end === -1 || end < data.byteLength - END_BYTES || end + 22 > data.byteLength) return undefined;
	let at = data.readUInt32LE(end + 16);
	const entries: ZipEntry[] = [];
	while (entries.length < MAX_ENTRIES && at + 46 <= data.byteLength && data.readUInt32LE(at) === 0x02014b50) {
		const nameLength = data.readUInt16LE(at + 28);
		const name = data.toString('utf8', at + 46, at + 46 + nameLength);
		entries.push({
			name: name.replaceAll('\\', '/'),
			size: data.readUInt32LE(at + 24),
			isEncrypted: (data.readUInt16LE(at + 8) & 1) === 1,
		});
		at += 46 + nameLength + data.readUInt16LE(at + 30) + data.readUInt16LE(at + 32);
	}
	return entries;
}
