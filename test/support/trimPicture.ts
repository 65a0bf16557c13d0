import { PNG } from 'pngjs';

/** Rows that are left below the last thing to see. */
const MARGIN = 16;

/** A PNG without the empty rows at its end, where everything has the colour of the last pixel. */
export function trimPicture(png: Buffer): Buffer {
	const { data, width, height } = PNG.sync.read(png);
	const pixels = new Uint32Array(data.buffer, data.byteOffset, width * height);
	const empty = pixels.at(-1);
	const last = pixels.findLastIndex((pixel) => pixel !== empty);
	const rows = Math.min(height, Math.floor(last / width) + 1 + MARGIN);
	return PNG.sync.write(
		Object.assign(new PNG({ width, height: rows }), { data: data.subarray(0, rows * width * 4) }),
		{
			colorType: 2,
		},
	);
}
