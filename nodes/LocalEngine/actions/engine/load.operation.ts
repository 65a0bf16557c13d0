import { optionsField } from '../../../shared/fields/optionsField';
import { enginesFor } from '../../../shared/runtime/engines';
import { forEachItem } from '../../../shared/runtime/items';
import type { Operation } from '../../../shared/runtime/operations';
import { engineOf } from './chosenEngine';
import { engineField, modelNameField } from './engineFields';

export const load: Operation = {
	option: {
		name: 'Load Model',
		value: 'load',
		action: 'Load a model into memory',
		description: 'Loads a model before it is needed, on engines that support it',
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
			description: 'How long Ollama keeps the model in memory, for example 10m or 1h. -1 keeps it loaded.',
		},
		{
			displayName: 'Context Size',
			name: 'contextSize',
			type: 'number',
			typeOptions: { minValue: 1 },
			default: '',
			description:
				'Context window, in tokens, to load the model with (Ollama, LM Studio). If empty, the engine’s own value is used.',
		},
		optionsField(),
	],
	execute: async (run) =>
		await forEachItem(run, async (item) => {
			const { signal } = item;
			const model = item.text('modelName');
			const keepAlive = item.optionalText('keepAlive');
			const contextSize = item.optionalNumber('contextSize');
			const engine = await engineOf(item);
			const engines = await enginesFor(item.context, item.index);
			await engines.load(engine, model, { keepAlive, contextSize }, { signal, allowRemote: true });
			return { json: { engine, model, loaded: true } };
		}),
};
