import { readFileSync } from 'node:fs';
import path from 'node:path';
import wabt from 'wabt';
import { readConstants, Transformer } from '../../../lib/embedding/encoder/transformer';
import { LAYERS } from '../../../lib/embedding/encoder/transformer/code';
import { plan } from '../../../lib/embedding/encoder/transformer/plan';
import { loadKernel, type Kernel } from '../../../lib/embedding/encoder/transformer/kernel';
import { wordsOf } from '../../../lib/embedding/encoder/model';

const root = path.join(__dirname, '../../..');
const graph = readFileSync(path.join(root, 'models/minilm-int8/model.onnx'));

describe('the functions of a layer', () => {
	it('are what their source says', async () => {
		const file = path.join(root, 'lib/embedding/encoder/transformer/layers.wat');
		const module = (await wabt()).parseWat(file, readFileSync(file, 'utf8'), { simd: true });
		expect(Buffer.from(module.toBinary({}).buffer).toString('base64')).toBe(LAYERS);
	});

	let kernel: Kernel;
	let memory: WebAssembly.Memory;
	const numbers = (at: number, count: number): Float32Array => new Float32Array(memory.buffer, at, count);
	beforeEach(async () => {
		memory = new WebAssembly.Memory({ initial: 4 });
		kernel = await loadKernel(memory);
	});

	it('quantize rows by a scale each and multiply them with a matrix', () => {
		const [rows, depth, columns] = [5, 8, 8];
		const [x, work, tiles, scales, matrix, columnScales, bias, out] = [
			1024, 2048, 4096, 8192, 12_288, 16_384, 20_480, 24_576,
		];
		const value = (row: number, k: number): number => Math.sin(row * depth + k) * (row + 1);
		for (let row = 0; row < rows; row++)
			for (let k = 0; k < depth; k++) numbers(x, rows * depth)[row * depth + k] = value(row, k);
		const weight = (k: number, column: number): number => ((k * 31 + column * 17) % 255) - 127;
		const panel = new Int16Array(memory.buffer, matrix, depth * columns);
		for (let k = 0; k < depth; k++)
			for (let column = 0; column < columns; column++)
				panel[(k >> 1) * 16 + column * 2 + (k & 1)] = weight(k, column);
		numbers(columnScales, columns).forEach((_, c, all) => (all[c] = 0.01 * (c + 1)));
		numbers(bias, columns).forEach((_, c, all) => (all[c] = c));
		kernel.quantize(x, rows, depth, 0, work, tiles, scales);
		kernel.multiply(tiles, rows, depth, matrix, columns, columnScales, scales, bias, out);
		for (let row = 0; row < rows; row++) {
			const own = Array.from({ length: depth }, (_, k) => Math.fround(value(row, k)));
			const scale = Math.max(...own.map(Math.abs)) / 127;
			expect(numbers(scales, rows)[row]).toBeCloseTo(scale, 7);
			for (let column = 0; column < columns; column++) {
				const sum = own.reduce((all, v, k) => all + Math.round(v / scale) * weight(k, column), 0);
				const expected = sum * scale * 0.01 * (column + 1) + column;
				expect(numbers(out, rows * columns)[row * columns + column]).toBeCloseTo(expected, 3);
			}
		}
	});

	it('make powers of two of what is below the largest number of a row, and ignore what is behind the row', () => {
		const [x, sums] = [1024, 4096];
		numbers(x, 8).set([1, -2, 0.5, -300, 0.25, 900, 900, 900]);
		kernel.powers(x, 1, 5, 32, sums);
		const expected = [0, -3, -0.5, -126, -0.75].map((exponent) => 2 ** exponent);
		expected.forEach((power, k) => expect((numbers(x, 8)[k] ?? NaN) / power).toBeCloseTo(1, 6));
		expect(Math.max(...numbers(x, 8).subarray(5))).toBeLessThan(1e-30);
		const total = expected.reduce((a, b) => a + b);
		expect(numbers(sums, 1)[0]).toBeCloseTo(1 / total, 6);
	});
});

describe('the encoder of our own', () => {
	it('computes a text alone as after a longer one, and with the same states twice', async () => {
		const constants = readConstants(graph);
		const transformer = await Transformer.create(constants);
		const words = wordsOf(constants);
		const short = words.read(Int32Array.of(101, 2561, 6599, 102));
		const alone = transformer.encode(short).slice();
		transformer.encode(words.read(new Int32Array(200).fill(6112)));
		expect(transformer.encode(short)).toEqual(alone);
		expect(alone).toHaveLength(4 * 384);
		expect(Math.hypot(...Transformer.sentenceOf(alone))).toBeCloseTo(1, 6);
		expect(() => words.read(Int32Array.of(30_522))).toThrow(/no row 30522/);
		expect(() => transformer.encode(new Float32Array(513 * 384))).toThrow(/512 tokens at most, not 513/);
	}, 60_000);

	it('refuses what is no graph of a built-in encoder', () => {
		expect(() => readConstants(Uint8Array.of(0x3a, 0x05, 0x2a))).toThrow(/not as it should be/);
		expect(() => readConstants(Uint8Array.of(0x80))).toThrow(/in the middle of a field/);
		expect(() => plan(new Map())).toThrow(/not the graph of a built-in encoder/);
		const cut = new Map([...readConstants(graph)].filter(([name]) => !name.endsWith('.5.f2.s')));
		expect(() => plan(cut)).toThrow(/no constant "encoder.layer.5.f2.s"/);
	});
});
