import { CacheWatch } from '../../../../nodes/LocalEngine/actions/chat/cacheWatch';

const hintAfter = (calls: Array<{ promptTokens: number; cachedTokens?: number }>) => {
	const watch = new CacheWatch();
	for (const call of calls) watch.add({ completionTokens: 1, ...call });
	return watch.hint();
};

describe('the hint about the prompt cache', () => {
	test('comes when long prompts hardly ever hit the cache', () => {
		expect(hintAfter(Array.from({ length: 4 }, () => ({ promptTokens: 900, cachedTokens: 3 })))).toMatch(
			/all 4 prompts .*\(0 % came from its prompt cache/,
		);
	});

	test.each([
		['the cache works', Array.from({ length: 4 }, () => ({ promptTokens: 900, cachedTokens: 700 }))],
		['prompts are short', Array.from({ length: 4 }, () => ({ promptTokens: 90, cachedTokens: 0 }))],
		['there are few calls', Array.from({ length: 2 }, () => ({ promptTokens: 900, cachedTokens: 0 }))],
		['the engine does not tell', Array.from({ length: 4 }, () => ({ promptTokens: 900 }))],
	])('stays away when %s', (_, calls) => {
		expect(hintAfter(calls)).toBeUndefined();
	});
});
