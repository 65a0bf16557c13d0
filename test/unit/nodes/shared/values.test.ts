import { valueAt } from '../../../../nodes/shared/runtime/values';

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
