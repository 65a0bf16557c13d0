import { createSlicer } from '../support';
import type { StoredPoint, VectorIndex } from '../vectorIndex';

/** Read with one request: as many rows as the embedded index writes at once, and no longer a list of values than every server takes. */
const BATCH = { rows: 2_000, generations: 100 };

interface Expected {
	readonly generation: string;
	readonly rows: number;
}

/**
 * Reads the rows of documents that were announced before, many with one request. Holds the rows of one request, and of no
 * document that was not announced.
 */
export class GenerationReader {
	private expected: Expected[] = [];
	private read = new Map<string, StoredPoint[]>();
	private readonly turn = createSlicer();

	constructor(
		private readonly index: VectorIndex,
		private readonly signal: AbortSignal,
	) {}

	/** Announces that the rows of a generation are asked for next; in the order in which they will be. */
	expect(generation: string, rows: number): void {
		this.expected.push({ generation, rows });
	}

	/** The rows of a generation in the order of the text; none where it has been replaced meanwhile. */
	async rowsOf(generation: string): Promise<StoredPoint[]> {
		if (!this.read.has(generation)) {
			const at = this.expected.findIndex((each) => each.generation === generation);
			if (at === -1) return ordered((await this.readAll([generation])).get(generation));
			// What stands before it was not asked for after all.
			this.expected.splice(0, at);
			this.read = await this.readAll(this.takeBatch());
		}
		const rows = this.read.get(generation);
		this.read.delete(generation);
		return ordered(rows);
	}

	private takeBatch(): string[] {
		let rows = 0;
		let taken = 0;
		for (const each of this.expected) {
			rows += each.rows;
			if (taken > 0 && (rows > BATCH.rows || taken >= BATCH.generations)) break;
			taken++;
		}
		return this.expected.splice(0, taken).map(({ generation }) => generation);
	}

	private async readAll(generations: readonly string[]): Promise<Map<string, StoredPoint[]>> {
		const batch = new Map<string, StoredPoint[]>(generations.map((generation) => [generation, []]));
		const filter = { generation: { in: [...batch.keys()] } };
		for await (const row of this.index.scan(filter, { signal: this.signal })) {
			if (row.generation !== undefined) batch.get(row.generation)?.push(row);
			await this.turn();
		}
		return batch;
	}
}

const ordered = (rows: readonly StoredPoint[] = []): StoredPoint[] =>
	[...rows].sort((a, b) => (a.start ?? 0) - (b.start ?? 0));
