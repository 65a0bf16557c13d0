import { createHash } from 'node:crypto';

/** Vectors by text, least recently used out first, bounded in bytes. One cache holds vectors of one space only. */
export class VectorCache<Entry extends { readonly vector: Float32Array }> {
	private readonly entries = new Map<string, Entry>();
	private bytes = 0;

	constructor(private readonly maxBytes: number) {}

	get(text: string): Entry | undefined {
		const key = keyOf(text);
		const entry = this.entries.get(key);
		if (!entry) return undefined;
		this.entries.delete(key);
		this.entries.set(key, entry);
		return entry;
	}

	set(text: string, entry: Entry): void {
		const key = keyOf(text);
		const before = this.entries.get(key);
		if (before) {
			this.entries.delete(key);
			this.bytes -= sizeOf(before);
		}
		this.entries.set(key, entry);
		this.bytes += sizeOf(entry);
		for (const [oldest, old] of this.entries) {
			if (this.bytes <= this.maxBytes) break;
			this.entries.delete(oldest);
			this.bytes -= sizeOf(old);
		}
	}

	clear(): void {
		this.entries.clear();
		this.bytes = 0;
	}
}

/** UTF-16, so that texts with lone surrogates stay apart; 128 bits, so that no two texts meet. */
function keyOf(text: string): string {
	return createHash('sha256').update(text, 'utf16le').digest('base64url').slice(0, 22);
}

/** The numbers, and about what V8 takes for key, entry and array headers. */
function sizeOf(entry: { readonly vector: Float32Array }): number {
	return entry.vector.byteLength + 300;
}
