import { rebuildTexts, type TextPart, withCopies } from '../../../lib/evaluation';

async function* rows(...parts: TextPart[]): AsyncGenerator<TextPart> {
	for (const part of parts) yield await Promise.resolve(part);
}
const part = (source: string, text: string, start: number): TextPart => ({
	source,
	text,
	start,
	end: start + text.length,
});

describe('texts put together from the rows of an index', () => {
	it('have every character at its own place, also where chunks overlap, come in any order, or leave gaps', async () => {
		const texts = await rebuildTexts(
			rows(part('a', 'or is open.', 6), part('a', 'The door is', 0), part('b', 'later', 10)),
			1_000,
		);
		expect(texts?.get('a')).toBe('The door is open.');
		expect(texts?.get('b')).toBe(`${'\0'.repeat(10)}later`);
	});

	it('let copies of a passage be found in other documents', async () => {
		const texts = await rebuildTexts(
			rows(part('a', 'One. The key is blue. Two.', 0), part('b', 'The key is blue.', 0)),
			1_000,
		);
		const question = { id: '1', text: '?', passages: [{ source: 'a', start: 5, end: 21 }] };
		expect(withCopies([question], texts ?? new Map())[0]?.passages).toEqual([
			{ source: 'a', start: 5, end: 21, copies: [{ source: 'b', start: 0, end: 16 }] },
		]);
	});

	it('leave out rows without a place', async () => {
		const texts = await rebuildTexts(rows({ source: 'a', text: 'x' }, part('b', 'y', 0)), 10);
		expect([...(texts ?? [])]).toEqual([['b', 'y']]);
	});

	it('are none above the bound', async () => {
		expect(await rebuildTexts(rows(part('a', 'x'.repeat(11), 0)), 10)).toBeUndefined();
	});
});
