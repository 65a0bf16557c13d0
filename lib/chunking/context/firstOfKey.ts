/**
 * `work` for items in order of their keys: the first item of each key (its prompt's prefix) is finished before others of that
 * key start, so that they find it in the engine's cache.
 */
export function firstOfKeyAlone<T, R>(
	work: (item: T, signal: AbortSignal) => Promise<R>,
	keyOf: (item: T) => string,
): (item: T, signal: AbortSignal) => Promise<R> {
	let key: string | undefined;
	let first: Promise<unknown> = Promise.resolve();
	return (item, signal) => {
		const own = keyOf(item);
		if (own === key) return first.then(() => work(item, signal));
		key = own;
		const started = work(item, signal);
		// Whether it succeeds is its own consumer's matter; here it only has to be over.
		first = started.catch(() => undefined);
		return started;
	};
}
