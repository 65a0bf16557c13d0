import { NodeOperationError } from 'n8n-workflow';
import { EngineError } from '../../../../lib/engine';
import { optionsField } from '../../../../nodes/shared/fields/optionsField';
import { InputError } from '../../../../nodes/shared/runtime/errors';
import { forEachItem } from '../../../../nodes/shared/runtime/items';
import type { ContextOptions } from '../../../support/nodeContext';
import { runOf } from '../../../support/operation';

const items = [{ json: { n: 1 } }, { json: { n: 2 } }, { json: { n: 3 } }];
const over = (options: ContextOptions) => runOf([optionsField()], options);

describe('an operation over items', () => {
	test('results are paired with the item they come from, one or several each', async () => {
		const [output] = await forEachItem(over({ items }), async ({ index }) =>
			index === 1 ? [{ json: { a: 1 } }, { json: { a: 2 } }] : { json: { a: 0 } },
		);
		expect(output?.map(({ json, pairedItem }) => [json.a, pairedItem])).toEqual([
			[0, { item: 0 }],
			[1, { item: 1 }],
			[2, { item: 1 }],
			[0, { item: 2 }],
		]);
	});

	test('an error names its item and stops the node', async () => {
		const run = forEachItem(over({ items }), async ({ index }) => {
			if (index === 1) throw new InputError('The text is empty.');
			return { json: {} };
		});
		const error = await run.catch((thrown: unknown) => thrown);
		expect(error).toBeInstanceOf(NodeOperationError);
		expect(error).toMatchObject({ message: 'The text is empty.', context: { itemIndex: 1 } });
	});

	test('with "continue on fail" the other items are done and the failed one says why', async () => {
		const [output] = await forEachItem(over({ items, continueOnFail: true }), async ({ index }) => {
			if (index === 1) throw new InputError('The text is empty.');
			return { json: { ok: true } };
		});
		expect(output?.map(({ json }) => json)).toEqual([
			{ n: 1, ok: true },
			{ n: 2, error: 'The text is empty.', details: { kind: 'invalidInput', statusCode: 400 } },
			{ n: 3, ok: true },
		]);
		expect(output?.[1]?.pairedItem).toEqual({ item: 1 });
	});

	test('the engine’s own words stand in the description', async () => {
		const error = await forEachItem(over({ items }), async () => {
			throw new EngineError('modelNotFound', 'The model "x" is not on Ollama. Pull it.', {
				engine: 'Ollama',
				engineMessage: 'model "x" not found, try pulling it first',
				attempts: [
					{ engine: 'Ollama', model: 'x', outcome: 'modelNotFound', message: 'not found', queueMs: 0, ms: 3 },
				],
			});
		}).catch((thrown: unknown) => thrown);
		expect(error).toMatchObject({
			message: 'The model "x" is not on Ollama. Pull it.',
			description: expect.stringContaining('try pulling it first') as string,
		});
	});
});
