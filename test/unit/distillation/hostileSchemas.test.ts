import { curate, toRecord } from '../../../lib/distillation';
import { checkSchema } from '../../../lib/support/schema';

const call = (name: string, parameters: object, value: object) => ({
	messages: [{ role: 'user', content: `Call ${name}` }],
	tools: [{ name, parameters }],
	answer: {
		content: '',
		finishReason: 'toolCalls',
		toolCalls: [{ id: '1', name, arguments: JSON.stringify(value) }],
	},
});

/** Each definition asks for the one below it twice: 2^40 checks. */
const multiplying = {
	definitions: Object.fromEntries(
		Array.from({ length: 40 }, (_, at) => [
			`d${at}`,
			at === 39
				? { type: 'string' }
				: { anyOf: [{ $ref: `#/definitions/d${at + 1}` }, { $ref: `#/definitions/d${at + 1}` }] },
		]),
	),
	properties: { a: { $ref: '#/definitions/d0' } },
};
const manyPatterns = {
	properties: Object.fromEntries(
		Array.from({ length: 1_600 }, (_, at) => [`p${at}`, { pattern: `^a{${at % 50}}$` }]),
	),
};

const HOSTILE: ReadonlyArray<readonly [string, object, object]> = [
	[
		'a pattern of exponential time',
		{ properties: { a: { pattern: '^(a+)+$' } } },
		{ a: `${'a'.repeat(40)}!` },
	],
	['one that looks behind', { properties: { a: { pattern: '^(?=(a+)+$)' } } }, { a: `${'a'.repeat(40)}!` }],
	['1,600 patterns', manyPatterns, { p1: 'b' }],
	['references that multiply', multiplying, { a: 1 }],
	['a reference to itself', { $ref: '#' }, { a: 1 }],
	['no schema at all', { type: 'nonsense' }, { a: 1 }],
];

it.each(HOSTILE)('a record with %s fails alone, and the set is built', async (_, parameters, value) => {
	const honest = call('honest', { properties: { a: { type: 'string', pattern: '^b+$' } } }, { a: 'bbb' });
	const set = await curate([toRecord(call('hostile', parameters, value)), toRecord(honest)], {
		duplicates: false,
		empty: false,
	});
	const kept: string[] = [];
	for await (const { record } of set.records()) kept.push(record.tools?.[0]?.name ?? '');
	await set.close();
	expect(kept).toEqual(['honest']);
});

it('the event loop is free while a hostile schema is checked', async () => {
	let turns = 0;
	const timer = setInterval(() => turns++, 10);
	await checkSchema({ ...multiplying, title: 'not tried before' }, { a: 1 });
	clearInterval(timer);
	expect(turns).toBeGreaterThan(10);
});

it('a schema that took too long is not tried again', async () => {
	expect(await checkSchema(multiplying, { a: 2 })).toMatchObject({
		invalidSchema: expect.stringMatching(/took longer/),
	});
});

it('an honest schema of each draft is checked as before', async () => {
	expect(await checkSchema({ type: 'object', required: ['a'] }, {})).toEqual({
		problems: ["the value must have required property 'a'"],
	});
	expect(await checkSchema({ type: 'array', prefixItems: [{ type: 'number' }] }, ['a'])).toEqual({
		problems: ['/0 must be number'],
	});
	expect(await checkSchema({ enum: ['a', 'b'] }, 'c')).toEqual({
		problems: ['the value must be equal to one of the allowed values (a,b)'],
	});
});
