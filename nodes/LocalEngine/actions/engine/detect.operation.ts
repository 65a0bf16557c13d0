import { enginesFor } from '../../../shared/runtime/engines';
import { forEachItem } from '../../../shared/runtime/items';
import type { Operation } from '../../../shared/runtime/operations';

export const detect: Operation = {
	option: {
		name: 'Detect',
		value: 'detect',
		action: 'Detect which engine answers at an address',
		description: 'Asks an address which engine it is, which version, and which models it holds',
	},
	fields: [
		{
			displayName: 'Base URL',
			name: 'baseUrl',
			type: 'string',
			required: true,
			default: 'http://127.0.0.1:11434',
			placeholder: 'http://127.0.0.1:8080',
			description: 'The address to ask; no key is sent',
		},
	],
	execute: async (context) =>
		await forEachItem(context, async ({ itemIndex }) => {
			const engines = await enginesFor(context, itemIndex);
			const baseUrl = context.getNodeParameter('baseUrl', itemIndex) as string;
			const detection = await engines.detect(baseUrl.trim());
			return { json: { baseUrl, ...detection, models: [...detection.models] } };
		}),
};
