import { toTime, valueAt } from '../../../../nodes/shared/runtime/values';

describe('fields of an item', () => {
	const json = {
		question: 'Why?',
		body: { question: 'How?', list: [{ name: 'x' }] },
		'a.b': 'literal',
		n: 3,
		blank: ' ',
		control: '\u0000\u0007\u200b\n',
	};

	test.each([
		['question', 'Why?'],
		['body.question', 'How?'],
		['body.list.0.name', 'x'],
		['a.b', 'literal'],
		['body.missing.deeper', undefined],
		['question.length', undefined],
		['body.__proto__', undefined],
		['constructor', undefined],
	])('%s is looked up as %p', (path, expected) => {
		expect(valueAt(json, path)).toEqual(expected);
	});
});

describe('a time', () => {
	const berlin = (value: unknown) => new Date(toTime(value, 'Since', 'Europe/Berlin')).toISOString();

	test.each([
		['with a zone', '2024-05-02T00:00:00+02:00', '2024-05-01T22:00:00.000Z'],
		['in UTC', '2024-05-02T00:00Z', '2024-05-02T00:00:00.000Z'],
		['of a mail', 'Thu, 2 May 2024 10:00:00 +0200', '2024-05-02T08:00:00.000Z'],
		['without a zone, in summer', '2024-05-02T00:00:00', '2024-05-01T22:00:00.000Z'],
		['without a zone, in winter', '2024-01-02 08:30', '2024-01-02T07:30:00.000Z'],
		['of a day', '2024-05-02', '2024-05-01T22:00:00.000Z'],
		['in the hour before summer time begins', '2024-03-31T01:59:59', '2024-03-31T00:59:59.000Z'],
		['in the hour after it begins', '2024-03-31T03:00', '2024-03-31T01:00:00.000Z'],
		['in the hour after it ends', '2024-10-27T03:00', '2024-10-27T02:00:00.000Z'],
		['with parts of a second', '2024-05-02T00:00:00.250', '2024-05-01T22:00:00.250Z'],
		['of JavaScript', new Date('2024-05-02T00:00Z'), '2024-05-02T00:00:00.000Z'],
		['in milliseconds', Date.parse('2024-05-02T00:00Z'), '2024-05-02T00:00:00.000Z'],
	])('%s is that instant in the zone of the workflow', (_, value, expected) => {
		expect(berlin(value)).toBe(expected);
	});

	test.each([['5'], [5], ['02/05/2024'], ['2 May 2024'], ['2024-13-01'], [true], ['tomorrow'], [{ a: 1 }]])(
		'%p could be several, or none: it is refused by the name of its field',
		(value) => {
			expect(() => berlin(value)).toThrow(/^"Since" should be a time like/);
		},
	);

	it('is the same wherever n8n runs', () => {
		const before = process.env.TZ;
		const zones = ['UTC', 'Asia/Tokyo', 'America/New_York'].map((zone) => {
			process.env.TZ = zone;
			return berlin('2024-05-02T10:00:00');
		});
		if (before === undefined) delete process.env.TZ;
		else process.env.TZ = before;
		expect(new Set(zones)).toEqual(new Set(['2024-05-02T08:00:00.000Z']));
	});
});
