import { optionsField } from '../../../shared/fields/optionsField';
import { enginesFor } from '../../../shared/runtime/engines';
import { forEachItem } from '../../../shared/runtime/items';
import type { Operation } from '../../../shared/runtime/operations';

export const detect: Operation = {
	option: {
		name: 'Detect',
		value: 'detect',
		action: 'Detect which engine answers at an address',
		description: 'Finds out which engine runs at an address, its version and its models',
	},
	fields: [
		{
			displayName: 'Base URL',
			name: 'baseUrl',
			type: 'string',
			required: true,
			default: 'http://127.0.0.1:11434',
			placeholder: 'http://127.0.0.1:8080',
			description: 'Address of the engine. No API key is sent.',
		},
		optionsField(),
	],
	execute: async (run) =>
		await forEachItem(run, async (item) => {
			const engines = await enginesFor(item.context, item.index);
			const baseUrl = item.text('baseUrl');
			const detection = await engines.detect(baseUrl);
			return { json: { baseUrl, ...detection, models: [...detection.models] } };
		}),
};
