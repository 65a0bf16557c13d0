/** An item that was begun, and what became of it once that is known. */
interface Slot<Result> {
	outcome?: { readonly result: Result } | { readonly error: unknown };
}

interface Order {
	/** Items that run at once. */
	readonly limit: number;
	/** Items begun whose results are not yet handed on. */
	readonly window: number;
	/** Whether an error is thrown at once, rather than behind the results of the items before it. */
	readonly failFast: boolean;
	readonly signal?: AbortSignal;
}

/**
 * Runs `task` on the items of a source, at most `limit` at once, and yields the results in the order of the items.
 * Finished results are handed on while the source is still making up its next item; no more than `limit` wait for an item
 * before them, so memory stays bounded. When the consumer stops or a task fails, `signal` tells the others to stop, the
 * source is closed, and nothing is left running. An error is thrown in its turn, behind the results before it.
 *
 * @param outer ends the work from outside: the tasks get it with `signal`
 */
export function mapInOrder<Item, Result>(
	source: AsyncIterable<Item> | Iterable<Item>,
	limit: number,
	task: (item: Item, signal: AbortSignal) => Promise<Result>,
	outer?: AbortSignal,
): AsyncGenerator<Result> {
	return ordered(source, task, { limit, window: limit, failFast: false, signal: outer });
}

/**
 * The results of `task` for every item, at most `limit` at once, in the order of the items. The first error ends it: `signal`
 * tells the others to stop, and it is thrown when they have.
 */
export async function mapAll<Item, Result>(
	items: Iterable<Item>,
	limit: number,
	task: (item: Item, signal: AbortSignal) => Promise<Result>,
	outer?: AbortSignal,
): Promise<Result[]> {
	const results: Result[] = [];
	const order = { limit, window: Number.POSITIVE_INFINITY, failFast: true, signal: outer };
	for await (const result of ordered(items, task, order)) results.push(result);
	return results;
}

/** The items in lists of at most `size`. */
export function* slices<T>(items: readonly T[], size: number): Generator<readonly T[]> {
	for (let from = 0; from < items.length; from += size) yield items.slice(from, from + size);
}

async function* ordered<Item, Result>(
	source: AsyncIterable<Item> | Iterable<Item>,
	task: (item: Item, signal: AbortSignal) => Promise<Result>,
	{ limit, window, failFast, signal: outer }: Order,
): AsyncGenerator<Result> {
	if (!(limit >= 1)) throw new RangeError(`At least one item must run at once, not ${limit}.`);
	const stop = new AbortController();
	const signal = outer ? AbortSignal.any([outer, stop.signal]) : stop.signal;
	const iterator =
		Symbol.asyncIterator in source ? source[Symbol.asyncIterator]() : source[Symbol.iterator]();
	const slots: Array<Slot<Result>> = [];
	const running = new Set<Promise<void>>();
	let pulling = false;
	let ended = false;
	let failure: { readonly error: unknown } | undefined;
	let changed = Promise.withResolvers<void>();

	const begin = (item: Item): void => {
		const slot: Slot<Result> = {};
		slots.push(slot);
		const run = async (): Promise<void> => {
			try {
				slot.outcome = { result: await task(item, signal) };
			} catch (error) {
				slot.outcome = { error };
				if (failFast) failure ??= { error };
			}
		};
		const work = run().finally(() => {
			running.delete(work);
			changed.resolve();
		});
		running.add(work);
	};
	const pull = async (): Promise<void> => {
		pulling = true;
		try {
			const next = await iterator.next();
			if (next.done) ended = true;
			// The consumer may have left while the source made up its item.
			else if (!stop.signal.aborted) begin(next.value);
		} catch (error) {
			ended = true;
			failure ??= { error };
		} finally {
			pulling = false;
			changed.resolve();
		}
	};

	try {
		for (;;) {
			if (failure) throw failure.error;
			if (!ended && !pulling && running.size < limit && slots.length < window) void pull();
			const outcome = slots[0]?.outcome;
			if (outcome) {
				void slots.shift();
				if ('error' in outcome) throw outcome.error;
				yield outcome.result;
			} else if (ended && slots.length === 0) {
				return;
			} else {
				await changed.promise;
				changed = Promise.withResolvers<void>();
			}
		}
	} finally {
		stop.abort();
		if (!ended) void Promise.resolve(iterator.return?.()).catch(() => undefined);
		await Promise.all(running);
	}
}
