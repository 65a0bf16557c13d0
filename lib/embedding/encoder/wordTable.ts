import { fstatSync, openSync, readSync } from 'node:fs';
import { float16 } from './float16';

const COLUMNS = 384;
/** A row is 12 blocks of a float16 scale and 32 numbers of 4 bits (Q4_0 of ggml). */
const BLOCK = { values: 32, bytes: 18 };
const ROW_BYTES = (COLUMNS / BLOCK.values) * BLOCK.bytes;

/**
 * The word table of an encoder, read row by row: of 54 MB a text needs some 30 kB, which stay in the system's file cache. For the
 * encoder process: reading is synchronous.
 */
export class WordTable {
	private readonly file: number;
	private readonly row = Buffer.alloc(ROW_BYTES);

	/** @throws Error when the file is not there or has not so many rows */
	constructor(path: string, rows: number) {
		this.file = openSync(path, 'r');
		const { size } = fstatSync(this.file);
		if (size !== rows * ROW_BYTES)
			throw new Error(`its word table has ${size} bytes instead of ${rows * ROW_BYTES}`);
	}

	/** Rows of the tokens, one after the other. */
	read(ids: Int32Array): Float32Array {
		const { row } = this;
		const values = new Float32Array(ids.length * COLUMNS);
		let to = 0;
		for (const id of ids) {
			if (readSync(this.file, row, 0, ROW_BYTES, id * ROW_BYTES) !== ROW_BYTES)
				throw new Error(`its word table has no row ${id}`);
			for (let at = 0; at < ROW_BYTES; at += BLOCK.bytes, to += BLOCK.values) {
				const scale = float16(row.readUInt16LE(at));
				for (let i = 0; i < BLOCK.values / 2; i++) {
					const byte = row[at + 2 + i] ?? 0;
					values[to + i] = ((byte & 15) - 8) * scale;
					values[to + BLOCK.values / 2 + i] = ((byte >> 4) - 8) * scale;
				}
			}
		}
		return values;
	}
}
