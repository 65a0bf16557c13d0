/**
 * Runs `task` on the items of a source, at most `inFlight` at once, and yields the results in the order of the items.
 * Finished results are handed on while the source is still making up its next item. When the consumer stops or a task
 * fails, `signal` tells the others to stop, the source is closed, and nothing is left running.
 */
export async function* mapInOrder<Item, Result>(
	source: AsyncIterable<Item> | Iterable<Item>,
	inFlight: number,
	task: (item: Item, signal: AbortSignal) => Promise<Result>,
	outer?: AbortSignal,
): AsyncGenerator<Result> {
	const stop = new AbortController();
	const signal = outer ? AbortSignal.any([outer, stop.signal]) : stop.signal;
	const iterator =
		Symbol.asyncIterator in source ? source[Symbol.asyncIterator]() : source[Symbol.iterator]();
	const running: Array<Promise<Result>> = [];
	let next: Promise<IteratorResult<Item>> | undefined;
	let ended = false;
	try {
		for (;;) {
			if (!ended && running.length < inFlight) next ??= Promise.resolve(iterator.next());
			const first = running[0];
			if (!first && !next) return;
			const event = await Promise.race([
				...(next ? [next.then((item) => ({ item }))] : []),
				...(first ? [first.then((result) => ({ result }))] : []),
			]);
			if ('result' in event) {
				void running.shift();
				yield event.result;
			} else {
				next = undefined;
				if (event.item.done) {
					ended = true;
				} else {
					const promise = task(event.item.value, signal);
					// Reported when its turn comes; until then it must not count as unhandled.
					promise.catch(() => undefined);
					running.push(promise);
				}
			}
		}
	} finally {
		stop.abort();
		next?.catch(() => undefined);
		if (!ended) void Promise.resolve(iterator.return?.()).catch(() => undefined);
		await Promise.allSettled(running);
	}
}
