import type { LocalEngineError } from '../../support';
import { tidyingGate, translate, type Table } from './lance';
import { TidyingEnded } from './tidying/process';

/**
 * LanceDB leaves a small file and a version behind at every write, and keyword search counts the terms of rows that its
 * index does not know yet (2.5 µs each, measured). `optimize` mends both, but copies what it merges and the indexes:
 * about 15 ms for a small table, 25 µs a row of a large one (256 dimensions, 850 characters), written lately or not.
 * So small tables are tidied after every run of writes. Large ones wait for a pause when a tenth is new; without one,
 * until half of the rows are new (each row is then copied two or three times while a table grows, at a tenth it would be
 * eleven times; keyword.ts needs half of a large table in the index) or the files have become many. Nobody waits for theirs.
 */
const SMALL = 2_000;
const IN_PAUSE = { part: 0.1, rows: 0 };
const AT_ONCE = { part: 0.5, rows: 10_000 };
const PAUSE_MS = 3_000;
const MIN_WRITES = 20;
const MAX_WRITES = 400;
const ROWS_PER_WRITE = 500;
/** Tidying takes at most a tenth of the time, however often something small is written. */
const REST = 9;

export interface Maintenance {
	/** To be called after each commit within a longer run of writes. */
	wrote(rows: number): void;
	/** To be called when a run of writes is over: tidies if it is time, or sees to it that it happens soon. */
	settle(): Promise<void>;
	/** Tidies now. */
	run(): Promise<void>;
	/** Carries something out while this process neither tidies nor builds an index of the vectors. */
	alone<T>(work: () => Promise<T>): Promise<T>;
}

/** The index of the vectors, made when the table is large enough. */
export interface VectorIndexing {
	/** Rows from which on it is worth one. */
	readonly from: number;
	/** Makes it unless it is there. Resolves to false when it is too early after all. Throws what LanceDB throws. */
	ensure(): Promise<boolean>;
}

/**
 * Tidying beside other writers is safe (the commit that comes second is refused) but wasteful, so it happens after our
 * own writes, one at a time, and gives way: refused, it is tried again later. An index of the vectors is refused when
 * files were merged while it was built, so the one waits for the other. Nobody waits for the index (a graph over 100,000
 * vectors takes a minute): searches compare all vectors until it is there.
 *
 * @param table the table as its users have it
 * @param tidy tidies the table, which has so many rows
 * @param pending rows that a former process left unindexed
 */
export function createMaintenance(
	table: Table,
	tidy: (rows: number) => Promise<void>,
	{ pending = 0, vectors }: { readonly pending?: number; readonly vectors?: VectorIndexing } = {},
): Maintenance {
	let writes = 0;
	let rows = pending;
	let total = 0;
	let restUntil = 0;
	let running: Promise<void> | undefined;
	let timer: NodeJS.Timeout | undefined;
	let pause: NodeJS.Timeout | undefined;
	let failure: LocalEngineError | undefined;
	let building: Promise<void> | undefined;
	let indexed = vectors === undefined;
	let held = 0;

	async function optimize(): Promise<void> {
		const before = { writes, rows };
		const started = performance.now();
		try {
			await tidy(rowsKnown());
			total = await table.countRows();
			writes -= before.writes;
			rows -= before.rows;
		} catch (thrown) {
			const error = translate(thrown, 'tidying the index');
			// Nobody's write is at fault; later writes will try again.
			if (thrown instanceof TidyingEnded) process.emitWarning(thrown.message);
			else if (error.kind === 'conflict') later(REST * (performance.now() - started) + 1_000);
			else throw error;
		} finally {
			restUntil = performance.now() + REST * (performance.now() - started);
		}
	}

	async function run(): Promise<void> {
		if (building || held > 0) return;
		running ??= optimize().finally(() => {
			running = undefined;
			buildIndex();
		});
		await running;
	}

	function wantsIndex(): boolean {
		return !indexed && vectors !== undefined && total + rows >= vectors.from;
	}

	function buildIndex(): void {
		if (building || held > 0 || !vectors || !wantsIndex()) return;
		building = tidyingGate(() => vectors.ensure())
			.then(
				(done) => void (indexed = done),
				(thrown: unknown) => {
					const error = translate(thrown, 'indexing the vectors');
					// Another process merged files meanwhile: again after a while. Dropped meanwhile: nothing to do.
					if (error.kind === 'conflict') later(REST * 1_000);
					else if (error.kind !== 'notFound') process.emitWarning(error);
				},
			)
			.finally(() => (building = undefined));
	}

	/** Does not keep the process alive; an error is thrown to whoever writes next. */
	function later(ms: number): void {
		timer ??= setTimeout(() => {
			timer = undefined;
			runAside();
		}, ms).unref();
	}

	/** When nothing was written for a while. */
	function inPause(): void {
		pause ??= setTimeout(() => {
			pause = undefined;
			if (due(IN_PAUSE)) runAside();
			else buildIndex();
		}, PAUSE_MS).unref();
		pause.refresh();
	}

	function runAside(): void {
		run().catch((thrown: unknown) => {
			failure = translate(thrown, 'tidying the index');
		});
	}

	function rowsKnown(): number {
		return Math.max(total, rows);
	}

	function soon(): void {
		const rest = restUntil - performance.now();
		if (rest > 0) later(rest);
		else runAside();
	}

	function due(fresh: typeof IN_PAUSE): boolean {
		const size = rowsKnown();
		if (size < SMALL) return rows > 0 || writes >= MIN_WRITES;
		const many = Math.min(MAX_WRITES, Math.max(MIN_WRITES, size / ROWS_PER_WRITE));
		return rows >= Math.max(fresh.rows, size * fresh.part) || writes >= many;
	}

	return {
		run,
		async alone(work) {
			held += 1;
			try {
				await running?.catch(() => undefined);
				await building;
				return await work();
			} finally {
				held -= 1;
				if (held === 0 && (due(IN_PAUSE) || wantsIndex())) inPause();
			}
		},
		wrote(count) {
			writes += 1;
			rows += count;
			if (rowsKnown() >= SMALL && due(AT_ONCE)) soon();
		},
		async settle() {
			if (failure) {
				// Only what still cannot be done is an error of this write.
				failure = undefined;
				await run();
			}
			total ||= await table.countRows();
			if (!due(AT_ONCE)) {
				if (due(IN_PAUSE) || wantsIndex()) inPause();
			} else if (rowsKnown() < SMALL && restUntil <= performance.now()) await run();
			else soon();
		},
	};
}
