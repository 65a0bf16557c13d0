/** Tags of a directory (TIFF 6.0, section 8; Technical Note 2 on JPEG). */
const TAG = {
	...{
		width: 256,
		height: 257,
		compression: 259,
		colours: 262,
		starts: 273,
		rows: 278,
		sizes: 279,
		tables: 347,
	},
} as const;
const JPEG = 7;
const RGB = 2;
/** Bytes of a value by its type: a byte, two, four. */
const SIZES: ReadonlyMap<number, number> = new Map([
	[1, 1],
	[3, 2],
	[4, 4],
	[7, 1],
]);
const MARK = { frame: [0xc0, 0xc1], interval: 0xdd, scan: 0xda, end: 0xd9, restart: 0xd0 } as const;
const START = Buffer.from([0xff, 0xd8]);

interface Tag {
	readonly type: number;
	readonly count: number;
	/** Where its values stand. */
	readonly at: number;
}

/**
 * A page of a TIFF file that is packed as JPEG, as a JPEG file, which Tesseract can read; undefined for a page that is packed
 * otherwise. Each strip of the page is a JPEG stream that begins anew, as behind a restart marker.
 */
export function jpegInTiff(data: Buffer, directory: number): Buffer | undefined {
	const isLittle = data[0] === 0x49;
	const read = (at: number, size: number): number =>
		isLittle ? data.readUIntLE(at, size) : data.readUIntBE(at, size);
	const tags = new Map<number, Tag>();
	const count = read(directory, 2);
	const end = Math.min(directory + 2 + count * 12, data.byteLength - 11);
	for (let entry = directory + 2; entry < end; entry += 12) {
		const [type, values] = [read(entry + 2, 2), read(entry + 4, 4)];
		const isInside = (SIZES.get(type) ?? 8) * values <= 4;
		tags.set(read(entry, 2), { type, count: values, at: isInside ? entry + 8 : read(entry + 8, 4) });
	}
	const valuesOf = (tag: number): number[] => {
		const { type, count: length, at } = tags.get(tag) ?? { type: 1, count: 0, at: 0 };
		const size = SIZES.get(type) ?? 1;
		const most = Math.floor((data.byteLength - at) / size);
		return Array.from({ length: Math.max(0, Math.min(length, most)) }, (_, each) =>
			read(at + each * size, size),
		);
	};
	const [compression] = valuesOf(TAG.compression);
	const [width = 0, height = 0, rows = height] = [TAG.width, TAG.height, TAG.rows].flatMap(
		(tag) => valuesOf(tag)[0] ?? [],
	);
	const sizes = valuesOf(TAG.sizes);
	const strips = valuesOf(TAG.starts).map((start, at) => data.subarray(start, start + (sizes[at] ?? 0)));
	if (compression !== JPEG || strips.length === 0) return undefined;
	const tables = Buffer.from(valuesOf(TAG.tables));
	return joined(strips, { width, height, rows, isRgb: valuesOf(TAG.colours)[0] === RGB, tables });
}

interface Page {
	readonly width: number;
	readonly height: number;
	/** Of a strip. */
	readonly rows: number;
	readonly isRgb: boolean;
	readonly tables: Buffer;
}

function joined(strips: readonly Buffer[], { width, height, rows, isRgb, tables }: Page): Buffer | undefined {
	const [first] = strips;
	const streams = strips.map(streamOf);
	const head = first && segmentsOf(first);
	const frame = head?.find(
		({ mark }) => mark !== undefined && (MARK.frame as readonly number[]).includes(mark),
	);
	if (!head || !frame || frame.bytes.byteLength < 10 + 3 * (frame.bytes[9] ?? 0)) return undefined;
	if (streams.includes(undefined)) return undefined;
	const bytes = Buffer.from(frame.bytes);
	bytes.writeUInt16BE(height, 5);
	const parts = Array.from({ length: bytes.readUInt8(9) }, (_, at) => bytes.readUInt8(11 + at * 3));
	const across = Math.max(...parts.map((part) => part >> 4)) * 8;
	const down = Math.max(...parts.map((part) => part & 15)) * 8;
	const blocks = Math.ceil(width / across) * Math.ceil(rows / down);
	const isWhole = rows % down === 0 && !head.some(({ mark }) => mark === MARK.interval);
	if (strips.length > 1 && (!isWhole || blocks > 0xffff)) return undefined;
	const adobe = Buffer.from([0xff, 0xee, 0, 14, ...Buffer.from('Adobe'), 0, 100, 0, 0, 0, 0, 0]);
	const interval = Buffer.from([0xff, MARK.interval, 0, 4, blocks >> 8, blocks & 0xff]);
	return Buffer.concat([
		START,
		...(isRgb && parts.length === 3 ? [adobe] : []),
		...segmentsOf(tables).map((segment) => segment.bytes),
		...head.filter(({ mark }) => mark !== MARK.scan).map((each) => (each === frame ? bytes : each.bytes)),
		...(strips.length > 1 ? [interval] : []),
		...head.filter(({ mark }) => mark === MARK.scan).map((each) => each.bytes),
		...streams.flatMap((stream, at) => [
			...(at === 0 ? [] : [Buffer.from([0xff, MARK.restart + ((at - 1) % 8)])]),
			stream ?? Buffer.alloc(0),
		]),
		Buffer.from([0xff, MARK.end]),
	]);
}

interface Segment {
	readonly mark: number | undefined;
	readonly bytes: Buffer;
	readonly end: number;
}

/** The segments of a JPEG stream up to the letters of its scan. */
function segmentsOf(stream: Buffer): Segment[] {
	const found: Segment[] = [];
	for (let at = 2; at + 4 <= stream.byteLength && stream[at] === 0xff; ) {
		const mark = stream[at + 1];
		if (mark === MARK.end) break;
		const end = at + 2 + stream.readUInt16BE(at + 2);
		found.push({ mark, bytes: stream.subarray(at, end), end });
		if (mark === MARK.scan) break;
		at = end;
	}
	return found;
}

/** What stands between the head of a stream and its end. */
function streamOf(strip: Buffer): Buffer | undefined {
	const scan = segmentsOf(strip).at(-1);
	if (scan?.mark !== MARK.scan) return undefined;
	const end = strip.lastIndexOf(Buffer.from([0xff, MARK.end]));
	return strip.subarray(scan.end, end > scan.end ? end : strip.byteLength);
}
