import { endianness } from 'node:os';
import { asArray, asNumber, asObject, isObject } from '../../support';
import type { Json } from './json';

/** A vector in either of its encodings: numbers, or base64 of little-endian float32. */
export function readVector(value: unknown): Float32Array | undefined {
	if (typeof value === 'string') return fromBase64(value);
	if (!Array.isArray(value) || value.length === 0) return undefined;
	const vector = new Float32Array(value.length);
	for (let i = 0; i < value.length; i++) {
		const number: unknown = value[i];
		if (typeof number !== 'number') return undefined;
		vector[i] = number;
	}
	return vector;
}

/** A list of vectors, or undefined when there is none or one of them is unreadable. */
export function readVectors(rows: readonly unknown[]): Float32Array[] | undefined {
	const vectors = rows.map(readVector).filter((vector) => vector !== undefined);
	return vectors.length === 0 || vectors.length !== rows.length ? undefined : vectors;
}

/** Engines send little-endian float32, whatever this machine is. */
const BIG_ENDIAN = endianness() === 'BE';

function fromBase64(text: string): Float32Array | undefined {
	const bytes = Buffer.from(text, 'base64');
	if (bytes.byteLength === 0 || bytes.byteLength % 4 !== 0) return undefined;
	// Copied into a buffer of its own: a pooled one may not be aligned to four bytes.
	const copy = new Uint8Array(bytes);
	if (BIG_ENDIAN) Buffer.from(copy.buffer).swap32();
	return new Float32Array(copy.buffer);
}

/** `{ data: [{ index, embedding }], usage }` as OpenAI has it; put in order by `index`. */
export function readOpenaiVectors(json: Json): { vectors: Float32Array[]; promptTokens: number } | undefined {
	const root = asObject(json);
	if (root === undefined || !Array.isArray(root.data)) return undefined;
	const vectors = new Array<Float32Array>(root.data.length);
	for (const [position, entry] of root.data.entries()) {
		const row = asObject(entry);
		const vector = readVector(row?.embedding);
		const index = asNumber(row?.index) ?? position;
		if (vector === undefined || index < 0 || index >= vectors.length || vectors[index] !== undefined)
			return undefined;
		vectors[index] = vector;
	}
	return { vectors, promptTokens: asNumber(asObject(root.usage)?.prompt_tokens) ?? 0 };
}

/** `{ results: [{ index, relevance_score }] }` (Cohere's shape) or a bare `[{ index, score }]` (TEI's). */
export function readScores(json: Json): { index: number; score: number }[] | undefined {
	const rows = Array.isArray(json) ? json : asObject(json)?.results;
	if (!Array.isArray(rows)) return undefined;
	const scores = asArray(rows)
		.filter(isObject)
		.map((row) => ({
			index: asNumber(row.index) ?? -1,
			score: asNumber(row.relevance_score ?? row.score) ?? Number.NaN,
		}));
	return scores.some(({ index, score }) => index < 0 || Number.isNaN(score)) ? undefined : scores;
}
