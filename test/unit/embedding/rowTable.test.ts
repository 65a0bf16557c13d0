import { readFileSync } from 'node:fs';
import path from 'node:path';
import wabt from 'wabt';
import { SUM_ROWS } from '../../../lib/embedding/fast/rows/code';
import { RowTable } from '../../../lib/embedding/fast/rows/rowTable';

const COLUMNS = 64;
const ROWS = 50;

/** Repeatable numbers, a few of them at the ends of the range of int8. */
const rows = Int8Array.from({ length: ROWS * COLUMNS }, (_, i) =>
	i % 97 === 0 ? -128 : ((i * 7919) % 256) - 128,
);
const scales = Float32Array.from({ length: ROWS }, (_, i) => (i % 9 === 0 ? 0 : 0.001 * (i + 1)));

function plainSum(ids: Int32Array, from: number, to: number): Float64Array {
	const sum = new Float64Array(COLUMNS);
	for (const id of ids.subarray(from, to))
		for (let k = 0; k < COLUMNS; k++)
			sum[k] = (sum[k] ?? 0) + (rows[id * COLUMNS + k] ?? 0) * (scales[id] ?? 0);
	return sum;
}

describe('the row table', () => {
	it('runs the code that its source says', async () => {
		const file = path.join(__dirname, '../../../lib/embedding/fast/rows/sumRows.wat');
		const module = (await wabt()).parseWat(file, readFileSync(file, 'utf8'), { simd: true });
		expect(Buffer.from(module.toBinary({}).buffer).toString('base64')).toBe(SUM_ROWS);
	});

	it.each([
		[0, 0],
		[0, 1],
		[3, 50],
		[0, 20_000],
		[8191, 16_385],
	])('adds up ids %i to %i as a plain loop does', async (from, to) => {
		const table = await RowTable.create(rows, scales, COLUMNS);
		const ids = Int32Array.from({ length: 20_000 }, (_, i) => (i * 31) % ROWS);
		const target = new Float64Array(COLUMNS).fill(1);
		table.addTo(target, ids, from, to);
		const expected = plainSum(ids, from, to);
		// Single precision: the error grows with what was added up, not with what is left of it.
		const most = 128 * Math.max(...scales) * (to - from);
		target.forEach((value, k) =>
			expect(Math.abs(value - 1 - (expected[k] ?? NaN))).toBeLessThan(3e-6 * most + 1e-9),
		);
	});

	it('adds one row at an offset, and says when it counts nothing', async () => {
		const table = await RowTable.create(rows, scales, COLUMNS);
		const target = new Float64Array(2 * COLUMNS);
		expect(table.addOne(5, target, COLUMNS)).toBe(true);
		expect([...target.slice(COLUMNS)]).toEqual([...plainSum(Int32Array.of(5), 0, 1)]);
		expect(target.slice(0, COLUMNS).every((value) => value === 0)).toBe(true);
		expect(table.addOne(9, target, 0)).toBe(false);
	});
});
