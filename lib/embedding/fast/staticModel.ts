import path from 'node:path';
import { createSlicer, isObject, toUnit } from '../../support';
import { damaged, MODELS_DIRECTORY, readModelFile, wordPiece } from '../modelFiles';
import { RowTable } from './rows/rowTable';
import { UNKNOWN_ID, type Tokens, type WordPiece } from '../wordpiece';

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
		private readonly table: RowTable,
	) {
		this.sum = new Float64Array(table.columns);
	}

	get dimensions(): number {
		return this.table.columns;
	}

	/** Reads the model's files: 8 MB; the vocabulary is shared. Rejects with `modelMissing`. */
	static async load(directory = path.join(MODELS_DIRECTORY, StaticModel.title)): Promise<StaticModel> {
		const file = path.join(directory, 'model.safetensors');
		const { rows, scales, dimensions } = parseTable(await readModelFile(file), file);
		// Ids that stand for no word weigh nothing.
		for (const id of [0, UNKNOWN_ID, 101, 102, 103]) scales[id] = 0;
		return new StaticModel(wordPiece(), await RowTable.create(rows, scales, dimensions));
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
			this.table.addTo(sum, scan.ids, 0, scan.length);
			tokens += scan.length;
			const pause = turn();
			if (pause) await pause;
		} while (more);
		return { vector: toUnit(sum), tokens };
	}

	/** As `embed`, in one go: for texts of chunk size. */
	embedNow(text: string): { vector: Float32Array; tokens: number } {
		const sum = this.sum.fill(0);
		let tokens = 0;
		this.wordPiece.read(text, (scan) => {
			this.table.addTo(sum, scan.ids, 0, scan.length);
			tokens += scan.length;
		});
		return { vector: toUnit(sum), tokens };
	}

	tokens(text: string): StaticTokens {
		const { table, dimensions } = this;
		const tokens = this.wordPiece.tokenize(text);
		const idAt = (i: number): number => tokens.ids[i] ?? UNKNOWN_ID;
		return {
			...tokens,
			dimensions,
			addTo: (i, target, offset) => table.addOne(idAt(i), target, offset),
			addRange: (from, to, target) => table.addTo(target, tokens.ids, from, to),
		};
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
		const entry = isObject(header) ? header[name] : undefined;
		const [shape, offsets] = isObject(entry) ? [entry['shape'], entry['data_offsets']] : [];
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

const isNumbers = (value: unknown): value is number[] =>
	Array.isArray(value) && value.every((item) => Number.isInteger(item));
