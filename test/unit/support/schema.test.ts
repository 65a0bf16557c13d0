import { checkSchema } from '../../../lib/support/schema';

const invoice = {
	type: 'object',
	properties: {
		date: { type: 'string', pattern: '^\\d{4}-\\d{2}-\\d{2}$' },
		currency: { type: 'string', pattern: '^[A-Z]{3}$' },
	},
};

describe('a schema with several patterns', () => {
	it('holds each value to its own', async () => {
		expect(await checkSchema(invoice, { date: '2026-03-02', currency: 'EUR' })).toEqual({ problems: [] });
		expect(await checkSchema(invoice, { date: 'EUR', currency: '2026-03-02' })).toEqual({
			problems: [
				'/date must match pattern "^\\d{4}-\\d{2}-\\d{2}$"',
				'/currency must match pattern "^[A-Z]{3}$"',
			],
		});
	});

	it('takes what only JavaScript has, with a deadline', async () => {
		const schema = { type: 'string', pattern: '^(?!no)\\w+$' };
		expect(await checkSchema(schema, 'yes')).toEqual({ problems: [] });
		expect(await checkSchema(schema, 'none')).toMatchObject({
			problems: [expect.stringContaining('(?!no)')],
		});
	});
});
