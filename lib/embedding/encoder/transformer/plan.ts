import { float16 } from '../float16';
import type { Constant } from './constants';

/** Numbers of a token's state, of the layer between two states, and heads of attention: those of both built-in encoders. */
export const WIDTH = 384;
export const INNER = 1536;
export const HEADS = 12;
/** Tokens of a text at most. */
export const POSITIONS = 512;

const FLOAT_BYTES = 4;
const INTEGER_BYTES = 2;

/** A quantized matrix: where its numbers, the scales of its columns and what is added to them lie. */
export interface Matrix {
	readonly values: number;
	readonly columns: number;
	readonly scales: number;
	readonly bias: number;
	/** What the columns of the rows are multiplied by before they are quantized; 0: nothing. */
	readonly factors: number;
}

export interface Norm {
	readonly gains: number;
	readonly shifts: number;
}

export interface Layer {
	/** Query, key and value side by side. */
	readonly attention: Matrix;
	readonly afterAttention: Matrix;
	readonly attentionNorm: Norm;
	readonly inner: Matrix;
	readonly outer: Matrix;
	readonly outerNorm: Norm;
}

/** Room for what is computed, by the address. */
interface Work {
	readonly states: number;
	readonly added: number;
	readonly attention: number;
	readonly context: number;
	readonly inner: number;
	readonly tiles: number;
	readonly row: number;
	readonly scales: number;
	readonly weights: number;
	readonly sums: number;
	readonly keys: number;
	/** Filled with what a product of query and key is multiplied by. */
	readonly headScales: number;
}

/** Where everything lies in the memory. */
export interface Plan {
	readonly bytes: number;
	readonly positions: number;
	readonly firstNorm: Norm;
	readonly layers: readonly Layer[];
	readonly work: Work;
	/** Copies the numbers of the model to their places. */
	fill(memory: ArrayBuffer): void;
}

/** How a model names its constants. */
interface Names {
	readonly first: string;
	layer(number: number): string;
	readonly attentionNorm: string;
	readonly outerNorm: string;
}

const NAMES: readonly Names[] = [
	{ first: 'eln.', layer: (number) => `l${number}.`, attentionNorm: 'a', outerNorm: 'z' },
	{
		first: 'embeddings.LayerNorm.',
		layer: (number) => `encoder.layer.${number}.`,
		attentionNorm: 'attention.output.LayerNorm.',
		outerNorm: 'output.LayerNorm.',
	},
];

/** @throws Error when the constants are not those of a built-in encoder */
export function plan(constants: ReadonlyMap<string, Constant>): Plan {
	const names = NAMES.find(({ first }) => constants.has(`${first}g`));
	if (!names) throw new Error('it is not the graph of a built-in encoder');
	const copies: Array<(memory: ArrayBuffer) => void> = [];
	// Address 0 means "nothing".
	let bytes = 64;
	const reserve = (size: number): number => {
		const at = bytes;
		bytes += Math.ceil(size / 64) * 64;
		return at;
	};
	const floats = (name: string, width = FLOAT_BYTES): number => {
		const constant = constantOf(constants, name);
		const count = constant.bytes.length / width;
		const at = reserve(count * FLOAT_BYTES);
		const read = width === FLOAT_BYTES ? float32 : half;
		copies.push((memory) => {
			const to = new Float32Array(memory, at, count);
			const view = viewOf(constant.bytes);
			for (let i = 0; i < count; i++) to[i] = read(view, i);
		});
		return at;
	};
	const matrix = (name: string, bias: string): Matrix => {
		const constant = constantOf(constants, `${name}.q`);
		const [depth = 0, columns = 0] = constant.shape;
		const values = reserve(depth * columns * INTEGER_BYTES);
		copies.push((memory) =>
			copyInPanels(constant.bytes, depth, columns, new Int16Array(memory, values, depth * columns)),
		);
		return {
			values,
			columns,
			scales: floats(`${name}.s`),
			bias: floats(bias),
			factors: constants.has(`${name}.ic`) ? floats(`${name}.ic`) : 0,
		};
	};
	const norm = (name: string): Norm => ({ gains: floats(`${name}g`), shifts: floats(`${name}b`) });
	const layers: Layer[] = [];
	for (let name = names.layer(0); constants.has(`${name}qkv.q`); name = names.layer(layers.length)) {
		layers.push({
			attention: matrix(`${name}qkv`, `${name}qkvb`),
			afterAttention: matrix(`${name}o`, `${name}ob`),
			attentionNorm: norm(name + names.attentionNorm),
			inner: matrix(`${name}f1`, `${name}f1b`),
			outer: matrix(`${name}f2`, `${name}f2b`),
			outerNorm: norm(name + names.outerNorm),
		});
	}
	const positions = floats('position', INTEGER_BYTES);
	const firstNorm = norm(names.first);
	const rows = (width: number): number => reserve(POSITIONS * width * FLOAT_BYTES);
	const work = {
		states: rows(WIDTH),
		added: rows(WIDTH),
		attention: rows(3 * WIDTH),
		context: rows(WIDTH),
		inner: rows(INNER),
		tiles: reserve(POSITIONS * INNER * INTEGER_BYTES),
		row: reserve(INNER * FLOAT_BYTES),
		scales: rows(1),
		weights: rows(POSITIONS),
		sums: rows(1),
		keys: rows(WIDTH / HEADS),
		headScales: rows(1),
	};
	// Powers of 2 take the place of those of e.
	const headScale = Math.LOG2E / Math.sqrt(WIDTH / HEADS);
	copies.push((memory) => new Float32Array(memory, work.headScales, POSITIONS).fill(headScale));
	const fill = (memory: ArrayBuffer): void => copies.forEach((copy) => copy(memory));
	return { bytes, positions, firstNorm, layers, work, fill };
}

function constantOf(constants: ReadonlyMap<string, Constant>, name: string): Constant {
	const constant = constants.get(name);
	if (!constant) throw new Error(`it has no constant "${name}"`);
	return constant;
}

/** Panels of 8 columns, in which two numbers of each column stand side by side: what `multiply` reads one after the other. */
function copyInPanels(from: Uint8Array, depth: number, columns: number, to: Int16Array): void {
	const numbers = new Int8Array(from.buffer, from.byteOffset, from.length);
	let at = 0;
	for (let panel = 0; panel < columns; panel += 8) {
		for (let row = 0; row < depth; row += 2) {
			const start = row * columns + panel;
			for (let column = start; column < start + 8; column++) {
				to[at++] = numbers[column] ?? 0;
				to[at++] = numbers[column + columns] ?? 0;
			}
		}
	}
}

const viewOf = ({ buffer, byteOffset, byteLength }: Uint8Array): DataView =>
	new DataView(buffer, byteOffset, byteLength);
const float32 = (view: DataView, at: number): number => view.getFloat32(at * FLOAT_BYTES, true);
const half = (view: DataView, at: number): number => float16(view.getUint16(at * INTEGER_BYTES, true));
