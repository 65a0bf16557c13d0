// What a caller sends and n8n cannot evaluate is the caller's mistake, in every field of every operation.
import { InputError } from '../../../../nodes/shared/runtime/errors';
import { evaluate } from '../../../../nodes/shared/runtime/expressions';
import { Run } from '../../../../nodes/shared/runtime/run';
import { contextOf } from '../../../support/nodeContext';
import { outputOf } from '../../../support/operation';
import { operations } from '../tenants/tenants';

/** As n8n 2.41 says it for `{ "toString": "x" }`. */
const refusal = new Error(
	'Expression evaluation failed: function toString() { [native code] } could not be cloned.',
);
const expression = (): never => {
	throw refusal;
};

it('keeps other errors of n8n as they are', () => {
	const other = new Error('Referenced node does not exist');
	expect(() =>
		evaluate('Text', () => {
			throw other;
		}),
	).toThrow(other);
});

it.each([...operations.keys()])('%s', async (name) => {
	const operation = operations.get(name);
	const fields = operation?.fields ?? [];
	const parameters = Object.fromEntries(
		fields
			.filter(({ type }) =>
				['string', 'number', 'boolean', 'options', 'json', 'resourceLocator'].includes(type),
			)
			.map((field) => [field.name, expression]),
	);
	if (Object.keys(parameters).length === 0) return;
	const work = operation?.execute(new Run(contextOf({ parameters }), fields));
	const thrown: unknown = await work?.then(undefined, (error: unknown) => error);
	expect(thrown).toBeInstanceOf(Error);
	expect(String(thrown)).toMatch(/cannot be read: its expression leads to an object with a key such as/);
	expect(String(thrown)).not.toContain('native code');
});

it('answers with 400 by the error output', async () => {
	const feedback = operations.get('distillation: record.feedback');
	if (!feedback) throw new Error('There is no such operation.');
	const parameters = { recordBackend: 'sqlite', collection: 'a', recordId: 'x', thumb: expression };
	const [item] = await outputOf(feedback, { parameters, continueOnFail: true });
	expect(item?.json).toMatchObject({
		error: expect.stringMatching(/^"Thumb" cannot be read/),
		details: { kind: 'invalidInput', statusCode: 400 },
	});
	expect(() => evaluate('Thumb', expression)).toThrow(InputError);
});
