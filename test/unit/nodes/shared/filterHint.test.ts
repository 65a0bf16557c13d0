// A filter that finds nothing says why.
import type { IDataObject } from 'n8n-workflow';
import { operations, runFor, useFolder } from '../tenants/tenants';
import { outputOf } from '../../../support/operation';

useFolder();

const index = { backend: 'embedded', index: 'kb', embedding: 'builtinFast' };

beforeEach(async () => {
	const rows = ['a', 'b'].map((source) => ({
		json: { source, text: `A lamp ${source}.`, metadata: { year: 2022, code: '7', open: true } },
	}));
	await runFor('vectorIndex: documents.upsert', index, rows);
});

async function hintsOf(name: string, parameters: IDataObject): Promise<string> {
	const operation = operations.get(name);
	if (!operation) throw new Error(`There is no ${name}`);
	const hints: string[] = [];
	await outputOf(operation, {
		parameters: { ...index, ...parameters },
		items: [{ json: { question: 'lamp' } }],
		hints,
	});
	return hints.join(' ');
}

const searches = ['vectorIndex: documents.search', 'vectorStore: load'];

it.each(searches)('%s: text against numbers is told, with what would match', async (name) => {
	const options = { filter: '{ "year": "2022" }' };
	const hints = await hintsOf(name, { options, queryText: 'lamp' });
	expect(hints).toContain('{"year":"2022"} matches no row, because its values are of another type');
	expect(hints).toContain('{"year":2022} matches 2');
});

it.each([
	['{ "code": 7 }', '{"code":"7"} matches 2'],
	['{ "open": "true" }', '{"open":true} matches 2'],
	['{ "or": [{ "year": { "in": ["2022"] } }] }', 'matches 2'],
	['{ "year": { "gte": "2000" } }', '{"year":{"gte":2000}} matches 2'],
	['{ "colour": "red" }', 'matches no row of the index'],
])('a search with %s says: %s', async (filter, sentence) => {
	expect(await hintsOf('vectorIndex: documents.search', { options: { filter } })).toContain(sentence);
});

it('deleting and exporting say it too; a filter that matches says nothing', async () => {
	const filter = '{ "year": "2022" }';
	expect(await hintsOf('vectorIndex: documents.delete', { deleteBy: 'filter', filter })).toContain(
		'another type',
	);
	expect(await hintsOf('vectorIndex: index.export', { filter })).toContain('another type');
	expect(await hintsOf('vectorIndex: documents.search', { options: { filter: '{ "year": 2022 }' } })).toBe(
		'',
	);
});
