import { hash } from 'node:crypto';

/** Memory the vectors of one run may take: 16,384 vectors of 256 dimensions. */
const CACHE_BYTES = 16 * 1024 * 1024;

/** Name of a text in the cache: 128 bits of SHA-256, enough that two texts never meet. */
export function textKey(text: string): string {
	return hash('sha256', text, 'base64url').slice(0, 22);
}

/**
 * The vectors of texts seen lately, by text: identical documents and the unchanged chunks of a changed document
 * are embedded once. `null` stands for a text without a vector. The least recently used leave first.
 */
export class VectorCache {
	private readonly entries = new Map<string, Float32Array | null>();
	private readonly capacity: number;

	constructor(dimensions: number) {
		this.capacity = Math.max(1, Math.floor(CACHE_BYTES / (4 * dimensions)));
	}

	get(key: string): Float32Array | null | undefined {
		const vector = this.entries.get(key);
		if (vector === undefined) return undefined;
		this.entries.delete(key);
		this.entries.set(key, vector);
		return vector;
	}

	set(key: string, vector: Float32Array | null): void {
		this.entries.set(key, vector);
		if (this.entries.size <= this.capacity) return;
		for (const oldest of this.entries.keys()) {
			this.entries.delete(oldest);
			return;
		}
	}
}
