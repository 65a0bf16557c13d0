import type { ExchangeRecord } from '../types';
import { splitPosition } from './split';
import { HashTable, textKey, UnionFind } from './tables';

/**
 * Which records must not part. Records are numbered in the order they come; a group is named after its earliest member,
 * so that it keeps its name, and its side of the split, while records are added. (Two groups that a later record joins
 * move to the side of the older one.) About 30 bytes a record.
 */
export class Groups {
	readonly #sets = new UnionFind();
	readonly #keys = new HashTable();
	#positions = new Float64Array(1024);
	#count = 0;

	constructor(private readonly salt: string) {}

	/** Takes a record in; it joins those of its conversation and of its source document. Returns its number. */
	add(record: ExchangeRecord): number {
		const member = this.#sets.add();
		if (member === this.#positions.length) {
			const larger = new Float64Array(this.#positions.length * 2);
			larger.set(this.#positions);
			this.#positions = larger;
		}
		this.#positions[member] = splitPosition(this.salt, record.id);
		this.#count++;
		if (record.conversation !== undefined) this.#join(member, `conversation ${record.conversation}`);
		if (record.source !== undefined) this.#join(member, `source ${record.source}`);
		return member;
	}

	get count(): number {
		return this.#count;
	}

	#join(member: number, key: string): void {
		const [high, low] = textKey(key);
		this.union(member, this.#keys.getOrPut(high, low, member));
	}

	union(a: number, b: number): void {
		this.#sets.union(a, b);
	}

	/** Where the group of a record falls (0–1), the same for all its members. */
	position(member: number): number {
		return this.#positions[this.#sets.find(member)] ?? 0;
	}

	/** The group's name: the 48 bits of its position in hexadecimal. */
	name(member: number): string {
		return Math.round(this.position(member) * 2 ** 48)
			.toString(16)
			.padStart(12, '0');
	}
}
