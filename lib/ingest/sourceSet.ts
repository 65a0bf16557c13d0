import { createHash } from 'node:crypto';

/**
 * Remembers which sources a run has seen in 16–32 bytes each, whatever their length: 64 bits of SHA-256 in an open
 * addressing table. Two of a million different sources share a hash with a probability of 3·10⁻⁸ (n²/2⁶⁵).
 */
export class SourceSet {
	private table = new BigUint64Array(1024);
	private used = 0;

	get size(): number {
		return this.used;
	}

	has(source: string): boolean {
		return this.table[this.slotOf(hashOf(source))] !== 0n;
	}

	/** Resolves to false if the source was there already. */
	add(source: string): boolean {
		const hash = hashOf(source);
		const slot = this.slotOf(hash);
		if (this.table[slot] !== 0n) return false;
		this.table[slot] = hash;
		this.used++;
		if (this.used * 2 > this.table.length) this.grow();
		return true;
	}

	private slotOf(hash: bigint): number {
		const mask = this.table.length - 1;
		let slot = Number(hash & BigInt(mask));
		for (;;) {
			const found = this.table[slot];
			if (found === 0n || found === hash) return slot;
			slot = (slot + 1) & mask;
		}
	}

	private grow(): void {
		const old = this.table;
		this.table = new BigUint64Array(old.length * 2);
		for (const hash of old) if (hash !== 0n) this.table[this.slotOf(hash)] = hash;
	}
}

/** 0 marks an empty slot, so no source may hash to it. */
function hashOf(source: string): bigint {
	const hash = createHash('sha256').update(source, 'utf8').digest().readBigUInt64LE(0);
	return hash === 0n ? 1n : hash;
}
