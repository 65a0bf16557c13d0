import { enginesFor } from '../../../shared/runtime/engines';
import { forEachItem } from '../../../shared/runtime/items';
import type { Operation } from '../../../shared/runtime/operations';
import { engineField, engineOf, modelNameField, modelNameOf } from './engineField';

export const unload: Operation = {
	option: {
		name: 'Unload Model',
		value: 'unload',
		action: 'Unload a model from memory',
		description: 'Makes an engine give the memory of a model back, where the engine can do that',
	},
	fields: [engineField, modelNameField],
	execute: async (context) =>
		await forEachItem(context, async ({ itemIndex, signal }) => {
			const engines = await enginesFor(context, itemIndex);
			const engine = await engineOf(context, itemIndex);
			const model = modelNameOf(context, itemIndex);
			await engines.unload(engine, model, { signal, allowRemote: true });
			return { json: { engine, model, loaded: false } };
		}),
};
