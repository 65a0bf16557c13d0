import { LAYERS } from './code';

/** The functions of layers.wat. Every place is an address in the memory, every stride a number of bytes. */
export interface Kernel {
	quantize(
		x: number,
		rows: number,
		columns: number,
		factors: number,
		work: number,
		to: number,
		scales: number,
	): void;
	activate(
		x: number,
		rows: number,
		columns: number,
		factors: number,
		work: number,
		to: number,
		scales: number,
	): void;
	multiply(
		tiles: number,
		rows: number,
		depth: number,
		matrix: number,
		columns: number,
		columnScales: number,
		rowScales: number,
		bias: number,
		out: number,
	): void;
	product(
		a: number,
		aStride: number,
		b: number,
		bStride: number,
		out: number,
		outStride: number,
		rows: number,
		columns: number,
		depth: number,
		factors: number,
	): void;
	powers(x: number, rows: number, count: number, stride: number, sums: number): void;
	transpose(from: number, stride: number, rows: number, columns: number, to: number, toStride: number): void;
	addNorm(x: number, y: number, rows: number, columns: number, gains: number, shifts: number): void;
}

const NAMES = ['quantize', 'activate', 'multiply', 'product', 'powers', 'transpose', 'addNorm'] as const;

/** The functions over a memory. */
export async function loadKernel(memory: WebAssembly.Memory): Promise<Kernel> {
	const { instance } = await WebAssembly.instantiate(Buffer.from(LAYERS, 'base64'), { host: { memory } });
	if (!isKernel(instance.exports)) throw new Error('The WASM functions of the encoder are missing');
	return instance.exports;
}

const isKernel = (exports: object): exports is Kernel => {
	const found = new Map(Object.entries(exports));
	return NAMES.every((name) => typeof found.get(name) === 'function');
};
