/** Bytes of a JPEG in which its camera's notes stand. */
const HEAD_BYTES = 128 * 1024;
/** Tag of the orientation (EXIF 2.3, 4.6.4). */
const ORIENTATION = 0x0112;

/** How a camera was held when it took a JPEG: 1 upright, 3 upside down, 6 and 8 on its side. 1 where it does not say. */
export function orientationOf(bytes: Uint8Array): number {
	const data = Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(bytes.byteLength, HEAD_BYTES));
	if (data.byteLength < 4 || data.readUInt16BE(0) !== 0xffd8) return 1;
	for (let at = 2; at + 10 < data.byteLength && data[at] === 0xff; at += 2 + data.readUInt16BE(at + 2)) {
		const isNotes = data[at + 1] === 0xe1 && data.toString('latin1', at + 4, at + 10) === 'Exif\0\0';
		if (isNotes) return orientationIn(data.subarray(at + 10));
	}
	return 1;
}

/** The notes are a TIFF file. */
function orientationIn(tiff: Buffer): number {
	if (tiff.byteLength < 8) return 1;
	const isLittle = tiff.toString('latin1', 0, 2) === 'II';
	const read16 = (at: number): number => (isLittle ? tiff.readUInt16LE(at) : tiff.readUInt16BE(at));
	const directory = isLittle ? tiff.readUInt32LE(4) : tiff.readUInt32BE(4);
	if (directory + 2 > tiff.byteLength) return 1;
	for (
		let at = directory + 2, left = read16(directory);
		left > 0 && at + 12 <= tiff.byteLength;
		at += 12, left--
	) {
		if (read16(at) !== ORIENTATION) continue;
		const value = read16(at + 8);
		return value >= 1 && value <= 8 ? value : 1;
	}
	return 1;
}
