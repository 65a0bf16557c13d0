import type { PNG } from 'pngjs';

/** A TIFF file without compression whose pages are these pictures, in shades of grey. */
export function tiffOf(pages: readonly PNG[]): Buffer {
	const parts: Buffer[] = [Buffer.from('II*\0\0\0\0\0', 'latin1')];
	let size = 8;
	let link = 4;
	for (const { width, height, data } of pages) {
		const grey = Buffer.from(Array.from({ length: width * height }, (_, at) => data[at * 4] ?? 255));
		const tags = [
			[256, 3, width],
			[257, 3, height],
			[258, 3, 8],
			[259, 3, 1],
			[262, 3, 1],
			[273, 4, size],
			[277, 3, 1],
			[278, 3, height],
			[279, 4, grey.byteLength],
		] as const;
		const directory = Buffer.alloc(2 + tags.length * 12 + 4);
		directory.writeUInt16LE(tags.length, 0);
		tags.forEach(([tag, type, value], at) => {
			const start = 2 + at * 12;
			directory.writeUInt16LE(tag, start);
			directory.writeUInt16LE(type, start + 2);
			directory.writeUInt32LE(1, start + 4);
			directory.writeUInt32LE(value, start + 8);
		});
		parts.push(grey, directory);
		const whole = Buffer.concat(parts);
		whole.writeUInt32LE(size + grey.byteLength, link);
		link = whole.byteLength - 4;
		parts.splice(0, parts.length, whole);
		size = whole.byteLength;
	}
	return Buffer.concat(parts);
}
