import { type Line, MAX_LINE, readLines } from '../../../lib/support';

async function all(pieces: Iterable<Uint8Array | string>, maxLength?: number): Promise<Line[]> {
	const lines: Line[] = [];
	for await (const line of readLines(pieces, maxLength)) lines.push(line);
	return lines;
}

test('lines are found whatever the pieces', async () => {
	const bytes = Buffer.from('one\r\nzwölf 漢字 \u2028 end\n\nlast');
	for (const size of [1, 2, 3, 7, 100]) {
		const pieces = Array.from({ length: Math.ceil(bytes.length / size) }, (_, part) =>
			bytes.subarray(part * size, (part + 1) * size),
		);
		expect((await all(pieces)).map(({ text }) => text)).toEqual(['one', 'zwölf 漢字 \u2028 end', '', 'last']);
	}
});

test('a line that is too long comes without its text, and the one behind it is read', async () => {
	expect(await all(['ab', 'cd', 'ef\nok\nabcdefgh\nx'], 4)).toEqual([
		{ number: 1, text: undefined },
		{ number: 2, text: 'ok' },
		{ number: 3, text: undefined },
		{ number: 4, text: 'x' },
	]);
	expect(await all(['ok\nabcde'], 4)).toEqual([
		{ number: 1, text: 'ok' },
		{ number: 2, text: undefined },
	]);
});

test('a line that is too long is told before its end is read', async () => {
	let given = 0;
	function* endless(): Generator<string> {
		for (;;) {
			given++;
			yield 'abc';
		}
	}
	const { value } = await readLines(endless(), 30).next();
	expect(value).toEqual({ number: 1, text: undefined });
	expect(given).toBe(11);
});

test('a line of the greatest length in many small pieces is read in linear time', async () => {
	const piece = 'x'.repeat(64);
	const pieces = Array.from({ length: MAX_LINE / piece.length }, () => piece);
	const [line] = await all(pieces);
	expect(line?.text).toHaveLength(MAX_LINE);
});
