import Ajv from 'ajv';
import { schemaOfExample, schemaOfFields } from '../../../../nodes/LocalEngine/actions/text/schema';

describe('the schema of an extraction', () => {
	const accepts = (schema: object, value: unknown) =>
		new Ajv({ allowUnionTypes: true }).validate(schema, value);

	test('fields of the form become required keys; optional ones may be null, choices are held to', () => {
		const schema = schemaOfFields([
			{ name: 'number', type: 'string', description: 'Invoice number' },
			{ name: 'total', type: 'number', required: false },
			{ name: 'state', type: 'string', choices: ['open', 'paid'], required: false },
			{ name: 'tags', type: 'array' },
		]);
		expect(accepts(schema, { number: 'A1', total: null, state: 'paid', tags: ['x'] })).toBe(true);
		expect(accepts(schema, { number: 'A1', total: 3, state: null, tags: [] })).toBe(true);
		expect(accepts(schema, { number: 'A1', total: 3, state: 'lost', tags: [] })).toBe(false);
		expect(accepts(schema, { total: 3, state: null, tags: [] })).toBe(false);
		expect(accepts(schema, { number: 'A1', total: 3, state: null, tags: [], more: 1 })).toBe(false);
	});

	test('dates are written as YYYY-MM-DD and money as a number, whatever the document looks like', () => {
		const schema = schemaOfFields([
			{ name: 'due', type: 'date' },
			{ name: 'at', type: 'dateTime', required: false },
			{ name: 'total', type: 'money', description: 'Gross amount' },
		]);
		expect(accepts(schema, { due: '2026-03-01', at: '2026-03-01T10:00:00Z', total: 1234.5 })).toBe(true);
		expect(accepts(schema, { due: '2026-03-01', at: null, total: 0 })).toBe(true);
		expect(accepts(schema, { due: '1.3.2026', at: null, total: 0 })).toBe(false);
		expect(accepts(schema, { due: '2026-03-01', at: 'tomorrow', total: 0 })).toBe(false);
		expect(accepts(schema, { due: '2026-03-01', at: null, total: '1.234,50 €' })).toBe(false);
		expect(JSON.stringify(schema)).toContain('Gross amount. An amount of money as a number');
	});

	test.each([
		[[], /No field/],
		[[{ name: ' ', type: 'string' as const }], /has no name/],
		[
			[
				{ name: 'a', type: 'string' as const },
				{ name: 'a', type: 'number' as const },
			],
			/named twice/,
		],
	])('%j is refused', (fields, message) => {
		expect(() => schemaOfFields(fields)).toThrow(message);
	});

	test('an example is accepted by its own schema, and something else is not', () => {
		const example = { id: 'x', total: 1.5, paid: false, items: [{ name: 'Desk', n: 1 }], note: null };
		const schema = schemaOfExample(example);
		expect(accepts(schema, example)).toBe(true);
		expect(accepts(schema, { ...example, items: [{ name: 'Desk' }] })).toBe(false);
		expect(accepts(schema, { ...example, total: '1.5' })).toBe(false);
		expect(accepts(schema, { ...example, total: null, items: [{ name: null, n: null }] })).toBe(true);
	});
});
