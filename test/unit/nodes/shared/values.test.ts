import { objectParameter, textAt, valueAt } from '../../../../nodes/shared/runtime/values';
import { contextOf } from '../../../support/nodeContext';

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

	test.each([
		['missing', /is missing: the item has no field "missing"/],
		['n', /should be text, but the field "n" holds a number/],
		['body', /holds an object/],
		['blank', /is empty/],
		['control', /is empty/],
	])('text at "%s" is refused in a sentence that names the field', (path, message) => {
		expect(() => textAt(json, path, 'The question')).toThrow(message);
	});

	test('a text over the limit is refused with both lengths', () => {
		expect(() => textAt({ q: 'x'.repeat(11) }, 'q', 'The question', 10)).toThrow(
			/11 characters long; at most 10/,
		);
	});

	test('a JSON field is read as text or as an object, and refused otherwise', () => {
		const read = (value: unknown) =>
			objectParameter(contextOf({ parameters: { filter: value } }), 'filter', 0, 'The filter');
		expect(read('{"a":1}')).toEqual({ a: 1 });
		expect(read({ a: 1 })).toEqual({ a: 1 });
		expect(read('')).toEqual({});
		expect(() => read('{"a":')).toThrow(/The filter is not valid JSON/);
		expect(() => read('[1]')).toThrow(/should be an object .* but is a list/);
	});
});
