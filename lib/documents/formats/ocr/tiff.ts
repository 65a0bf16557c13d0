import { jpegInTiff } from './tiffJpeg';

/** Pages read of one file. */
const MAX_PAGES = 1_000;

/**
 * The pages of a TIFF file, each as a file that begins with it, or as the JPEG file that it holds. A directory says where the next
 * one stands (TIFF 6.0, section 2), so that a copy whose head points to another directory begins there.
 */
export function* tiffCopies(bytes: Uint8Array): Generator<Uint8Array> {
	const data = Buffer.from(bytes);
	const isLittle = data[0] === 0x49;
	const read32 = (at: number): number => (isLittle ? data.readUInt32LE(at) : data.readUInt32BE(at));
	const seen = new Set<number>();
	let directory = read32(4);
	while (directory > 0 && directory + 2 <= data.byteLength && !seen.has(directory) && seen.size < MAX_PAGES) {
		seen.add(directory);
		if (isLittle) data.writeUInt32LE(directory, 4);
		else data.writeUInt32BE(directory, 4);
		yield jpegInTiff(data, directory) ?? data;
		const count = isLittle ? data.readUInt16LE(directory) : data.readUInt16BE(directory);
		const next = directory + 2 + count * 12;
		directory = next + 4 <= data.byteLength ? read32(next) : 0;
	}
}

export function isTiff(bytes: Uint8Array): boolean {
	const mark = Buffer.from(bytes.subarray(0, 4)).toString('latin1');
	return bytes.byteLength >= 8 && (mark === 'II*\0' || mark === 'MM\0*');
}
