import { exchangeText } from '../messages';
import type { ExchangeRecord } from '../types';
import type { Groups } from './groups';
import { NearDuplicateIndex, type NearDuplicateOptions } from './nearDuplicates';
import { GrowingInts, HashTable, textKey } from './tables';

export interface DuplicateOptions {
	/** Reject repeated exchanges, whitespace and case aside. Default true. */
	readonly exact?: boolean;
	/** Default: datatrove's parameters (see MinHashOptions); false: not looked for. */
	readonly near?: NearDuplicateOptions | false;
	/** Near-duplicates are rejected (`drop`, default) or kept on one side of the split (`group`). */
	readonly action?: 'drop' | 'group';
	/** Compare prompt and answer (`exchange`, default) or the prompt alone (one answer for each question stays). */
	readonly by?: 'exchange' | 'prompt';
}

export interface DuplicateVerdict {
	/** The record's number in the groups. */
	readonly member: number;
	readonly duplicate?: 'exact' | 'near';
	/** Number of the earlier record. */
	readonly of?: number;
	readonly similarity?: number;
}

/** Compares each record with those before it and joins the groups of those that are alike. */
export class DuplicateFinder {
	readonly #exact = new HashTable();
	readonly #near: NearDuplicateIndex | undefined;
	/** Number in the near-duplicate index → number in the groups. */
	readonly #members = new GrowingInts();

	constructor(
		private readonly options: DuplicateOptions,
		private readonly groups: Groups,
	) {
		this.#near = options.near === false ? undefined : new NearDuplicateIndex(options.near ?? {});
	}

	check(record: ExchangeRecord): DuplicateVerdict {
		const member = this.groups.add(record);
		const text = exchangeText(record.messages, this.options.by === 'prompt' ? undefined : record.answers[0]);
		if (this.options.exact !== false) {
			const [high, low] = textKey(text.toLowerCase().replace(/\s+/g, ' ').trim());
			const first = this.#exact.getOrPut(high, low, member);
			if (first !== member) {
				this.groups.union(member, first);
				return { member, duplicate: 'exact', of: first };
			}
		}
		if (this.#near === undefined) return { member };
		const number = this.#members.push(member);
		const alike = this.#near.add(text);
		for (const other of alike) this.groups.union(member, this.#members.at(other));
		const [first] = alike;
		if (first === undefined) return { member };
		return {
			member,
			duplicate: 'near',
			of: this.#members.at(first),
			similarity: this.#near.similarity(number, first),
		};
	}
}
