import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { ahead, untilAborted } from '../../../lib/ingest/streams';

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

async function* objects(count: number, seen: Array<WeakRef<object>>): AsyncGenerator<object> {
	for (let i = 0; i < count; i++) {
		const item = { text: 'x'.repeat(1000) + i };
		seen.push(new WeakRef(item));
		yield item;
	}
}

describe('streams', () => {
	it.each([
		['ahead', (items: AsyncIterable<object>) => ahead(items)],
		['untilAborted', (items: AsyncIterable<object>) => untilAborted(items, new AbortController().signal)],
	])('%s keeps no item that was handed on', async (_name, through) => {
		const seen: Array<WeakRef<object>> = [];
		let count = 0;
		for await (const item of through(objects(100, seen))) {
			expect(item).toBeDefined();
			if (++count < 100) continue;
			// A turn of the event loop ends the life of what a WeakRef gave out.
			await new Promise((resolve) => setImmediate(resolve));
			collectGarbage();
			expect(seen.filter((each) => each.deref() !== undefined).length).toBeLessThan(10);
		}
	});

	it('untilAborted ends while the producer makes it wait', async () => {
		const controller = new AbortController();
		async function* slow(): AsyncGenerator<number> {
			yield 1;
			await new Promise(() => undefined);
		}
		const taken: number[] = [];
		const run = (async () => {
			for await (const item of untilAborted(slow(), controller.signal)) taken.push(item);
		})();
		setTimeout(() => controller.abort(new Error('enough')), 20);
		await expect(run).rejects.toThrow('enough');
		expect(taken).toEqual([1]);
	});

	it('untilAborted hands on what a source throws, also a synchronous one', async () => {
		function* broken(): Generator<number> {
			yield 1;
			throw new Error('broken');
		}
		const run = (async () => {
			for await (const item of untilAborted(broken(), new AbortController().signal)) expect(item).toBe(1);
		})();
		await expect(run).rejects.toThrow('broken');
	});
});
