import type { QueryTerm } from '../terms';

/** A sparse vector: distinct token numbers with their weights. */
export interface Sparse {
	readonly indices: number[];
	readonly values: number[];
}

// BM25 as Qdrant's own model computes it, so that its scores are comparable; the server multiplies by the IDF.
const K = 1.2;
const B = 0.75;
/** An assumed mean length: the real one changes with every row, and stored weights cannot follow. */
const AVERAGE_LENGTH = 256;

/** Weights of the terms of a row: tf·(k+1) / (tf + k·(1 − b + b·length/average)). */
export function documentVector(terms: readonly string[]): Sparse {
	const counts = new Map<number, number>();
	for (const term of terms) {
		const token = tokenOf(term);
		counts.set(token, (counts.get(token) ?? 0) + 1);
	}
	const norm = K * (1 - B + (B * terms.length) / AVERAGE_LENGTH);
	return {
		indices: [...counts.keys()],
		values: [...counts.values()].map((tf) => Math.fround((tf * (K + 1)) / (tf + norm))),
	};
}

/** The terms of a question with their weights. */
export function queryVector(terms: readonly QueryTerm[]): Sparse {
	const weights = new Map<number, number>();
	for (const { term, weight } of terms) {
		const token = tokenOf(term);
		weights.set(token, Math.max(weight, weights.get(token) ?? 0));
	}
	return { indices: [...weights.keys()], values: [...weights.values()] };
}

/** 32-bit FNV-1a of the UTF-8 bytes (RFC draft-eastlake-fnv). */
function tokenOf(term: string): number {
	let hash = 0x811c9dc5;
	for (const byte of Buffer.from(term, 'utf8')) hash = Math.imul(hash ^ byte, 0x01000193);
	return hash >>> 0;
}
