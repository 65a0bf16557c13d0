import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { EncoderOutput, ModelFiles } from './protocol';
import type { Constant } from './transformer';
import { WordTable } from './wordTable';

/** Computes one text. @param ids its tokens, special ones included */
export type Encoder = (ids: Int32Array, output: EncoderOutput) => Promise<Float32Array>;

/** What gives the rows of the word table. */
export interface Words {
	/** Rows of the tokens, one after the other. */
	read(ids: Int32Array): Float32Array;
}

/** The files of a model as they are read. */
export interface Model {
	readonly graph: Uint8Array;
	/** The word table, where it is a file of its own. */
	readonly words?: Words;
}

/** @throws Error when a file is not there or is not the one it should be */
export function readModel({ modelFile, modelHash, wordTable }: ModelFiles): Model {
	const graph = readFileSync(modelFile);
	if (createHash('sha256').update(graph).digest('hex') !== modelHash)
		throw new Error('it is damaged (its SHA-256 is not the expected one)');
	return wordTable ? { graph, words: new WordTable(wordTable.file, wordTable.rows) } : { graph };
}

/** The word table of a graph that takes token ids: int8 rows with a scale each. */
export function wordsOf(constants: ReadonlyMap<string, Constant>): Words {
	const table = constants.get('word_q');
	const factors = constants.get('word_scale');
	if (!table || !factors) throw new Error('it has no word table');
	const [rows = 0, columns = 0] = table.shape;
	const numbers = new Int8Array(table.bytes.buffer, table.bytes.byteOffset, table.bytes.length);
	const scales = new DataView(factors.bytes.buffer, factors.bytes.byteOffset, factors.bytes.length);
	return {
		read: (ids) => {
			const values = new Float32Array(ids.length * columns);
			ids.forEach((id, token) => {
				if (id < 0 || id >= rows) throw new Error(`its word table has no row ${id}`);
				const scale = scales.getFloat32(id * 4, true);
				for (let k = 0; k < columns; k++)
					values[token * columns + k] = (numbers[id * columns + k] ?? 0) * scale;
			});
			return values;
		},
	};
}
