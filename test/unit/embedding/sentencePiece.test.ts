import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { SentencePiece } from '../../../lib/embedding/sentencePiece';

const folder = path.join(__dirname, '../../../models/multilingual-e5-small');
const file = path.join(folder, 'tokenizer.bin.gz');
const { fixtures }: { fixtures: ReadonlyArray<{ kind: string; text: string; ids: number[] }> } = JSON.parse(
	readFileSync(path.join(folder, 'fixtures.json'), 'utf8'),
);

let tokenizer: SentencePiece;
beforeAll(async () => {
	tokenizer = await SentencePiece.load(file, 250_001);
});

function tokens(text: string, stride?: number): { ids: number[]; ranges: string[] } {
	const scan = tokenizer.scan(text, stride);
	while (scan.advance(true));
	const ids = Array.from(scan.ids.subarray(0, scan.length));
	return { ids, ranges: ids.map((_, i) => text.slice(scan.starts[i], scan.ends[i])) };
}

describe('the tokenizer of the multilingual model', () => {
	it('gives exactly the ids of the fixtures, in thirty languages', () => {
		expect(fixtures).toHaveLength(60);
		for (const { kind, text, ids } of fixtures) {
			const own = [0, ...tokens(`${kind}: ${text}`).ids.slice(0, 510), 2];
			expect({ text, ids: own }).toEqual({ text, ids });
		}
	});

	it('gives the tokens of a prefix and of the text behind it as if they stood alone', () => {
		for (const { kind, text } of fixtures)
			expect(tokens(`${kind}: ${text}`).ids).toEqual([...tokens(`${kind}: `).ids, ...tokens(text).ids]);
	});

	it('knows the place of each token in the text, also where characters are replaced', () => {
		expect(tokens('Die ﬁnale Größe.').ranges).toEqual(['Die', 'ﬁnale', 'Größe', '.']);
		for (const { text } of fixtures) {
			const { ranges } = tokens(text);
			const visible = (part: string): string => part.replace(/[\s\p{Cc}\p{Cf}]/gu, '');
			expect(visible(ranges.join('')).length).toBeGreaterThanOrEqual(visible(text).length * 0.9);
		}
	});

	it('takes text that looks like a special token for text', () => {
		expect(tokens('<s> <mask> </s>').ids.some((id) => id < 3 || id === 250_001)).toBe(false);
	});

	it('reads a text without blanks in strides as in one go', () => {
		const { text } = fixtures.find(
			({ ids, text: each }) => ids.length > 60 && /\p{Script=Han}/u.test(each),
		) ?? { text: '' };
		const long = text.replace(/\s/g, '').repeat(40);
		expect(long.length).toBeGreaterThan(2_000);
		expect(tokens(long, 300).ids).toEqual(tokens(long, 1e9).ids);
		expect(tokens(long, 300).ranges.join('')).toBe(long);
	});

	it('ends on any text, and finds the same in strides of any length when the words are short', () => {
		fc.assert(
			fc.property(
				fc.array(fc.string({ unit: 'binary', maxLength: 12 })),
				fc.integer({ min: 100, max: 200 }),
				(words, stride) => {
					const text = words.join(' ');
					expect(tokens(text, stride).ids).toEqual(tokens(text, 1e9).ids);
				},
			),
			{ numRuns: 200 },
		);
	});

	it('of nothing but white space finds none', () => {
		expect(tokens(' \n\t\u3000\u00a0').ids).toEqual([]);
		expect(tokens('').ids).toEqual([]);
	});

	it.each([
		['not zipped', () => Buffer.from('E5TK')],
		['another file', () => gzipSync(Buffer.from('x'.repeat(100)))],
		['cut off', () => gzipSync(gunzipSync(readFileSync(file)).subarray(0, 1_000_000))],
	])('refuses a file that is %s', async (_, content) => {
		const broken = path.join(mkdtempSync(path.join(tmpdir(), 'tokenizer-')), 'tokenizer.bin.gz');
		writeFileSync(broken, content());
		await expect(SentencePiece.load(broken, 250_001)).rejects.toMatchObject({ kind: 'modelMissing' });
	});
});
