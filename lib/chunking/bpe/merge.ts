import type { Vocabulary } from './vocabulary';

/** Pieces up to this many bytes are merged with plain arrays: below it looking through all pairs beats keeping a heap. */
const SHORT = 48;
/** Longer pieces are encoded in windows of this many bytes, each overlapping the next by an eighth. */
const WINDOW = 4096;

/**
 * Byte-pair encoding of one piece, exact and linear. The textbook way merges the lowest-ranked pair again and again,
 * which is quadratic in the piece: 20,000 × "a" takes js-tiktoken 24 s. Here a heap finds the pair, and pieces of any
 * length are encoded window by window.
 *
 * Why windows are exact: a sequence of tokens is the encoding of its text if and only if each neighbouring pair is the
 * encoding of its own text. Each window is cut at one of its own token ends, and the cut is kept only if the next window
 * starts with the very token that followed it here: then that pair stands in an encoding and so is one.
 */
export function createMerger(vocabulary: Vocabulary): (bytes: string) => number {
	const { ranks, bytes: tokens } = vocabulary;
	const pairs = new PairTable((left, right) => ranks.get((tokens[left] ?? '') + (tokens[right] ?? '')) ?? -1);
	const byteRanks = Array.from({ length: 256 }, (_, byte) => ranks.get(String.fromCharCode(byte)) ?? 0);
	const heap = new PairHeap(WINDOW * 2 + 64);

	function encode(bytes: string): Int32Array {
		const ids = new Int32Array(bytes.length);
		for (let i = 0; i < bytes.length; i++) ids[i] = byteRanks[bytes.charCodeAt(i)] ?? 0;
		return bytes.length <= SHORT ? mergeShort(ids, pairs) : mergeLong(ids, pairs, heap);
	}

	return (bytes) => {
		if (bytes.length <= WINDOW) return encode(bytes).length;
		let count = 0;
		let from = 0;
		let window = encode(bytes.slice(0, WINDOW));
		let reach = WINDOW;
		while (from + reach < bytes.length) {
			const next = nextWindow(bytes, from, window);
			count += next.taken;
			from = next.from;
			window = next.window;
			reach = next.reach;
		}
		return count + window.length;
	};

	/** Finds a cut in the last eighth of the window that the next window confirms; widens the next one until there is one. */
	function nextWindow(
		bytes: string,
		from: number,
		window: Int32Array,
	): { taken: number; from: number; window: Int32Array; reach: number } {
		let taken = window.length;
		let cut = from + lengthOf(window, tokens);
		const covered = cut;
		for (let tries = 0; taken > 1 && tries < 64; tries++) {
			do cut -= (tokens[window[--taken] ?? 0] ?? '').length;
			while (taken > 1 && covered - cut < WINDOW / 8 + tries * 16);
			const reach = Math.max(WINDOW, covered - cut + WINDOW / 2);
			const following = encode(bytes.slice(cut, cut + reach));
			if (following[0] === window[taken]) return { taken, from: cut, window: following, reach };
		}
		const reach = (covered - from) * 2;
		return { taken: 0, from, window: encode(bytes.slice(from, from + reach)), reach };
	}
}

function lengthOf(ids: Int32Array, tokens: readonly string[]): number {
	let length = 0;
	for (const id of ids) length += (tokens[id] ?? '').length;
	return length;
}

function mergeShort(ids: Int32Array, pairs: PairTable): Int32Array {
	let length = ids.length;
	const ranks = new Int32Array(length);
	for (let i = 0; i + 1 < length; i++) ranks[i] = pairs.merged(ids[i] ?? 0, ids[i + 1] ?? 0);
	for (;;) {
		let at = -1;
		let lowest = 0x7fffffff;
		for (let i = 0; i + 1 < length; i++) {
			const rank = ranks[i] ?? -1;
			if (rank >= 0 && rank < lowest) {
				lowest = rank;
				at = i;
			}
		}
		if (at < 0) return ids.subarray(0, length);
		ids[at] = lowest;
		ids.copyWithin(at + 1, at + 2, length);
		ranks.copyWithin(at + 1, at + 2, length);
		length--;
		if (at + 1 < length) ranks[at] = pairs.merged(lowest, ids[at + 1] ?? 0);
		if (at > 0) ranks[at - 1] = pairs.merged(ids[at - 1] ?? 0, lowest);
	}
}

/** The same over a linked list; stale heap entries are recognised by their rank and dropped. */
function mergeLong(ids: Int32Array, pairs: PairTable, heap: PairHeap): Int32Array {
	const length = ids.length;
	const next = new Int32Array(length);
	const previous = new Int32Array(length);
	const ranks = new Int32Array(length).fill(-1);
	heap.clear();
	for (let i = 0; i < length; i++) {
		next[i] = i + 1;
		previous[i] = i - 1;
		if (i + 1 < length) offer(i, i + 1);
	}
	function offer(left: number, right: number): void {
		const rank = pairs.merged(ids[left] ?? 0, ids[right] ?? 0);
		ranks[left] = rank;
		if (rank >= 0) heap.push(rank, left);
	}
	while (heap.pop()) {
		const { rank, at } = heap;
		if (ranks[at] !== rank) continue;
		const right = next[at] ?? length;
		const after = next[right] ?? length;
		ids[at] = rank;
		next[at] = after;
		ranks[right] = -1;
		ranks[at] = -1;
		if (after < length) {
			previous[after] = at;
			offer(at, after);
		}
		const before = previous[at] ?? -1;
		if (before >= 0) offer(before, at);
	}
	const merged = new Int32Array(length);
	let count = 0;
	for (let i = 0; i < length; i = next[i] ?? length) merged[count++] = ids[i] ?? 0;
	return merged.subarray(0, count);
}

/** A binary heap of (rank, position), lowest rank first and leftmost among equals, as the encoding prescribes. */
class PairHeap {
	rank = 0;
	at = 0;
	private keys: Float64Array;
	private size = 0;

	constructor(capacity: number) {
		this.keys = new Float64Array(capacity);
	}

	clear(): void {
		this.size = 0;
	}

	push(rank: number, at: number): void {
		if (this.size === this.keys.length) {
			const larger = new Float64Array(this.size * 2);
			larger.set(this.keys);
			this.keys = larger;
		}
		const { keys } = this;
		const key = rank * 0x100000000 + at;
		let i = this.size++;
		while (i > 0) {
			const parent = (i - 1) >> 1;
			const above = keys[parent] ?? 0;
			if (above <= key) break;
			keys[i] = above;
			i = parent;
		}
		keys[i] = key;
	}

	/** Moves the lowest entry into `rank` and `at`; false when there is none. */
	pop(): boolean {
		if (this.size === 0) return false;
		const { keys } = this;
		const top = keys[0] ?? 0;
		this.rank = Math.floor(top / 0x100000000);
		this.at = top - this.rank * 0x100000000;
		const last = keys[--this.size] ?? 0;
		const { size } = this;
		let i = 0;
		for (;;) {
			let child = 2 * i + 1;
			if (child >= size) break;
			if (child + 1 < size && (keys[child + 1] ?? 0) < (keys[child] ?? 0)) child++;
			if ((keys[child] ?? 0) >= last) break;
			keys[i] = keys[child] ?? 0;
			i = child;
		}
		keys[i] = last;
		return true;
	}
}

/**
 * What two tokens merge into, remembered: a hash table over numbers, because joining and hashing their bytes each time
 * costs five times as much. Emptied when it is full, so its memory is bounded (3 MB).
 */
class PairTable {
	private static readonly SLOTS = 1 << 18;
	private readonly lefts = new Int32Array(PairTable.SLOTS).fill(-1);
	private readonly rights = new Int32Array(PairTable.SLOTS);
	private readonly results = new Int32Array(PairTable.SLOTS);
	private used = 0;

	constructor(private readonly lookUp: (left: number, right: number) => number) {}

	merged(left: number, right: number): number {
		const { lefts, rights, results } = this;
		const mask = PairTable.SLOTS - 1;
		let slot = (Math.imul(left, 0x9e3779b1) ^ Math.imul(right, 0x85ebca6b)) >>> 14;
		for (; (lefts[slot & mask] ?? -1) >= 0; slot++) {
			if (lefts[slot & mask] === left && rights[slot & mask] === right) return results[slot & mask] ?? -1;
		}
		const result = this.lookUp(left, right);
		if (++this.used > PairTable.SLOTS / 2) {
			lefts.fill(-1);
			this.used = 1;
		}
		lefts[slot & mask] = left;
		rights[slot & mask] = right;
		results[slot & mask] = result;
		return result;
	}
}
