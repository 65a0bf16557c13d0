import type { IExecuteFunctions } from 'n8n-workflow';
import { withErrorItems } from '../../../../nodes/shared/runtime/errors';
import { resources } from '../../../../nodes/LocalEngine/actions';
import { route } from '../../../../nodes/shared/runtime/operations';
import { contextOf } from '../../../support/nodeContext';

const items = [{ json: { text: 'one' } }, { json: { text: 'two' } }];
const contextThat = (continueOnFail: boolean): IExecuteFunctions =>
	contextOf({ items, continueOnFail, parameters: { resource: 'text', operation: 'unknown' } });

test('what a node throws as a whole is an error of each item where it is set to go on', async () => {
	const output = await route(contextThat(true), resources);
	expect(output).toEqual([
		[0, 1].map((item) =>
			expect.objectContaining({
				json: expect.objectContaining({ error: expect.stringContaining('no operation "unknown"') }),
				pairedItem: { item },
			}),
		),
	]);
});

test('else it is thrown, in words for people', async () => {
	await expect(route(contextThat(false), resources)).rejects.toThrow('no operation "unknown"');
	await expect(
		withErrorItems(contextThat(false), async () => await Promise.reject(new Error('Broken'))),
	).rejects.toMatchObject({ name: 'NodeOperationError', message: 'Broken' });
});
