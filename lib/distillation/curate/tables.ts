import { createHash } from 'node:crypto';

const { imul } = Math;

/** A list of numbers that grows by doubling; for hundreds of thousands of rows without an object each. */
export class GrowingInts {
	values: Int32Array<ArrayBuffer>;
	length = 0;

	constructor(capacity = 1024) {
		this.values = new Int32Array(capacity);
	}

	push(value: number): number {
		if (this.length === this.values.length) {
			const larger = new Int32Array(this.values.length * 2);
			larger.set(this.values);
			this.values = larger;
		}
		this.values[this.length] = value;
		return this.length++;
	}

	at(index: number): number {
		return this.values[index] ?? -1;
	}
}

/** Parts of a hash table, by the highest bits of the key: each grows by itself, which never takes long. */
const PARTS = 64;
const PART_BITS = 6;

/** 64-bit hash → number; 12 bytes a slot, at most 2/3 full. */
export class HashTable {
	readonly #parts = Array.from({ length: PARTS }, () => new HashPart());

	get size(): number {
		return this.#parts.reduce((sum, { size }) => sum + size, 0);
	}

	/** The value under the key, or -1. */
	get(high: number, low: number): number {
		return this.#part(high)?.get(high | 0, low | 0) ?? -1;
	}

	/** Puts `value` (not negative) where the key is new; returns what is there now. */
	getOrPut(high: number, low: number, value: number): number {
		return this.#part(high)?.getOrPut(high | 0, low | 0, value) ?? value;
	}

	#part(high: number): HashPart | undefined {
		return this.#parts[high >>> (32 - PART_BITS)];
	}
}

/** Open addressing with linear probing. */
class HashPart {
	#keys = new Int32Array(64);
	#values = new Int32Array(32).fill(-1);
	size = 0;

	get(high: number, low: number): number {
		return this.#values[this.#slot(high, low)] ?? -1;
	}

	getOrPut(high: number, low: number, value: number): number {
		const slot = this.#slot(high, low);
		const found = this.#values[slot] ?? -1;
		if (found >= 0) return found;
		this.#keys[slot * 2] = high;
		this.#keys[slot * 2 + 1] = low;
		this.#values[slot] = value;
		if (++this.size * 3 > this.#values.length * 2) this.#grow();
		return value;
	}

	#slot(high: number, low: number): number {
		const mask = this.#values.length - 1;
		let slot = (low ^ imul(high, 0x9e3779b1)) & mask;
		while (
			(this.#values[slot] ?? -1) >= 0 &&
			(this.#keys[slot * 2] !== high || this.#keys[slot * 2 + 1] !== low)
		) {
			slot = (slot + 1) & mask;
		}
		return slot;
	}

	#grow(): void {
		const keys = this.#keys;
		const values = this.#values;
		this.#keys = new Int32Array(keys.length * 2);
		this.#values = new Int32Array(values.length * 2).fill(-1);
		for (let old = 0; old < values.length; old++) {
			const value = values[old] ?? -1;
			if (value < 0) continue;
			const high = keys[old * 2] ?? 0;
			const low = keys[old * 2 + 1] ?? 0;
			const slot = this.#slot(high, low);
			this.#keys[slot * 2] = high;
			this.#keys[slot * 2 + 1] = low;
			this.#values[slot] = value;
		}
	}
}

/** First 64 bits of SHA-256 as two numbers: a million texts collide with a probability below 3e-8. */
export function textKey(text: string): readonly [high: number, low: number] {
	const digest = createHash('sha256').update(text).digest();
	return [digest.readInt32BE(0), digest.readInt32BE(4)];
}

/** Disjoint sets over 0, 1, 2 …; the smallest member stands for its set, so a set keeps its name while it grows. */
export class UnionFind {
	readonly #parents = new GrowingInts();

	/** Adds the next number as a set of its own. */
	add(): number {
		return this.#parents.push(this.#parents.length);
	}

	find(member: number): number {
		const parents = this.#parents.values;
		let root = member;
		while (parents[root] !== root) {
			// Path halving keeps the trees flat.
			const above = parents[parents[root] ?? root] ?? root;
			parents[root] = above;
			root = above;
		}
		return root;
	}

	union(a: number, b: number): void {
		const first = this.find(a);
		const second = this.find(b);
		if (first !== second) this.#parents.values[Math.max(first, second)] = Math.min(first, second);
	}
}
