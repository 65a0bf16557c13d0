import type { OutputItem } from './answer';

interface Kept {
	readonly owner: string | undefined;
	readonly item: OutputItem;
	readonly characters: number;
	readonly at: number;
}

/** Enough for the tool turns of the conversations that go on now; the rest is sent whole by its clients. */
const MOST_CHARACTERS = 8_000_000;
const KEPT_MS = 3_600_000;

/**
 * The items of the last answers. Some clients (Vercel's AI SDK with its defaults) send what the model has said in the turn
 * before only as a reference to its id. Held in memory for an hour at most, for the key that asked alone.
 */
export class ItemMemory {
	private readonly items = new Map<string, Kept>();
	private characters = 0;

	remember(owner: string | undefined, output: readonly OutputItem[]): void {
		const at = performance.now();
		for (const item of output) {
			this.forget(item.id);
			const { length } = JSON.stringify(item);
			this.items.set(item.id, { owner, item, characters: length, at });
			this.characters += length;
		}
		for (const [id, kept] of this.items) {
			if (this.characters <= MOST_CHARACTERS && at - kept.at <= KEPT_MS) break;
			this.forget(id);
		}
	}

	find(owner: string | undefined, id: string): OutputItem | undefined {
		const kept = this.items.get(id);
		return kept !== undefined && kept.owner === owner ? kept.item : undefined;
	}

	private forget(id: string): void {
		const kept = this.items.get(id);
		if (kept === undefined) return;
		this.items.delete(id);
		this.characters -= kept.characters;
	}
}
