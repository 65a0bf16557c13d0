import type { INodeExecutionData } from 'n8n-workflow';
import { assertIndexSpace } from '../../../../lib/ingest';
import { embeddingField } from '../../../shared/fields/embeddingField';
import { errorItem, toNodeError } from '../../../shared/runtime/errors';
import { objectParameter } from '../../../shared/runtime/values';
import { indexFields } from '../../../shared/fields/indexFields';
import { openOrCreateIndexFor } from '../../../shared/runtime/indexes';
import type { Operation } from '../../../shared/runtime/operations';
import { progressFor } from '../../../shared/runtime/progress';
import { pointsOf, type RowInput, rowOf } from './rowInput';

export const upsert: Operation = {
	option: {
		name: 'Create or Update',
		value: 'upsert',
		action: 'Upsert rows into an index',
		description: 'Create a new record, or update the current one if it already exists (upsert)',
	},
	fields: [
		...indexFields,
		{
			...embeddingField,
			description: `${embeddingField.description}. An index keeps the model it was created with.`,
		},
		{
			displayName: 'Text Field',
			name: 'textField',
			type: 'string',
			required: true,
			default: 'text',
			description: 'Field of the item that holds the text of the row',
		},
		{
			displayName: 'Source Field',
			name: 'sourceField',
			type: 'string',
			required: true,
			default: 'source',
			description: 'Field of the item that holds the name of the document the text comes from',
		},
		{
			displayName: 'Metadata Field',
			name: 'metadataField',
			type: 'string',
			default: 'metadata',
			description: 'Field of the item that holds an object of facts to filter by',
		},
		{
			displayName: 'Metadata',
			name: 'metadata',
			type: 'json',
			default: '{}',
			placeholder: '{ "department": "sales" }',
			description:
				'Further facts to filter by, as JSON; what the item itself says in the metadata field wins',
		},
		{
			displayName: 'Vector Field',
			name: 'vectorField',
			type: 'string',
			default: '',
			placeholder: 'embedding',
			description:
				'Field of the item that holds a vector made with the index’s own model (late chunking in the Chunker). Empty: the text is embedded here.',
		},
	],
	execute: async (context) => {
		const items = context.getInputData();
		const output: INodeExecutionData[] = [];
		const rows: RowInput[] = [];
		items.forEach(({ json }, itemIndex) => {
			try {
				const field = (name: string): string => context.getNodeParameter(name, itemIndex, '') as string;
				const metadata = objectParameter(context, 'metadata', itemIndex, 'The metadata');
				rows.push(rowOf(json, itemIndex, field, metadata));
			} catch (error) {
				if (!context.continueOnFail()) throw toNodeError(context.getNode(), error, itemIndex);
				output.push(errorItem(context, error, itemIndex));
			}
		});
		if (rows.length === 0) return [output];
		try {
			const call = { signal: context.getExecutionCancelSignal(), onProgress: progressFor(context) };
			const { index, embedder } = await openOrCreateIndexFor(context, 0);
			const { id: fingerprint } = await assertIndexSpace(index, embedder, call);
			const report = await index.upsert(pointsOf(rows, embedder, call), { ...call, fingerprint });
			output.push({
				json: {
					written: report.written,
					unchanged: report.unchanged,
					failedCount: report.failedCount,
					failed: report.failed.map((failure) => ({ ...failure })),
				},
				pairedItem: rows.map(({ itemIndex }) => ({ item: itemIndex })),
			});
		} catch (error) {
			if (!context.continueOnFail()) throw toNodeError(context.getNode(), error, 0);
			output.push(errorItem(context, error, 0));
		}
		return [output];
	},
};
