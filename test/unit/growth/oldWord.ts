import { CFB } from '@e965/xlsx';

/** Pages of properties in the file; Word writes one for some dozens of paragraphs. */
const PAGE = 512;
/** Where the first character stands: behind the file's head. */
const TEXT = 0x400;

interface Containers {
	utils: { cfb_new(): object; cfb_add(file: object, name: string, content: Buffer): void };
	write(file: object, options: { type: 'buffer' }): Buffer;
}

/**
 * A Word file of before 2007 ([MS-DOC]) around a hostile text: fields, cells and notes in its body, and the same bytes as its
 * styles, lists, notes and pages of properties.
 */
export function oldWordOf(text: string): Buffer {
	const body = text.replaceAll('a', '\x13b\x14c\x15').replaceAll('1', '\x07').replaceAll('b', '\x02d\r');
	const letters = Buffer.from(body, 'utf16le');
	const hostile = Buffer.from(text, 'latin1');
	const firstPage = Math.ceil((TEXT + letters.byteLength) / PAGE);
	const pages = Math.ceil(hostile.byteLength / PAGE);
	const main = Buffer.alloc((firstPage + pages) * PAGE);
	letters.copy(main, TEXT);
	hostile.copy(main, firstPage * PAGE);
	// As many runs as a page has room for.
	for (let page = 1; page <= pages; page++) {
		const last = (firstPage + page) * PAGE - 1;
		main.writeUInt8(main.readUInt8(last) % 29, last);
	}
	main.writeUInt16LE(193, 0x02);
	main.writeUInt16LE(0x200, 0x0a);
	main.writeUInt32LE(body.length, 0x4c);
	const tables: Buffer[] = [];
	let size = 0;
	const add = (at: readonly number[], table: Buffer): void => {
		for (const position of at) {
			main.writeUInt32LE(size, 0x9a + position * 8);
			main.writeUInt32LE(table.byteLength, 0x9a + position * 8 + 4);
		}
		tables.push(table);
		size += table.byteLength;
	};
	const pieces = Buffer.alloc(5 + 16);
	pieces.writeUInt8(2);
	pieces.writeUInt32LE(16, 1);
	pieces.writeUInt32LE(body.length, 9);
	pieces.writeUInt32LE(TEXT, 15);
	add([33], pieces);
	const runs = Buffer.alloc((pages + 1) * 4 + pages * 4);
	for (let page = 0; page < pages; page++) runs.writeUInt32LE(firstPage + page, (pages + 1 + page) * 4);
	// Of characters and of paragraphs.
	add([12, 13], runs);
	// Styles, notes, headers and lists.
	add([1, 2, 11, 46, 73, 74], hostile);
	const containers = CFB as Containers;
	const file = containers.utils.cfb_new();
	containers.utils.cfb_add(file, 'WordDocument', main);
	containers.utils.cfb_add(file, '1Table', Buffer.concat(tables));
	return containers.write(file, { type: 'buffer' });
}
