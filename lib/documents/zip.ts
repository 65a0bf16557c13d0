import { inflateRawSync } from 'node:zlib';

/** An entry as the directory of a ZIP file lists it. */
export interface ZipEntry {
	readonly name: string;
	/** The name as it stands in the file; `name` is this read as UTF-8. */
	readonly nameBytes: Uint8Array;
	/** Bytes when unpacked, as the directory says. */
	readonly size: number;
	readonly packedSize: number;
	/** How it is packed: 0 not at all, 8 Deflate. */
	readonly method: number;
	/** Where its own header begins. */
	readonly offset: number;
	readonly isEncrypted: boolean;
}

/** Bytes before the end in which the end record stands: 22 of its own and a comment of up to 65,535. */
const END_BYTES = 22 + 65_535;
/** Entries listed; files of Office have hundreds. */
const MAX_ENTRIES = 65_535;
/** What a field of 32 bits says where the value stands in one of 64 bits. */
const WIDE = 0xffffffff;

/**
 * The entries of a ZIP file by its directory (APPNOTE 4.3.12, 4.3.14, 4.3.16), without unpacking anything; undefined where
 * there is no directory.
 * @param directoryBytes how much of the directory is read. Default: all of it
 */
export function zipEntries(bytes: Uint8Array, directoryBytes = Infinity): ZipEntry[] | undefined {
	const data = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
	const tail = Math.max(data.byteLength - END_BYTES, 0);
	const end = tail + data.subarray(tail).lastIndexOf('PK\x05\x06', undefined, 'latin1');
	if (end < tail || end + 22 > data.byteLength) return undefined;
	let at = data.readUInt32LE(end + 16);
	if (at === WIDE) at = wideDirectory(data, end);
	const last = Math.min(at + directoryBytes, data.byteLength);
	const entries: ZipEntry[] = [];
	while (entries.length < MAX_ENTRIES && at + 46 <= last && data.readUInt32LE(at) === 0x02014b50) {
		const nameEnd = at + 46 + data.readUInt16LE(at + 28);
		const next = nameEnd + data.readUInt16LE(at + 30) + data.readUInt16LE(at + 32);
		const nameBytes = data.subarray(at + 46, nameEnd);
		const fields = [data.readUInt32LE(at + 24), data.readUInt32LE(at + 20), data.readUInt32LE(at + 42)];
		const [size = 0, packedSize = 0, offset = 0] = fields.includes(WIDE)
			? wideFields(data, nameEnd, nameEnd + data.readUInt16LE(at + 30), fields)
			: fields;
		entries.push({
			...{ name: nameBytes.toString('utf8').replaceAll('\\', '/'), nameBytes, size, packedSize, offset },
			method: data.readUInt16LE(at + 10),
			isEncrypted: (data.readUInt16LE(at + 8) & 1) === 1,
		});
		at = next;
	}
	return entries;
}

/** Where the directory of a file of more than 4 GB, or written as one, begins. */
function wideDirectory(data: Buffer, end: number): number {
	const locator = end - 20;
	if (locator < 0 || data.readUInt32LE(locator) !== 0x07064b50) return WIDE;
	const record = Number(data.readBigUInt64LE(locator + 8));
	if (record + 56 > data.byteLength || data.readUInt32LE(record) !== 0x06064b50) return WIDE;
	return Number(data.readBigUInt64LE(record + 48));
}

/** Fields whose values stand in the extra field 1, in their order. */
function wideFields(data: Buffer, from: number, end: number, fields: readonly number[]): number[] {
	for (let at = from; at + 4 <= Math.min(end, data.byteLength); at += 4 + data.readUInt16LE(at + 2)) {
		if (data.readUInt16LE(at) !== 1) continue;
		let value = at + 4;
		return fields.map((field) => {
			if (field !== WIDE || value + 8 > data.byteLength) return field;
			value += 8;
			return Number(data.readBigUInt64LE(value - 8));
		});
	}
	return [...fields];
}

/**
 * The bytes of an entry.
 * @param most bytes that it may take
 * @throws RangeError `ERR_BUFFER_TOO_LARGE` where it takes more; Error where it is damaged or packed in a way that is not read
 */
export function unpack(bytes: Uint8Array, entry: ZipEntry, most: number): Uint8Array {
	const data = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
	const { offset, packedSize, method, name } = entry;
	if (offset + 30 > data.byteLength || data.readUInt32LE(offset) !== 0x04034b50) {
		throw new Error(`its part "${name.slice(0, 200)}" is missing`);
	}
	const start = offset + 30 + data.readUInt16LE(offset + 26) + data.readUInt16LE(offset + 28);
	const packed = data.subarray(start, start + packedSize);
	if (method === 0) return packed;
	if (method === 8) return inflateRawSync(packed, { maxOutputLength: Math.max(most, 1) });
	throw new Error(`its part "${name.slice(0, 200)}" is packed by method ${method}, not by Deflate`);
}
