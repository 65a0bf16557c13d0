import type { INodeExecutionData } from 'n8n-workflow';
import { embedderFor } from '../../../shared/runtime/embedders';
import { embeddingField } from '../../../shared/fields/embeddingField';
import { errorItem, toNodeError } from '../../../shared/runtime/errors';
import { textAt } from '../../../shared/runtime/values';
import type { Operation } from '../../../shared/runtime/operations';

export const embed: Operation = {
	option: {
		name: 'Embed Text',
		value: 'embed',
		action: 'Turn text into a vector',
		description: 'Adds the vector of a text to each item',
	},
	fields: [
		embeddingField,
		{
			displayName: 'Text Field',
			name: 'textField',
			type: 'string',
			required: true,
			default: 'text',
			description: 'Field of the item that holds the text',
		},
		{
			displayName: 'Text Is',
			name: 'role',
			type: 'options',
			default: 'document',
			description: 'Some models want questions marked differently from the texts that answer them',
			options: [
				{ name: 'A Document', value: 'document' },
				{ name: 'A Question', value: 'query' },
			],
		},
	],
	// All items go to the model together: one request for many texts is far faster than one each.
	execute: async (context) => {
		const items = context.getInputData();
		const output: INodeExecutionData[] = [];
		const embedder = await embedderFor(context, context.getNodeParameter('embedding', 0) as string, 0);
		const signal = context.getExecutionCancelSignal();
		const asQuery = context.getNodeParameter('role', 0) === 'query';
		const texts: string[] = [];
		const positions: number[] = [];
		items.forEach(({ json }, itemIndex) => {
			try {
				texts.push(textAt(json, context.getNodeParameter('textField', itemIndex) as string, 'The text'));
				positions.push(itemIndex);
			} catch (error) {
				if (!context.continueOnFail()) throw toNodeError(context.getNode(), error, itemIndex);
				output[itemIndex] = errorItem(context, error, itemIndex);
			}
		});
		let next = 0;
		try {
			if (asQuery) {
				for (; next < texts.length; next++) {
					const vector = await embedder.embedQuery(texts[next] ?? '', { signal });
					place(vector, undefined);
				}
			} else {
				for await (const { vector, flag } of embedder.embedDocuments(texts, { signal })) {
					place(vector, flag);
					next++;
				}
			}
		} catch (error) {
			const failedAt = positions[next] ?? 0;
			if (!context.continueOnFail()) throw toNodeError(context.getNode(), error, failedAt);
			for (const itemIndex of positions.slice(next)) output[itemIndex] = errorItem(context, error, itemIndex);
		}
		return [output];

		function place(vector: Float32Array, flag: string | undefined): void {
			const itemIndex = positions[next] ?? 0;
			output[itemIndex] = {
				json: {
					...items[itemIndex]?.json,
					embedding: Array.from(vector),
					embeddingModel: embedder.model,
					dimensions: vector.length,
					...(flag && { flag }),
				},
				binary: items[itemIndex]?.binary,
				pairedItem: { item: itemIndex },
			};
		}
	},
};
