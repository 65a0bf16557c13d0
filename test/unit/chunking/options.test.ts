import { chunk, chunkSync, ChunkingError, type ChunkOptions } from '../../../lib/chunking';

function failure(options: unknown, text: unknown = 'text'): ChunkingError {
	let thrown: unknown;
	try {
		Array.from(Reflect.apply(chunkSync, undefined, [text, options]));
	} catch (error) {
		thrown = error;
	}
	if (!(thrown instanceof ChunkingError)) throw new Error(`no ChunkingError: ${String(thrown)}`);
	return thrown;
}

describe('Options that cannot work are refused before any work', () => {
	test.each([
		[{ method: 'fixed', size: 10, overlap: 10 }, /overlap \(10\) must be smaller than the chunk size \(10\)/],
		[{ method: 'fixed', size: 10, overlap: 11 }, /overlap/],
		[{ method: 'fixed', size: 0 }, /"size" is 0/],
		[{ method: 'fixed', size: 2.5 }, /"size" is 2.5/],
		[{ method: 'fixed', size: '100' }, /"size"/],
		[{ method: 'fixed', size: Number.NaN }, /"size" is NaN/],
		[{ method: 'fixed', size: 10, overlap: -1 }, /"overlap" is -1/],
		[{ method: 'fixed', size: 10, parentSize: 5 }, /parent size \(5\)/],
		[{ method: 'fixed', size: 10, unit: 'words' }, /unit "words" is unknown/],
		[{ method: 'zigzag', size: 10 }, /method "zigzag" is unknown/],
		[{ method: 'fixed', size: 2, unit: 'custom', countTokens: () => 2 }, /special tokens alone are 2/],
	])('%j', (options, words) => {
		const error = failure(options);
		expect(error.kind).toBe('invalidOptions');
		expect(error.message).toMatch(words);
	});

	test('a unit of tokens without a counter says what is missing', () => {
		expect(failure({ method: 'fixed', size: 10, unit: 'wordpiece' })).toMatchObject({
			kind: 'missingService',
			message: /countTokens/,
		});
	});

	test('a counter that returns no number is named as the cause', () => {
		const countTokens = (text: string) => (text === '' ? 0 : Number.NaN);
		expect(failure({ method: 'fixed', size: 10, unit: 'custom', countTokens })).toMatchObject({
			kind: 'badService',
		});
	});

	test('something that is no text is refused', () => {
		expect(failure({ method: 'fixed', size: 10 }, 7)).toMatchObject({
			kind: 'invalidOptions',
			message: /number, not a text/,
		});
		expect(failure({ method: 'fixed', size: 10 }, null)).toMatchObject({
			kind: 'invalidOptions',
			message: /null, not a text/,
		});
	});
});

test('an empty text has no chunks', () => {
	expect([...chunkSync('', { method: 'markdown', size: 5, overlap: 2 })]).toEqual([]);
});

describe('The asynchronous way', () => {
	const options: ChunkOptions = { method: 'recursive', size: 100 };

	test('gives way to timers while a large text is cut', async () => {
		let turns = 0;
		const timer = setInterval(() => turns++, 1);
		let count = 0;
		for await (const piece of chunk('some words to cut\n'.repeat(500_000), options))
			count += piece.index >= 0 ? 1 : 0;
		clearInterval(timer);
		expect(count).toBeGreaterThan(50_000);
		expect(turns).toBeGreaterThan(2);
	});

	test('ends with a cancellation when the signal says so', async () => {
		const abort = new AbortController();
		const seen: number[] = [];
		const run = async () => {
			for await (const piece of chunk('word '.repeat(1000), options, { signal: abort.signal })) {
				seen.push(piece.index);
				if (piece.index === 3) abort.abort(new Error('enough'));
			}
		};
		await expect(run()).rejects.toMatchObject({ kind: 'cancelled' });
		expect(seen).toEqual([0, 1, 2, 3]);
	});
});
