import { keyOfText, RecentMap } from '../support';

/** Vectors by text, the least recently used out first, bounded in bytes. Keys name whose they are and what model gave them. */
export class VectorCache<Entry extends { readonly vector: Float32Array }> {
	private readonly entries: RecentMap<Entry>;

	constructor(maxBytes: number) {
		this.entries = new RecentMap<Entry>(maxBytes, sizeOf);
	}

	get(text: string): Entry | undefined {
		return this.entries.get(keyOfText(text));
	}

	set(text: string, entry: Entry): void {
		this.entries.set(keyOfText(text), entry);
	}

	clear(): void {
		this.entries.clear();
	}
}

/** The numbers, and about what V8 takes for key, entry and array headers. */
function sizeOf({ vector }: { readonly vector: Float32Array }): number {
	return vector.byteLength + 300;
}
