import { DistillationError } from '../errors';
import type { ExchangeRecord } from '../types';
import { GrowingInts, HashTable, textKey } from './tables';

export interface BalanceOptions {
	/** Most records of one source (document, else workflow). */
	readonly perSource?: number;
	/** Most records for each value of this label. */
	readonly perLabel?: { readonly label: string; readonly max: number };
	/** Which of too many stay is drawn by this seed and the record's id, so that running again draws the same. Default 1. */
	readonly seed?: number;
}

/** Numbers share a float with their random rank: 25 bits of row number, 28 bits of rank. */
const ROWS = 2 ** 25;

/** Collects what each kept row belongs to; `dropped()` then says which rows are too many. */
export class Balance {
	readonly #sources = new GrowingInts();
	readonly #labels = new GrowingInts();
	readonly #ranks = new GrowingInts();
	readonly #keys = new HashTable();

	constructor(private readonly options: BalanceOptions) {
		for (const [name, max] of [
			['perSource', options.perSource],
			['perLabel', options.perLabel?.max],
		] as const) {
			if (max !== undefined && (!Number.isInteger(max) || max < 1)) {
				throw new DistillationError(
					'invalidOptions',
					`Balance: ${name} must be a whole number from 1, not ${max}.`,
				);
			}
		}
	}

	add(record: ExchangeRecord): void {
		const label = this.options.perLabel?.label;
		this.#sources.push(this.#key('source', record.source ?? record.lineage.workflow));
		this.#labels.push(this.#key('label', label === undefined ? undefined : record.labels?.[label]));
		this.#ranks.push(textKey(`${this.options.seed ?? 1} ${record.id}`)[1] & 0xfffffff);
	}

	#key(kind: string, value: string | undefined): number {
		if (value === undefined) return -1;
		const [high, low] = textKey(`${kind} ${value}`);
		return this.#keys.getOrPut(high, low, this.#keys.size);
	}

	/** Row numbers that are over a limit, with the limit's name. */
	dropped(): Map<number, 'perSource' | 'perLabel'> {
		const { perSource = Infinity, perLabel } = this.options;
		const count = this.#ranks.length;
		// Sorting numbers needs no comparison function, and so holds the event loop a tenth of the time.
		const order = new Float64Array(count);
		for (let row = 0; row < count; row++) order[row] = this.#ranks.at(row) * ROWS + row;
		order.sort();
		const taken = new Map<number, number>();
		const full = (key: number, max: number) => key >= 0 && (taken.get(key) ?? 0) >= max;
		const dropped = new Map<number, 'perSource' | 'perLabel'>();
		for (const entry of order) {
			const row = entry % ROWS;
			const source = this.#sources.at(row);
			const label = this.#labels.at(row);
			if (full(source, perSource)) dropped.set(row, 'perSource');
			else if (full(label, perLabel?.max ?? Infinity)) dropped.set(row, 'perLabel');
			else {
				taken.set(source, (taken.get(source) ?? 0) + 1);
				taken.set(label, (taken.get(label) ?? 0) + 1);
			}
		}
		return dropped;
	}
}
