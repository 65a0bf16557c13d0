import { formatCount, formatDuration, type CallContext } from '../support';

/** Milliseconds between two reports. */
const INTERVAL = 1000;

/** Tells the caller how far a run is, how fast it goes and, where the number of documents is known, how long it will take. */
export class Progress {
	private readonly started = performance.now();
	private reported = this.started;
	private settled = 0;
	private chunks = 0;
	/** Documents that are on their way: how much of each has its vectors, from 0 to 1. */
	private readonly underway = new Map<string, number>();
	private underwaySum = 0;

	constructor(
		private readonly onProgress: CallContext['onProgress'],
		private total: number | undefined,
	) {}

	/** One more chunk was embedded. */
	chunkDone(): void {
		this.chunks++;
		this.report(false);
	}

	/**
	 * A document has its vectors up to here. It counts before it is stored: up to 2,000 chunks are stored at once, and with a slow
	 * model nothing would move for minutes.
	 *
	 * @param share of its text, from 0 to 1
	 */
	reached(source: string, share: number): void {
		const before = this.underway.get(source) ?? 0;
		// One that is written again by itself begins anew.
		if (share <= before) return;
		this.underway.set(source, Math.min(share, 1));
		this.underwaySum += Math.min(share, 1) - before;
	}

	/** Files were found within a file that was sent. */
	expect(more: number): void {
		if (this.total !== undefined) this.total += more;
	}

	/** One more document has its outcome. */
	documentDone(source: string): void {
		this.settled++;
		this.underwaySum -= this.underway.get(source) ?? 0;
		this.underway.delete(source);
		this.report(this.settled === this.total);
	}

	private report(last: boolean): void {
		if (!this.onProgress) return;
		const now = performance.now();
		if (!last && now - this.reported < INTERVAL) return;
		this.reported = now;
		// A tenth of a document in each of ten counts as one; the small addition is for the rounding of sums.
		const documents = this.settled + Math.max(0, this.underwaySum) + 1e-9;
		const share = this.total ? Math.min(1, documents / this.total) : undefined;
		this.onProgress({
			done: Math.floor(documents),
			...(this.total === undefined ? {} : { total: this.total }),
			...(share === undefined ? {} : { share }),
			chunks: this.chunks,
			note: this.describe(now - this.started, share),
		});
	}

	private describe(elapsedMs: number, share: number | undefined): string {
		const rate = this.chunks / (elapsedMs / 1000);
		const parts = [`${formatCount(this.chunks)} chunks embedded, ${formatRate(rate)} a second`];
		if (share !== undefined && share > 0.001 && share < 1)
			parts.push(`about ${formatDuration((elapsedMs / share) * (1 - share))} left`);
		return parts.join(', ');
	}
}

function formatRate(rate: number): string {
	return rate >= 10 ? formatCount(Math.round(rate)) : rate.toFixed(1);
}
