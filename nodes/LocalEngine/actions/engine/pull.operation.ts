import { optionsField } from '../../../shared/fields/optionsField';
import { enginesFor } from '../../../shared/runtime/engines';
import { forEachItem } from '../../../shared/runtime/items';
import type { Operation } from '../../../shared/runtime/operations';
import { watched } from '../../../shared/runtime/progress';
import { engineOf } from './chosenEngine';
import { engineField, modelNameField } from './engineFields';

export const pull: Operation = {
	option: {
		name: 'Pull Model',
		value: 'pull',
		action: 'Pull a model onto an engine',
		description:
			'Downloads a model and waits until it is ready, on Ollama, LM Studio and LocalAI. If the execution is stopped, Ollama stops the download; the others continue it.',
	},
	fields: [engineField, modelNameField, optionsField()],
	execute: async (run) =>
		await forEachItem(run, async (item) => {
			const { signal } = item;
			const model = item.text('modelName');
			const engine = await engineOf(item);
			const engines = await enginesFor(item.context, item.index);
			const job = { task: 'Pull Model', subject: `${model} on ${engine}`, unit: 'bytes' };
			const status = await watched(
				run,
				item,
				job,
				async ({ onProgress }) => {
					let last = '';
					for await (const step of engines.pull(engine, model, { signal, allowRemote: true })) {
						last = step.status;
						onProgress({ done: step.done ?? 0, total: step.total, note: step.status });
					}
					return last;
				},
				signal,
			);
			return { json: { engine, model, status } };
		}),
};
