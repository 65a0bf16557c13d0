import { enginesFor } from '../../../shared/engines';
import { forEachItem } from '../../../shared/items';
import type { Operation } from '../../../shared/operations';
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
	],
	execute: async (context) =>
		await forEachItem(context, async ({ itemIndex, signal }) => {
			const engines = await enginesFor(context, itemIndex);
			const engine = await engineOf(context, itemIndex);
			const model = modelNameOf(context, itemIndex);
			const keepAlive = (context.getNodeParameter('keepAlive', itemIndex, '') as string) || undefined;
			await engines.load(engine, model, { keepAlive }, { signal, allowRemote: true });
			return { json: { engine, model, loaded: true } };
		}),
};
