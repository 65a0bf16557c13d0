import { NodeOperationError } from 'n8n-workflow';
import { EngineError } from '../../../../lib/engine';
import { optionsField } from '../../../../nodes/shared/fields/optionsField';
import { InputError, toNodeError } from '../../../../nodes/shared/runtime/errors';
import { forEachItem } from '../../../../nodes/shared/runtime/items';
import { type ContextOptions, contextOf } from '../../../support/nodeContext';
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

describe('several items at once', () => {
	const many = Array.from({ length: 40 }, (_, n) => ({
		json: { n },
		binary: { mail: { data: '', mimeType: 'a/b' } },
	}));
	const batching = { atOnce: 7, pauseMs: 0 };
	const wait = (index: number) => new Promise((resolve) => setTimeout(resolve, (index * 7) % 5));

	test('no more than allowed, and the output has the order of the input', async () => {
		let running = 0;
		let most = 0;
		const [output = []] = await forEachItem(
			over({ items: many }),
			async ({ index }) => {
				most = Math.max(most, ++running);
				await wait(index);
				running--;
				return { json: { result: index } };
			},
			() => ({ batching }),
		);
		expect(most).toBe(7);
		expect(output.map(({ json: { n, result } }) => [n, result])).toEqual(many.map((_, n) => [n, n]));
	});

	test('one that fails fails alone, with its data and its files', async () => {
		const [output = []] = await forEachItem(
			over({ items: many, continueOnFail: true }),
			async ({ index }) => {
				await wait(index);
				if (index % 3 === 0) throw new InputError('No.');
				return { json: { result: index } };
			},
			() => ({ batching }),
		);
		expect(output).toHaveLength(many.length);
		for (const [index, { json, binary, pairedItem }] of output.entries()) {
			expect(json).toEqual(
				index % 3 === 0
					? { n: index, error: 'No.', details: { kind: 'invalidInput', statusCode: 400 } }
					: { n: index, result: index },
			);
			expect([binary, pairedItem]).toEqual([many[index]?.binary, { item: index }]);
		}
	});

	test('for an error output the item holds nothing but the error, and its files', async () => {
		const run = over({
			items: many.slice(0, 1),
			continueOnFail: true,
			node: { onError: 'continueErrorOutput' },
		});
		const [[failed] = []] = await forEachItem(run, async () => {
			throw new InputError('No.');
		});
		expect(failed).toEqual({
			json: { error: 'No.', details: { kind: 'invalidInput', statusCode: 400 } },
			binary: many[0]?.binary,
			pairedItem: { item: 0 },
		});
	});

	test('the first failure stops the node: calls in progress are cancelled, no further item begins', async () => {
		const begun: number[] = [];
		const cancelled: number[] = [];
		const running = forEachItem(
			over({ items: many }),
			async ({ index, signal }) => {
				begun.push(index);
				if (index === 3) throw new InputError('No.');
				await new Promise<void>((_, reject) =>
					signal?.addEventListener('abort', () => {
						cancelled.push(index);
						reject(new Error('cancelled'));
					}),
				);
				return { json: {} };
			},
			() => ({ batching }),
		);
		await expect(running).rejects.toMatchObject({ message: 'No.', context: { itemIndex: 3 } });
		expect(begun).toEqual([0, 1, 2, 3, 4, 5, 6]);
		expect(cancelled.sort()).toEqual([0, 1, 2, 4, 5, 6]);
	});

	test('with a pause, a batch is done before the next one begins', async () => {
		const log: string[] = [];
		await forEachItem(
			over({ items: many.slice(0, 5) }),
			async ({ index }) => {
				log.push(`begin ${index}`);
				await wait(index);
				log.push(`end ${index}`);
				return { json: {} };
			},
			() => ({ batching: { atOnce: 2, pauseMs: 1 } }),
		);
		const batches = [log.slice(0, 4), log.slice(4, 8), log.slice(8)].map((batch) => [...batch].sort());
		expect(batches).toEqual([
			['begin 0', 'begin 1', 'end 0', 'end 1'],
			['begin 2', 'begin 3', 'end 2', 'end 3'],
			['begin 4', 'end 4'],
		]);
	});
});

describe('the result and the input', () => {
	const items = [{ json: { text: 'in', kept: 1 }, binary: { mail: { data: '', mimeType: 'a/b' } } }];
	const work = async () => ({ json: { text: 'out' }, binary: { page: { data: '', mimeType: 'c/d' } } });
	const ran = async (options: object) =>
		(await forEachItem(over({ items, parameters: { options } }), work))[0]?.[0];

	test('the result is added to the item, its files too', async () => {
		expect(await ran({})).toMatchObject({ json: { text: 'out', kept: 1 }, binary: { mail: {}, page: {} } });
	});
	test('under a field, so that nothing is replaced', async () => {
		expect((await ran({ resultField: 'result' }))?.json).toEqual({
			text: 'in',
			kept: 1,
			result: { text: 'out' },
		});
	});
	test('alone', async () => {
		const alone = await ran({ includeInput: false });
		expect(alone?.json).toEqual({ text: 'out' });
		expect(Object.keys(alone?.binary ?? {})).toEqual(['page']);
	});
});

test('a sentence of ours is the headline, once, also where it names a system error', () => {
	const message = 'Nobody answers at 127.0.0.1:1 (connect ECONNREFUSED 127.0.0.1:1). Start the engine.';
	const attempt = { engine: 'e', model: 'm', outcome: 'unreachable' as const, message, queueMs: 0, ms: 1 };
	const error = toNodeError(
		contextOf({}).getNode(),
		new EngineError('unreachable', message, { engine: 'e', attempts: [attempt, attempt] }),
		0,
	);
	expect([error.message, error.description ?? '', error.messages]).toEqual([message, '', []]);
});
