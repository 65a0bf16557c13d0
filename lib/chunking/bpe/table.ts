/** Longer pieces are rare and looked up by other means. */
export const LONGEST_KEY = 24;

const SLOTS = 1 << 19;
const MASK = SLOTS - 1;
/** Beyond three quarters probing gets long; what does not fit is counted anew each time. */
const MOST_ENTRIES = SLOTS * 0.75;

/**
 * Token counts by short pieces of text, looked up in place: a Map would need a slice and a hash of it for each word, which
 * costs more than all the rest of counting (28 against 60 MB/s on English). Open addressing; 6 MB and the keys.
 */
export class CountTable {
	private readonly hashes = new Int32Array(SLOTS);
	/** Position of the key in `units`, times 32, plus its length; 0 where the slot is free. */
	private readonly keys = new Float64Array(SLOTS);
	private readonly counts = new Uint8Array(SLOTS);
	private units = new Uint16Array(1 << 20);
	private unitsUsed = 1;
	private entries = 0;
	/** Slot and hash of the last `find`, for the `add` that follows it. */
	private slot = 0;
	private hash = 0;

	/** The count of text[start, end), or 0 if it is not known. At most LONGEST_KEY units. */
	find(text: string, start: number, end: number): number {
		let hash = 0x811c9dc5;
		for (let i = start; i < end; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
		hash ^= hash >>> 15;
		const { hashes, keys } = this;
		let slot = hash & MASK;
		for (;;) {
			const key = keys[slot] ?? 0;
			if (key === 0) break;
			if (hashes[slot] === hash && this.equals(key, text, start, end)) return this.counts[slot] ?? 0;
			slot = (slot + 1) & MASK;
		}
		this.slot = slot;
		this.hash = hash;
		return 0;
	}

	private equals(key: number, text: string, start: number, end: number): boolean {
		const at = Math.floor(key / 32);
		if (key - at * 32 !== end - start) return false;
		const { units } = this;
		for (let i = start; i < end; i++) if (units[at + i - start] !== text.charCodeAt(i)) return false;
		return true;
	}

	/** Remembers the piece the last `find` did not find. */
	add(text: string, start: number, end: number, count: number): void {
		if (this.entries >= MOST_ENTRIES || count > 255) return;
		this.entries++;
		const length = end - start;
		if (this.unitsUsed + length > this.units.length) {
			const larger = new Uint16Array(this.units.length * 2);
			larger.set(this.units);
			this.units = larger;
		}
		this.hashes[this.slot] = this.hash;
		this.keys[this.slot] = this.unitsUsed * 32 + length;
		this.counts[this.slot] = count;
		for (let i = start; i < end; i++) this.units[this.unitsUsed++] = text.charCodeAt(i);
	}
}
