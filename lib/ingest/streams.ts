/**
 * Works one item ahead of the consumer, so that two stages run at the same time and neither can run away from the
 * other. A consumer that stops tells the producer to stop but does not wait for what it has under way.
 */
export async function* ahead<T>(items: AsyncIterable<T>): AsyncGenerator<T, void, undefined> {
	const iterator = items[Symbol.asyncIterator]();
	const pull = (): Promise<IteratorResult<T>> => {
		const result = iterator.next();
		// Whoever awaits it below gets the rejection; if nobody does, the consumer has left already.
		result.catch(() => undefined);
		return result;
	};
	let finished = false;
	try {
		let next = pull();
		for (;;) {
			const result = await next;
			if (result.done === true) {
				finished = true;
				return;
			}
			next = pull();
			yield result.value;
		}
	} catch (error) {
		finished = true;
		throw error;
	} finally {
		if (!finished) stop(iterator);
	}
}

/**
 * The items of any iterable; ends with the signal's reason as soon as it fires, even while the producer makes us
 * wait for its next item.
 */
export async function* untilAborted<T>(
	items: AsyncIterable<T> | Iterable<T>,
	signal: AbortSignal,
): AsyncGenerator<T, void, undefined> {
	const iterator = Symbol.asyncIterator in items ? items[Symbol.asyncIterator]() : items[Symbol.iterator]();
	// Ends the wait of the moment. Not Promise.race with one promise for all waits: that would keep every item that ever won.
	let giveUp = (): void => undefined;
	const abort = (): void => giveUp();
	signal.addEventListener('abort', abort, { once: true });
	let finished = false;
	try {
		for (;;) {
			const result = await new Promise<IteratorResult<T>>((resolve, reject) => {
				giveUp = () => reject(reasonOf(signal));
				if (signal.aborted) giveUp();
				else Promise.resolve(iterator.next()).then(resolve, reject);
			});
			if (result.done === true) {
				finished = true;
				return;
			}
			yield result.value;
		}
	} finally {
		signal.removeEventListener('abort', abort);
		if (!finished) stop(iterator);
	}
}

function stop<T>(iterator: AsyncIterator<T> | Iterator<T>): void {
	Promise.resolve(iterator.return?.()).catch(() => undefined);
}

/** What ended the work; a caller may abort with anything. */
export function reasonOf(signal: AbortSignal): Error {
	const reason: unknown = signal.reason;
	return reason instanceof Error ? reason : new Error(`Cancelled: ${String(reason)}`);
}

/** The items of a stream so many at a time. */
export async function* inBatches<T>(
	items: AsyncIterable<T> | Iterable<T>,
	size: number,
): AsyncGenerator<T[], void, undefined> {
	let batch: T[] = [];
	for await (const item of items) {
		batch.push(item);
		if (batch.length < size) continue;
		yield batch;
		batch = [];
	}
	if (batch.length > 0) yield batch;
}
