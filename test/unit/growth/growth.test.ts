import { EXEMPT } from './exempt';
import { FAMILIES, hostileText } from './families';
import { drained, growthOf, type Subject } from './measure';
import { textFunctions } from './sources';
import { type Entry, MOST, SUBJECTS } from './subjects';

/** The whole test (`npm test -- growth`) goes to the largest text that the product accepts; every run to a part of it. */
const WHOLE = process.env.LOCAL_ENGINE_GROWTH === 'whole';
const SHORT = 1 << 14;

const functions = textFunctions();
const isExempt = (name: string) =>
	!(name in SUBJECTS) && Object.keys(EXEMPT).some((beginning) => name.startsWith(beginning));

/** Functions that take a text and nothing else are fed as they are found. */
const plain = functions
	.filter(({ name, plain: alone }) => alone && !(name in SUBJECTS) && !isExempt(name))
	.map(({ name, file, exported }): readonly [string, Entry] => {
		const module = jest.requireActual<Record<string, Subject>>(file);
		return [name, { most: MOST.answer, run: (text) => module[exported]?.(text) }];
	});
const entries = [...Object.entries(SUBJECTS), ...plain];

describe('the list of what reads text', () => {
	it('has every exported function of lib that takes some, fed or with the reason why not', () => {
		const fed = new Set(entries.map(([name]) => name));
		const missed = functions.map(({ name }) => name).filter((name) => !fed.has(name) && !isExempt(name));
		expect(missed).toEqual([]);
	});

	it('excuses nothing that is no longer there', () => {
		const unused = Object.keys(EXEMPT).filter(
			(beginning) => !functions.some(({ name }) => name.startsWith(beginning)),
		);
		expect(unused).toEqual([]);
	});
});

describe('a test that could not fail would be none', () => {
	const spaced = 'a'.concat('\t'.repeat(10));
	it.each<readonly [string, string, Subject]>([
		['a pattern that starts anew in a run', 'tabs', (text) => text.replace(/\s*\|\s*/g, ' ')],
		['a slash trimmed by a pattern', 'slashes', (text) => text.replace(/\/+$/, '')],
		[
			'a list that is searched for each entry',
			'letters',
			(text) => {
				let found = 0;
				for (let at = 0; at < text.length; at += 8) found += text.slice(at).split('b').length;
				return found + spaced.length;
			},
		],
	])('%s is found', async (_, family, subject) => {
		expect(await growthOf(subject, family, 1 << 18)).toMatchObject({ growth: expect.any(Number) });
	});
});

describe.each(entries)('%s', (_, { most, run, counted = 'thread' }) => {
	const largest = WHOLE ? most : Math.min(most, SHORT);

	it('takes time that grows with the length of its text', async () => {
		// What is loaded or compiled at first use is not the text's fault.
		for (const length of [64, 1_024]) await drained(run, hostileText('words', length));
		const found: Array<{ readonly family: string }> = [];
		for (const family of FAMILIES) {
			const growth = await growthOf(run, family, largest, counted);
			if (growth !== undefined) found.push({ family, ...growth });
		}
		expect(found).toEqual([]);
	}, 600_000);
});
