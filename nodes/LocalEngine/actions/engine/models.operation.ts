import { optionsField } from '../../../shared/fields/optionsField';
import { enginesFor } from '../../../shared/runtime/engines';
import { forEachItem } from '../../../shared/runtime/items';
import type { Operation } from '../../../shared/runtime/operations';

export const models: Operation = {
	option: {
		name: 'List Models',
		value: 'models',
		action: 'List the models of all engines',
		description:
			'Lists each model with its context window, size, quantization and abilities, whether it is loaded, and how much memory it uses',
	},
	fields: [optionsField()],
	tool: {
		description: 'Lists the models that are installed on the engines, and which of them are loaded.',
		fields: [],
		answer: ({ engine, id, loaded, capabilities }) => ({ engine, model: id, loaded, capabilities }),
	},
	execute: async (run) =>
		await forEachItem(run, async (item) => {
			const { signal } = item;
			const engines = await enginesFor(item.context, item.index);
			return (await engines.models({ signal, allowRemote: true })).map((model) => ({
				json: { ...model, capabilities: [...(model.capabilities ?? [])] },
			}));
		}),
};
