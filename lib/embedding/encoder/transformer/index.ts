import { toUnit } from '../../../support';
import type { Constant } from './constants';
import { type Kernel, loadKernel } from './kernel';
import { HEADS, type Matrix, plan, type Plan, POSITIONS, WIDTH } from './plan';

export { type Constant, readConstants } from './constants';

const PAGE = 65_536;
const FLOAT_BYTES = 4;
const HEAD = WIDTH / HEADS;
/** Bytes from one token to the next: of a state, and of query, key and value side by side. */
const STATE = WIDTH * FLOAT_BYTES;
const QUERY_KEY_VALUE = 3 * STATE;

/**
 * A built-in encoder (BERT, Devlin et al. 2018), computed by the functions of layers.wat: matrices of int8 numbers, each row of states
 * quantized by a scale of its own. It computes what the graph says, but for the order of float32 sums, in two thirds of the time of
 * ONNX Runtime's WebAssembly and in less than half of its memory (`npm run bench -- builtin-encoder`). The vectors are the same on
 * every processor.
 */
export class Transformer {
	/** States of the tokens, one after the other. */
	private readonly states: Float32Array;

	private constructor(
		private readonly kernel: Kernel,
		private readonly places: Plan,
		memory: ArrayBuffer,
	) {
		this.states = new Float32Array(memory, places.work.states, POSITIONS * WIDTH);
	}

	/** @throws Error when the constants are not those of a built-in encoder, RangeError when there is no memory */
	static async create(constants: ReadonlyMap<string, Constant>): Promise<Transformer> {
		const places = plan(constants);
		const memory = new WebAssembly.Memory({ initial: Math.ceil(places.bytes / PAGE) });
		places.fill(memory.buffer);
		return new Transformer(await loadKernel(memory), places, memory.buffer);
	}

	/**
	 * States of the tokens of a text, from the rows of the word table; overwritten by the next call.
	 * @throws Error when there are more than 512 tokens
	 */
	encode(words: Float32Array): Float32Array {
		const tokens = words.length / WIDTH;
		if (tokens > POSITIONS) throw new Error(`it takes ${POSITIONS} tokens at most, not ${tokens}`);
		const { kernel, places } = this;
		const { layers, positions, firstNorm, work } = places;
		this.states.set(words);
		kernel.addNorm(work.states, positions, tokens, WIDTH, firstNorm.gains, firstNorm.shifts);
		for (const layer of layers) {
			this.multiply(work.states, layer.attention, work.attention, tokens);
			for (let head = 0; head < HEADS; head++) this.attend(head, tokens);
			this.multiply(work.context, layer.afterAttention, work.added, tokens);
			const { attentionNorm, outerNorm, inner, outer } = layer;
			kernel.addNorm(work.states, work.added, tokens, WIDTH, attentionNorm.gains, attentionNorm.shifts);
			this.multiply(work.states, inner, work.inner, tokens);
			kernel.activate(work.inner, tokens, inner.columns, outer.factors, work.row, work.tiles, work.scales);
			this.multiplyTiles(inner.columns, outer, work.added, tokens);
			kernel.addNorm(work.states, work.added, tokens, WIDTH, outerNorm.gains, outerNorm.shifts);
		}
		return this.states.subarray(0, words.length);
	}

	/** Mean of the states, with the length 1. */
	static sentenceOf(states: Float32Array): Float32Array {
		const sum = new Float64Array(WIDTH);
		for (let at = 0; at < states.length; at += WIDTH)
			for (let k = 0; k < WIDTH; k++) sum[k] = (sum[k] ?? 0) + (states[at + k] ?? 0);
		return toUnit(sum);
	}

	private multiply(states: number, matrix: Matrix, to: number, tokens: number): void {
		const { row, tiles, scales } = this.places.work;
		this.kernel.quantize(states, tokens, WIDTH, matrix.factors, row, tiles, scales);
		this.multiplyTiles(WIDTH, matrix, to, tokens);
	}

	private multiplyTiles(depth: number, matrix: Matrix, to: number, tokens: number): void {
		const { tiles, scales } = this.places.work;
		this.kernel.multiply(
			tiles,
			tokens,
			depth,
			matrix.values,
			matrix.columns,
			matrix.scales,
			scales,
			matrix.bias,
			to,
		);
	}

	/** One head: how much each token looks at each other one, and the sum of their values by that. */
	private attend(head: number, tokens: number): void {
		const { kernel } = this;
		const { attention, keys, weights, sums, context, headScales } = this.places.work;
		const rows = upTo(4, tokens);
		const columns = upTo(8, tokens);
		const stride = columns * FLOAT_BYTES;
		const at = head * HEAD * FLOAT_BYTES;
		const queries = attention + at;
		kernel.transpose(queries + STATE, QUERY_KEY_VALUE, tokens, HEAD, keys, stride);
		kernel.product(queries, QUERY_KEY_VALUE, keys, stride, weights, stride, rows, columns, HEAD, headScales);
		kernel.powers(weights, tokens, tokens, stride, sums);
		const values = queries + 2 * STATE;
		kernel.product(weights, stride, values, QUERY_KEY_VALUE, context + at, STATE, rows, HEAD, tokens, sums);
	}
}

const upTo = (multiple: number, count: number): number => Math.ceil(count / multiple) * multiple;
