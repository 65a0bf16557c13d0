/** Values by key, bounded in bytes: what was not asked for the longest leaves first. */
export class RecentMap<Value> {
	private readonly entries = new Map<string, Value>();
	private bytes = 0;

	/** @param sizeOf bytes that a value takes, with its key */
	constructor(
		private readonly maxBytes: number,
		private readonly sizeOf: (value: Value) => number,
	) {}

	get(key: string): Value | undefined {
		const value = this.entries.get(key);
		if (value === undefined) return undefined;
		this.entries.delete(key);
		this.entries.set(key, value);
		return value;
	}

	set(key: string, value: Value): void {
		const before = this.entries.get(key);
		if (before !== undefined) {
			this.entries.delete(key);
			this.bytes -= this.sizeOf(before);
		}
		this.entries.set(key, value);
		this.bytes += this.sizeOf(value);
		for (const [oldest, old] of this.entries) {
			if (this.bytes <= this.maxBytes) break;
			this.entries.delete(oldest);
			this.bytes -= this.sizeOf(old);
		}
	}

	clear(): void {
		this.entries.clear();
		this.bytes = 0;
	}
}
