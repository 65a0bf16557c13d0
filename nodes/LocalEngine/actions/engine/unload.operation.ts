import { optionsField } from '../../../shared/fields/optionsField';
import { enginesFor } from '../../../shared/runtime/engines';
import { forEachItem } from '../../../shared/runtime/items';
import type { Operation } from '../../../shared/runtime/operations';
import { engineOf } from './chosenEngine';
import { engineField, modelNameField } from './engineFields';

export const unload: Operation = {
	option: {
		name: 'Unload Model',
		value: 'unload',
		action: 'Unload a model from memory',
		description: 'Frees the memory of a model, on engines that support it',
	},
	fields: [engineField, modelNameField, optionsField()],
	execute: async (run) =>
		await forEachItem(run, async (item) => {
			const { signal } = item;
			const model = item.text('modelName');
			const engine = await engineOf(item);
			const engines = await enginesFor(item.context, item.index);
			await engines.unload(engine, model, { signal, allowRemote: true });
			return { json: { engine, model, loaded: false } };
		}),
};
