/**
 * Gathers entries until there are `size` of them or the first is `ageMs` old, then hands them over. Holds at most `size`.
 */
export class Batch<T> {
	private entries: T[] = [];
	private timer?: NodeJS.Timeout;

	constructor(
		private readonly size: number,
		private readonly ageMs: number,
		private readonly handOver: (entries: T[]) => void,
	) {}

	add(entry: T): void {
		this.entries.push(entry);
		if (this.entries.length >= this.size) this.flush();
		else this.timer ??= setTimeout(() => this.flush(), this.ageMs);
	}

	/** Hands over what there is. */
	flush(): void {
		clearTimeout(this.timer);
		this.timer = undefined;
		if (this.entries.length === 0) return;
		this.handOver(this.entries.splice(0));
	}
}
