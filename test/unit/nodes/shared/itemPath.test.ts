import type { IDataObject } from 'n8n-workflow';
import { message } from '../../../../nodes/LocalEngine/actions/chat/message.operation';
import { itemPath, plainAt } from '../../../../nodes/shared/runtime/itemPath';
import { Run } from '../../../../nodes/shared/runtime/run';
import { contextOf } from '../../../support/nodeContext';

test.each([
	['={{ $json.text }}', ['text']],
	['={{$json.body.question}}', ['body', 'question']],
	['={{ $json["e-mail"].a[\'b c\'] }}', ['e-mail', 'a', 'b c']],
])('%s leads to one field of the item', (stored, path) => expect(itemPath(stored)).toEqual(path));

test.each([
	'text',
	'{{ $json.text }}',
	'=Dear {{ $json.name }}',
	'={{ $json.text }} ',
	'={{ $json.text.trim() }}',
	'={{ $json.list[0] }}',
	'={{ $json["a" + "b"] }}',
	'={{ $json }}',
	'={{ $json.a ?? $json.b }}',
	'={{ $input.item.json.text }}',
	undefined,
	{ value: '={{ $json.text }}' },
])('%p is left to n8n', (stored) => expect(itemPath(stored)).toBeUndefined());

test.each([
	[{ a: { b: 'x' } }, 'x'],
	[{ a: { b: '' } }, ''],
	[{ a: { b: 0 } }, 0],
	[{ a: { b: false } }, false],
	[{ a: { b: null } }, undefined],
	[{ a: { b: ['x'] } }, undefined],
	[{ a: 'x' }, undefined],
	[{}, undefined],
])('of %j, only a text, a number or a boolean is taken', (json, value) =>
	expect(plainAt(json as IDataObject, ['a', 'b'])).toBe(value),
);

test('what an object inherits is none of its fields', () =>
	expect(plainAt({}, ['constructor', 'name'])).toBeUndefined());

test('n8n is asked for an expression only where it does more than name a field, and for a tool always', () => {
	const prose = (type: string, json: IDataObject): [string, number] => {
		const context = contextOf({
			parameters: { message: '={{ $json.text }}' },
			items: [{ json }],
		});
		const node = { ...context.getNode(), type };
		const asked = jest.fn(() => 'from n8n');
		const run = new Run(
			{ ...context, getNode: () => node, getNodeParameter: asked as never },
			message.fields,
		);
		return [run.item(0).prose('message'), asked.mock.calls.length];
	};
	expect(prose('localEngine', { text: 'Hello' })).toEqual(['Hello', 0]);
	expect(prose('localEngine', { text: ['a', 'list'] })).toEqual(['from n8n', 1]);
	expect(prose('localEngineTool', { text: 'Hello' })).toEqual(['from n8n', 1]);
});
