import { setImmediate as nextTurn } from 'node:timers/promises';
import { mapAll, mapInOrder, slices } from '../../../lib/support';

/** A task whose end is decided by the test. */
function stage() {
	const started: number[] = [];
	const aborted: number[] = [];
	const ends = new Map<number, { resolve: (value: string) => void; reject: (error: Error) => void }>();
	let running = 0;
	let most = 0;
	const task = async (item: number, signal: AbortSignal): Promise<string> => {
		started.push(item);
		most = Math.max(most, ++running);
		try {
			return await new Promise<string>((resolve, reject) => {
				ends.set(item, { resolve, reject });
				signal.addEventListener('abort', () => {
					if (ends.delete(item)) aborted.push(item);
					reject(new Error(`stopped ${item}`));
				});
			});
		} finally {
			running--;
		}
	};
	const turns = async (): Promise<void> => {
		for (let i = 0; i < 5; i++) await nextTurn();
	};
	return {
		task,
		started,
		aborted,
		turns,
		end: async (item: number) => {
			ends.get(item)?.resolve(`result ${item}`);
			ends.delete(item);
			await turns();
		},
		fail: async (item: number) => {
			ends.get(item)?.reject(new Error(`failed ${item}`));
			ends.delete(item);
			await turns();
		},
		running: () => running,
		most: () => most,
	};
}

async function collect<T>(results: AsyncIterable<T>, into: T[] = []): Promise<T[]> {
	for await (const result of results) into.push(result);
	return into;
}

describe('mapInOrder', () => {
	it('yields in the order of the items, whichever ends first, and runs no more than its limit', async () => {
		const { task, started, end, turns, most } = stage();
		const seen: string[] = [];
		const all = collect(mapInOrder([0, 1, 2, 3], 2, task), seen);
		await turns();
		expect(started).toEqual([0, 1]);
		await end(1);
		// The result of 1 waits for 0: nothing more is begun, so that results cannot pile up.
		expect(started).toEqual([0, 1]);
		expect(seen).toEqual([]);
		await end(0);
		expect(seen).toEqual(['result 0', 'result 1']);
		await end(3);
		await end(2);
		expect(await all).toEqual([0, 1, 2, 3].map((item) => `result ${item}`));
		expect(most()).toBe(2);
	});

	it('hands on finished results while its source is still making up the next item', async () => {
		const { task, end, turns } = stage();
		async function* source() {
			yield 0;
			await new Promise<never>(() => undefined);
		}
		const results = mapInOrder(source(), 4, task);
		const first = results.next();
		await turns();
		await end(0);
		expect(await first).toEqual({ done: false, value: 'result 0' });
	});

	it('throws an error in its turn, behind the results before it, and nothing is left running', async () => {
		const { task, aborted, end, fail, turns, running } = stage();
		const seen: string[] = [];
		const all = collect(mapInOrder([0, 1, 2], 3, task), seen);
		const failed = expect(all).rejects.toThrow('failed 1');
		await turns();
		await fail(1);
		await end(0);
		await failed;
		expect(seen).toEqual(['result 0']);
		expect(aborted).toEqual([2]);
		expect(running()).toBe(0);
	});

	it('a failure that waits for its turn is no unhandled rejection', async () => {
		const unhandled = jest.fn();
		process.on('unhandledRejection', unhandled);
		try {
			const { task, end, fail, turns } = stage();
			const failed = expect(collect(mapInOrder([0, 1], 2, task))).rejects.toThrow('failed 1');
			await turns();
			await fail(1);
			await end(0);
			await failed;
			expect(unhandled).not.toHaveBeenCalled();
		} finally {
			process.off('unhandledRejection', unhandled);
		}
	});

	it('stops its tasks and its source when the consumer leaves, and begins nothing more', async () => {
		const { task, started, end, turns, running } = stage();
		let closed = false;
		function* source() {
			try {
				for (let item = 0; ; item++) yield item;
			} finally {
				closed = true;
			}
		}
		const results = mapInOrder(source(), 3, task);
		const first = results.next();
		await turns();
		await end(0);
		await first;
		await results.return(undefined);
		await turns();
		expect(closed).toBe(true);
		expect(running()).toBe(0);
		expect(started.length).toBeLessThanOrEqual(4);
	});

	it('passes on the error of its source, and the signal from outside', async () => {
		function* broken() {
			yield 0;
			throw new Error('no more');
		}
		await expect(collect(mapInOrder(broken(), 2, async (item) => item))).rejects.toThrow('no more');
		const outer = new AbortController();
		const { task, turns } = stage();
		const stopped = expect(collect(mapInOrder([0], 2, task, outer.signal))).rejects.toThrow('stopped 0');
		await turns();
		outer.abort();
		await stopped;
	});

	it('refuses a limit that would run nothing', async () => {
		await expect(collect(mapInOrder([0], 0, async (item) => item))).rejects.toThrow(RangeError);
		await expect(mapAll([0], Number.NaN, async (item) => item)).rejects.toThrow(RangeError);
	});
});

describe('mapAll', () => {
	it('gives all results in the order of the items; a slow one holds up no other', async () => {
		const { task, started, end, turns, most } = stage();
		const all = mapAll([0, 1, 2, 3], 2, task);
		await turns();
		for (const item of [1, 2, 3]) await end(item);
		expect(started).toEqual([0, 1, 2, 3]);
		await end(0);
		expect(await all).toEqual([0, 1, 2, 3].map((item) => `result ${item}`));
		expect(most()).toBe(2);
	});

	it('ends with the first error at once: nothing more is begun, and what runs is told to stop', async () => {
		const { task, started, aborted, fail, turns, running } = stage();
		const failed = expect(mapAll([0, 1, 2, 3], 2, task)).rejects.toThrow('failed 1');
		await turns();
		await fail(1);
		await failed;
		expect(started).toEqual([0, 1]);
		expect(aborted).toEqual([0]);
		expect(running()).toBe(0);
	});

	it('keeps undefined items and results, and takes an empty list', async () => {
		expect(await mapAll([undefined, 1], 4, async (item) => item)).toEqual([undefined, 1]);
		expect(await mapAll([], 4, async (item) => item)).toEqual([]);
	});
});

test('slices cover a list once', () => {
	expect([...slices([1, 2, 3, 4, 5], 2)]).toEqual([[1, 2], [3, 4], [5]]);
	expect([...slices([], 2)]).toEqual([]);
});
