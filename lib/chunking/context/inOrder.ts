/**
 * Maps a stream with up to `width` calls in flight and yields the results in input order. The first item of each key
 * (its prompt's prefix) is finished before others of that key start, so that they find it in the engine's cache. Pulls
 * no further input than it has calls in flight.
 */
export async function* inOrder<T, R>(
	items: Iterable<T> | AsyncIterable<T>,
	work: (item: T) => Promise<R>,
	width: number,
	keyOf: (item: T) => string,
): AsyncGenerator<R> {
	const inFlight: Array<Promise<R>> = [];
	let key: string | undefined;
	let first: Promise<unknown> = Promise.resolve();
	for await (const item of items) {
		const own = keyOf(item);
		let started: Promise<R>;
		if (own === key) {
			started = first.then(() => work(item));
		} else {
			key = own;
			started = work(item);
			// Whether it succeeds is its own consumer's matter; here it only has to be over.
			first = started.then(
				() => undefined,
				() => undefined,
			);
		}
		inFlight.push(started);
		if (inFlight.length < width) continue;
		const oldest = inFlight.shift();
		if (oldest) yield await oldest;
	}
	for (const rest of inFlight) yield await rest;
}
