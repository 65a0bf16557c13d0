import { createSlicer, type CallContext } from '../support';
import { countExchange } from './curate/chatTemplate';
import { HashTable, textKey } from './curate/tables';
import { throwIfCancelled } from './errors';
import { exchangeText } from './messages';
import type { CountTokens, ExchangeRecord } from './types';

export interface StatsOptions {
	readonly countTokens?: CountTokens;
	/** What a million tokens cost now and would cost with the student, in any currency. */
	readonly price?: { readonly teacher: number; readonly student: number };
}

export interface Spread {
	readonly least: number;
	readonly p50: number;
	readonly p95: number;
	readonly most: number;
	readonly mean: number;
}

export interface Stats {
	readonly records: number;
	readonly answered: number;
	readonly corrected: number;
	readonly tokens: number;
	readonly tokensAre: 'counted' | 'estimated';
	/** Tokens of a record, prompt and answer. */
	readonly length: Spread;
	readonly exactDuplicates: number;
	readonly byModel: { readonly [name: string]: number };
	readonly byWorkflow: { readonly [name: string]: number };
	readonly byFinishReason: { readonly [name: string]: number };
	readonly byLabel: { readonly [label: string]: { readonly [value: string]: number } };
	/** What the recorded traffic cost, would cost with the student, and the difference. */
	readonly cost?: { readonly teacher: number; readonly student: number; readonly saved: number };
	readonly from?: string;
	readonly to?: string;
}

/** Names in a table at most; the rest is "(others)". A log with a label per customer must not fill the memory. */
const MOST_NAMES = 200;

class Tally {
	readonly #counts = new Map<string, number>();

	add(name: string | undefined): void {
		const key = name ?? '(none)';
		const slot = this.#counts.has(key) || this.#counts.size < MOST_NAMES ? key : '(others)';
		this.#counts.set(slot, (this.#counts.get(slot) ?? 0) + 1);
	}

	result(): { [name: string]: number } {
		return Object.fromEntries([...this.#counts].sort(([a, x], [b, y]) => y - x || (a < b ? -1 : 1)));
	}
}

/** Counts of lengths in buckets 2 % wide: percentiles to within 1 % in constant memory, whatever the number of records. */
class Lengths {
	readonly #buckets = new Map<number, number>();
	#count = 0;
	#sum = 0;
	#least = Infinity;
	#most = 0;

	add(length: number): void {
		const bucket = Math.round(Math.log(Math.max(1, length)) / Math.log(1.02));
		this.#buckets.set(bucket, (this.#buckets.get(bucket) ?? 0) + 1);
		this.#count++;
		this.#sum += length;
		this.#least = Math.min(this.#least, length);
		this.#most = Math.max(this.#most, length);
	}

	get sum(): number {
		return this.#sum;
	}

	#percentile(share: number): number {
		let seen = 0;
		for (const [bucket, count] of [...this.#buckets].sort(([a], [b]) => a - b)) {
			seen += count;
			if (seen >= share * this.#count)
				return Math.min(this.#most, Math.max(this.#least, Math.round(1.02 ** bucket)));
		}
		return 0;
	}

	result(): Spread {
		if (this.#count === 0) return { least: 0, p50: 0, p95: 0, most: 0, mean: 0 };
		return {
			least: this.#least,
			p50: this.#percentile(0.5),
			p95: this.#percentile(0.95),
			most: this.#most,
			mean: this.#sum / this.#count,
		};
	}
}

/** Figures of a stream of records, in memory that does not grow with it (but 12 bytes a record for duplicates). */
export async function stats(
	records: AsyncIterable<ExchangeRecord> | Iterable<ExchangeRecord>,
	options: StatsOptions = {},
	call: CallContext = {},
): Promise<Stats> {
	const turn = createSlicer();
	const lengths = new Lengths();
	const seen = new HashTable();
	const [models, workflows, reasons] = [new Tally(), new Tally(), new Tally()];
	const labels = new Map<string, Tally>();
	let count = 0;
	let answered = 0;
	let corrected = 0;
	let duplicates = 0;
	let from: string | undefined;
	let to: string | undefined;
	for await (const record of records) {
		const [answer] = record.answers;
		lengths.add(countExchange(record, answer, options.countTokens));
		const [high, low] = textKey(exchangeText(record.messages, answer));
		if (seen.getOrPut(high, low, count) !== count) duplicates++;
		count++;
		models.add(record.model);
		workflows.add(record.lineage.workflow);
		if (answer !== undefined) {
			answered++;
			reasons.add(answer.finishReason);
			if (answer.author === 'human') corrected++;
		}
		for (const [label, value] of Object.entries(record.labels ?? {})) {
			const tally = labels.get(label) ?? new Tally();
			if (labels.size < MOST_NAMES || labels.has(label)) labels.set(label, tally);
			tally.add(value);
		}
		if (from === undefined || record.createdAt < from) from = record.createdAt;
		if (to === undefined || record.createdAt > to) to = record.createdAt;
		const wait = turn();
		if (wait !== undefined) {
			await wait;
			throwIfCancelled(call.signal);
			call.onProgress?.({ done: count });
		}
	}
	const { price } = options;
	const cost = (perMillion: number) => (lengths.sum * perMillion) / 1e6;
	return {
		records: count,
		answered,
		corrected,
		tokens: lengths.sum,
		tokensAre: options.countTokens === undefined ? 'estimated' : 'counted',
		length: lengths.result(),
		exactDuplicates: duplicates,
		byModel: models.result(),
		byWorkflow: workflows.result(),
		byFinishReason: reasons.result(),
		byLabel: Object.fromEntries([...labels].map(([label, tally]) => [label, tally.result()])),
		...(price === undefined
			? {}
			: {
					cost: {
						teacher: cost(price.teacher),
						student: cost(price.student),
						saved: cost(price.teacher) - cost(price.student),
					},
				}),
		...(from === undefined ? {} : { from }),
		...(to === undefined ? {} : { to }),
	};
}
