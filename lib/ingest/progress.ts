import { formatCount, formatDuration, type CallContext } from '../support';

/** Milliseconds between two reports. */
const INTERVAL = 1000;

/** Tells the caller how far a run is, how fast it goes and, where the number of documents is known, how long it will take. */
export class Progress {
	private readonly started = performance.now();
	private reported = this.started;
	private documents = 0;
	private chunks = 0;

	constructor(
		private readonly onProgress: CallContext['onProgress'],
		private total: number | undefined,
	) {}

	/** One more chunk has its vector. */
	chunkDone(): void {
		this.chunks++;
		this.report(false);
	}

	/** Files were found within a file that was sent. */
	expect(more: number): void {
		if (this.total !== undefined) this.total += more;
	}

	/** One more document has its outcome. */
	documentDone(): void {
		this.documents++;
		this.report(this.documents === this.total);
	}

	private report(last: boolean): void {
		if (!this.onProgress) return;
		const now = performance.now();
		if (!last && now - this.reported < INTERVAL) return;
		this.reported = now;
		this.onProgress({
			done: this.documents,
			...(this.total === undefined ? {} : { total: this.total }),
			chunks: this.chunks,
			note: this.describe(now - this.started),
		});
	}

	private describe(elapsedMs: number): string {
		const rate = this.chunks / (elapsedMs / 1000);
		const parts = [`${formatCount(this.chunks)} chunks embedded, ${formatRate(rate)} a second`];
		if (this.total !== undefined && this.documents > 0 && this.documents < this.total) {
			const leftMs = (elapsedMs / this.documents) * (this.total - this.documents);
			parts.push(`about ${formatDuration(leftMs)} left`);
		}
		return parts.join(', ');
	}
}

function formatRate(rate: number): string {
	return rate >= 10 ? formatCount(Math.round(rate)) : rate.toFixed(1);
}
