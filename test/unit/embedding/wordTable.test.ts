import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { WordTable } from '../../../lib/embedding/encoder/wordTable';

const ROW_BYTES = 216;

/** Two rows: one whose first block has the scale 0.5 and the numbers −8 … 7 in both halves, and an empty one. */
function table(): string {
	const bytes = Buffer.alloc(2 * ROW_BYTES);
	bytes.writeUInt16LE(0x3800, 0);
	for (let i = 0; i < 16; i++) bytes[2 + i] = i | ((15 - i) << 4);
	const file = path.join(mkdtempSync(path.join(tmpdir(), 'table-')), 'words.q4_0');
	writeFileSync(file, bytes);
	return file;
}

describe('the word table', () => {
	it('reads rows by their number: low halves of the bytes first, less 8, times the scale', () => {
		const values = new WordTable(table(), 2).read(Int32Array.of(1, 0));
		expect(values).toHaveLength(2 * 384);
		expect(values.subarray(0, 384).every((value) => value === 0)).toBe(true);
		const expected = Array.from({ length: 16 }, (_, i) => (i - 8) / 2);
		expect(Array.from(values.subarray(384, 400))).toEqual(expected);
		expect(Array.from(values.subarray(400, 416))).toEqual([...expected].reverse().map((value) => value + 0));
	});

	it('refuses a file of another size, and a row that it does not have', () => {
		const file = table();
		expect(() => new WordTable(file, 3)).toThrow(/has 432 bytes instead of 648/);
		expect(() => new WordTable(file, 2).read(Int32Array.of(2))).toThrow(/no row 2/);
	});
});
