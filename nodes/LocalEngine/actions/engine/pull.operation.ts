import { enginesFor } from '../../../shared/runtime/engines';
import { forEachItem } from '../../../shared/runtime/items';
import type { Operation } from '../../../shared/runtime/operations';
import { progressFor } from '../../../shared/runtime/progress';
import { engineField, engineOf, modelNameField, modelNameOf } from './engineField';

export const pull: Operation = {
	option: {
		name: 'Pull Model',
		value: 'pull',
		action: 'Pull a model onto an engine',
		description:
			'Downloads a model and waits until it is there, on engines that can do that (Ollama, LM Studio, LocalAI). Cancelling stops Ollama; the others go on by themselves.',
	},
	fields: [engineField, modelNameField],
	execute: async (context) =>
		await forEachItem(context, async ({ itemIndex, signal }) => {
			const engines = await enginesFor(context, itemIndex);
			const engine = await engineOf(context, itemIndex);
			const model = modelNameOf(context, itemIndex);
			const show = progressFor(context);
			let status = '';
			for await (const step of engines.pull(engine, model, { signal, allowRemote: true })) {
				status = step.status;
				show?.({ done: step.done ?? 0, total: step.total, note: step.status });
			}
			return { json: { engine, model, status } };
		}),
};
