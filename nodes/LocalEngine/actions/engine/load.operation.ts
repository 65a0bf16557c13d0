import { enginesFor } from '../../../shared/runtime/engines';
import { forEachItem } from '../../../shared/runtime/items';
import type { Operation } from '../../../shared/runtime/operations';
import { engineField, engineOf, modelNameField, modelNameOf } from './engineField';

export const load: Operation = {
	option: {
		name: 'Load Model',
		value: 'load',
		action: 'Load a model into memory',
		description: 'Makes an engine load a model before it is needed, where the engine can do that',
	},
	fields: [
		engineField,
		modelNameField,
		{
			displayName: 'Keep Model in Memory',
			name: 'keepAlive',
			type: 'string',
			default: '',
			placeholder: '1h',
			description: 'How long Ollama keeps the model loaded: 10m, 1h, -1 for ever',
		},
		{
			displayName: 'Context Size',
			name: 'contextSize',
			type: 'number',
			typeOptions: { minValue: 0 },
			default: 0,
			description: 'Tokens of context to load the model with (Ollama, LM Studio); 0 leaves it to the engine',
		},
	],
	execute: async (context) =>
		await forEachItem(context, async ({ itemIndex, signal }) => {
			const engines = await enginesFor(context, itemIndex);
			const engine = await engineOf(context, itemIndex);
			const model = modelNameOf(context, itemIndex);
			const keepAlive = (context.getNodeParameter('keepAlive', itemIndex, '') as string) || undefined;
			const size = context.getNodeParameter('contextSize', itemIndex, 0) as number;
			const contextSize = size > 0 ? size : undefined;
			await engines.load(engine, model, { keepAlive, contextSize }, { signal, allowRemote: true });
			return { json: { engine, model, loaded: true } };
		}),
};
