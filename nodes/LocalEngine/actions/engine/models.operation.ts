import { enginesFor } from '../../../shared/runtime/engines';
import { forEachItem } from '../../../shared/runtime/items';
import type { Operation } from '../../../shared/runtime/operations';

export const models: Operation = {
	option: {
		name: 'List Models',
		value: 'models',
		action: 'List the models of all engines',
		description: 'Each model with its context, size, abilities, and whether it is loaded',
	},
	fields: [],
	execute: async (context) =>
		await forEachItem(context, async ({ itemIndex, signal }) => {
			const engines = await enginesFor(context, itemIndex);
			return (await engines.models({ signal, allowRemote: true })).map((model) => ({
				json: { ...model, capabilities: [...(model.capabilities ?? [])] },
			}));
		}),
};
