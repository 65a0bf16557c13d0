import type { INodeProperties } from 'n8n-workflow';
import { search } from '../../../../nodes/VectorIndex/actions/documents/search.operation';
import { searchOptions } from '../../../../nodes/shared/fields/searchOptions';
import { searchSettings } from '../../../../nodes/shared/runtime/searchSettings';
import { itemWith } from '../../../support/operation';

const option = (name: string): INodeProperties | undefined =>
	searchOptions.find((each) => each.name === name);

describe('the options of a search', () => {
	it('that lose right passages do nothing when they are added and left as they are', () => {
		const options = Object.fromEntries(searchOptions.map(({ name, default: value }) => [name, value]));
		const parameters = { searchMode: 'hybrid', options };
		const item = itemWith(search.fields, { parameters, items: [{ json: {} }] });
		const { perSource, diversity, minScore, preferNewer } = searchSettings(item);
		expect({ perSource, diversity, minScore, preferNewer }).toEqual({ diversity: 0, minScore: 0 });
		expect(item.optionalFlag('options.rerank')).toBe(false);
	});

	it('are offered only in the search modes in which they do something', () => {
		for (const [name, modes] of [
			['exact', ['hybrid', 'vector']],
			['fusion', ['hybrid']],
			['vectorWeight', ['hybrid']],
		] as const)
			expect(option(name)?.displayOptions?.show).toEqual({ '/searchMode': modes });
	});

	it('say what they cost', () => {
		expect(option('perSource')?.description).toContain('about 5 of 100 right passages are missed');
		expect(option('diversity')?.description).toContain('about 6 of 100 right passages are missed');
		expect(option('rerank')?.description).toContain('needs an engine with a rerank model');
	});
});
