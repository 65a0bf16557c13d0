import path from 'node:path';
import { createSlicer } from '../support';
import { damaged, MODELS_DIRECTORY, readModelFile, wordPiece } from './modelFiles';
import { normalise } from './vectors';
import { UNKNOWN_ID, type Tokens, type WordPiece, type WordPieceScan } from './wordpiece';

/** Tokens of a text with the row of each in the model's table, for methods that work below the level of a text. */
export interface StaticTokens extends Tokens {
	readonly dimensions: number;
	/** Adds `scale × row` of token `i` to `target` from `offset` on; unknown tokens add nothing. Returns whether it did. */
	readonly addTo: (i: number, target: Float64Array | Float32Array, offset: number) => boolean;
	/** Adds the rows of tokens `from` to `to` (exclusive) to `target`, `dimensions` long: twice as fast as one by one. */
	readonly addRange: (from: number, to: number, target: Float64Array) => void;
}

/**
 * static-minilm-256: a table of one int8 vector a token; a text is the normalised mean of its tokens' rows
 * (Model2Vec; card in models/static-minilm-256). No word order, no context, any length.
 */
export class StaticModel {
	static readonly title = 'static-minilm-256';
	private readonly sum: Float64Array;

	private constructor(
		readonly wordPiece: WordPiece,
		private readonly rows: Int8Array,
		/** One a row; 0 for the ids that stand for no word, so that they weigh nothing. */
		private readonly scales: Float32Array,
		readonly dimensions: number,
	) {
		this.sum = new Float64Array(dimensions);
	}

	/** Reads the model's files: 8 MB; the vocabulary is shared. Rejects with `modelMissing`. */
	static async load(directory = path.join(MODELS_DIRECTORY, StaticModel.title)): Promise<StaticModel> {
		const file = path.join(directory, 'model.safetensors');
		const { rows, scales, dimensions } = parseTable(await readModelFile(file), file);
		for (const id of [0, UNKNOWN_ID, 101, 102, 103]) scales[id] = 0;
		return new StaticModel(wordPiece(), rows, scales, dimensions);
	}

	/**
	 * Vector of a text, unit length; all zero when the text has no word of the vocabulary. Gives way to the event loop
	 * between strides of a long text.
	 */
	async embed(text: string, turn = createSlicer()): Promise<{ vector: Float32Array; tokens: number }> {
		const sum = new Float64Array(this.dimensions);
		const scan = this.wordPiece.scan(text);
		let tokens = 0;
		let more: boolean;
		do {
			more = scan.advance();
			this.addRows(scan, sum);
			tokens += scan.length;
			const pause = turn();
			if (pause) await pause;
		} while (more);
		return { vector: normalise(sum), tokens };
	}

	/** As `embed`, in one go: for texts of chunk size. */
	embedNow(text: string): { vector: Float32Array; tokens: number } {
		const sum = this.sum.fill(0);
		let tokens = 0;
		this.wordPiece.read(text, (scan) => {
			this.addRows(scan, sum);
			tokens += scan.length;
		});
		return { vector: normalise(sum), tokens };
	}

	tokens(text: string): StaticTokens {
		const { rows, scales, dimensions } = this;
		const tokens = this.wordPiece.tokenize(text);
		return {
			...tokens,
			dimensions,
			addTo(i, target, offset) {
				const id = tokens.ids[i] ?? UNKNOWN_ID;
				const scale = scales[id] ?? 0;
				if (scale === 0) return false;
				const row = id * dimensions;
				for (let k = 0; k < dimensions; k++)
					target[offset + k] = (target[offset + k] ?? 0) + (rows[row + k] ?? 0) * scale;
				return true;
			},
			addRange(from, to, target) {
				const { ids } = tokens;
				// Beyond the range stands id 0, whose scale is 0.
				const id = (i: number): number => (i < to ? (ids[i] ?? 0) : 0);
				for (let i = from; i < to; i += 4)
					addFour(target, rows, scales, id(i), id(i + 1), id(i + 2), id(i + 3));
			},
		};
	}

	private addRows(scan: WordPieceScan, sum: Float64Array): void {
		const { ids, length } = scan;
		const { rows, scales } = this;
		// Padding with id 0 is harmless: its scale is 0.
		for (let t = 0; t < length; t += 4) {
			addFour(
				sum,
				rows,
				scales,
				ids[t] ?? 0,
				t + 1 < length ? (ids[t + 1] ?? 0) : 0,
				t + 2 < length ? (ids[t + 2] ?? 0) : 0,
				t + 3 < length ? (ids[t + 3] ?? 0) : 0,
			);
		}
	}
}

/**
 * Adds four rows in one pass, so that the sum is loaded and stored once for four: 1.6 × the speed of a row at a
 * time (measured on its own; with the tokenizer: bench `static-model`).
 */
function addFour(
	sum: Float64Array,
	rows: Int8Array,
	scales: Float32Array,
	a: number,
	b: number,
	c: number,
	d: number,
): void {
	const dimensions = sum.length;
	const scaleA = scales[a] ?? 0;
	const scaleB = scales[b] ?? 0;
	const scaleC = scales[c] ?? 0;
	const scaleD = scales[d] ?? 0;
	const rowA = a * dimensions;
	const rowB = b * dimensions;
	const rowC = c * dimensions;
	const rowD = d * dimensions;
	for (let k = 0; k < dimensions; k++) {
		sum[k] =
			(sum[k] ?? 0) +
			(rows[rowA + k] ?? 0) * scaleA +
			(rows[rowB + k] ?? 0) * scaleB +
			(rows[rowC + k] ?? 0) * scaleC +
			(rows[rowD + k] ?? 0) * scaleD;
	}
}

/** The tensors `embeddings` (I8, rows × dimensions) and `scales` (F32) of a safetensors file. */
function parseTable(
	bytes: Buffer,
	file: string,
): { rows: Int8Array; scales: Float32Array; dimensions: number } {
	const headerLength = bytes.length > 8 ? Number(bytes.readBigUInt64LE(0)) : Infinity;
	if (8 + headerLength > bytes.length) throw damaged(file, 'the file is cut off');
	let header: unknown;
	try {
		header = JSON.parse(bytes.toString('utf8', 8, 8 + headerLength));
	} catch {
		throw damaged(file, 'its header is not JSON');
	}
	const tensor = (name: string): { shape: number[]; data: ArrayBuffer } => {
		const entry = isRecord(header) ? header[name] : undefined;
		const [shape, offsets] = isRecord(entry) ? [entry['shape'], entry['data_offsets']] : [];
		if (!isNumbers(shape) || !isNumbers(offsets)) throw damaged(file, `tensor "${name}" is missing`);
		const [start = 0, end = 0] = offsets.map((offset) => 8 + headerLength + offset);
		if (end > bytes.length) throw damaged(file, 'the file is cut off');
		// A copy of its own: the offsets in the file need not be aligned.
		return { shape, data: new Uint8Array(bytes.subarray(start, end)).buffer };
	};
	const embeddings = tensor('embeddings');
	const scales = new Float32Array(tensor('scales').data);
	const [count = 0, dimensions = 0] = embeddings.shape;
	if (count === 0 || embeddings.data.byteLength !== count * dimensions || scales.length !== count) {
		throw damaged(file, 'its tensors do not have the shape they claim');
	}
	return { rows: new Int8Array(embeddings.data), scales, dimensions };
}

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
	typeof value === 'object' && value !== null;
const isNumbers = (value: unknown): value is number[] =>
	Array.isArray(value) && value.every((item) => Number.isInteger(item));
