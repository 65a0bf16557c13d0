import type { NodeContext } from '../../../../nodes/shared/runtime/context';
import type { NodeForm } from '../../../../nodes/shared/runtime/nodeForm';
import { NodeItem } from '../../../../nodes/shared/runtime/nodeItem';

const itemWith = (json: unknown): NodeItem =>
	new NodeItem(
		{ getInputData: () => [{ json }] } as unknown as NodeContext,
		{} as NodeForm,
		0,
		new AbortController().signal,
	);

const nested = (depth: number): object => {
	let value: object = {};
	for (let i = 0; i < depth; i++) value = { a: value };
	return value;
};

it('an item that is nested too deep is the caller’s mistake, in every operation', () => {
	expect(() => itemWith({ record: nested(20_000) }).json).toThrow(
		'The item is nested deeper than 200 levels. Send flatter data.',
	);
});

it('others are read as they are', () => {
	const json = { record: nested(150), text: 'a' };
	expect(itemWith(json).json).toBe(json);
});
