import { contextOf } from '../../../support/nodeContext';
import { Run } from '../../../../nodes/shared/runtime/run';
import { operations } from '../tenants/tenants';
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

it.each([...operations.keys()])('%s: no expression is evaluated for it', async (name) => {
	const operation = operations.get(name);
	const fields = operation?.fields ?? [];
	let evaluated = 0;
	const expression = () => {
		evaluated++;
		return 'x';
	};
	// Every field is an expression, as `{{ $json.body.record }}` in a template.
	const parameters = Object.fromEntries(
		fields
			.filter(({ type }) =>
				['string', 'number', 'boolean', 'options', 'json', 'resourceLocator'].includes(type),
			)
			.map((field) => [field.name, expression]),
	);
	const context = contextOf({ parameters, items: [{ json: { body: { record: nested(20_000) } } }] });
	// One without fields has no expressions.
	if (Object.keys(parameters).length === 0) return;
	const work = operation?.execute(new Run(context, fields));
	await expect(work).rejects.toThrow('nested deeper than 200 levels');
	expect(evaluated).toBe(0);
});
