import { createCacheWatch } from '../../../lib/engine';

const RULES = 'You answer questions about the museum. Be brief, be polite, quote prices exactly. '.repeat(6);
const ask = (system: string) => ({
	messages: [
		{ role: 'system' as const, content: system },
		{ role: 'user' as const, content: 'Hi' },
	],
});
const usage = { promptTokens: 200, completionTokens: 5 };

test('a date at the top of a long system prompt is noticed after a few calls, and told once', () => {
	const watch = createCacheWatch();
	const hints = Array.from({ length: 8 }, (_, i) =>
		watch(ask(`Now: 2026-11-2${i} 10:0${i}. ${RULES}`), usage),
	);
	expect(hints.filter((hint) => hint !== undefined)).toHaveLength(1);
	expect(hints[3]).toMatch(/at character 14 .*2026-11.*Put what changes at its end/);
});

test.each([
	['the date comes at the end', (i: number) => `${RULES} Now: 10:0${i}`],
	['nothing changes', () => RULES],
	['every prompt is another one', (i: number) => `${i}`.repeat(700)],
	['the prompt is short', (i: number) => `Now 10:0${i}. Be brief.`],
])('nothing is said when %s', (_, system) => {
	const watch = createCacheWatch();
	for (let i = 0; i < 8; i++) expect(watch(ask(system(i)), usage)).toBeUndefined();
});

test('nothing is said when the engine kept most of it all the same', () => {
	const watch = createCacheWatch();
	for (let i = 0; i < 8; i++)
		expect(watch(ask(`Now: 10:0${i}. ${RULES}`), { ...usage, cachedTokens: 150 })).toBeUndefined();
});
