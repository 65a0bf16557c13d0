import type { IDataObject, INodeExecutionData } from 'n8n-workflow';
import type { Point } from '../../../../lib/index';
import { embeddingField } from '../../../shared/embedders';
import { errorItem, toNodeError } from '../../../shared/errors';
import { InputError, describeType, textAt, valueAt } from '../../../shared/fields';
import { indexFields } from '../../../shared/indexFields';
import { openOrCreateIndexFor } from '../../../shared/indexes';
import type { Operation } from '../../../shared/operations';
import { progressFor } from '../../../shared/progress';

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
	],
	execute: async (context) => {
		const items = context.getInputData();
		const signal = context.getExecutionCancelSignal();
		const output: INodeExecutionData[] = [];
		const points: Array<Point & { itemIndex: number; embedText: string }> = [];
		items.forEach(({ json }, itemIndex) => {
			try {
				points.push({
					itemIndex,
					...pointOf(json, (name) => context.getNodeParameter(name, itemIndex) as string),
				});
			} catch (error) {
				if (!context.continueOnFail()) throw toNodeError(context.getNode(), error, itemIndex);
				output.push(errorItem(context, error, itemIndex));
			}
		});
		if (points.length === 0) return [output];
		try {
			const { index, embedder } = await openOrCreateIndexFor(context, 0);
			const report = await index.upsert(
				(async function* () {
					let next = 0;
					const texts = points.map(({ embedText }) => embedText);
					for await (const { vector, empty } of embedder.embedDocuments(texts, { signal })) {
						const point = points[next++];
						if (point) yield toPoint(point, empty ? undefined : vector);
					}
				})(),
				{ signal, onProgress: progressFor(context) },
			);
			output.push({
				json: {
					written: report.written,
					unchanged: report.unchanged,
					failed: report.failed.map((failure) => ({ ...failure })),
				},
				pairedItem: points.map(({ itemIndex }) => ({ item: itemIndex })),
			});
		} catch (error) {
			if (!context.continueOnFail()) throw toNodeError(context.getNode(), error, 0);
			output.push(errorItem(context, error, 0));
		}
		return [output];
	},
};

function pointOf(json: IDataObject, field: (name: string) => string): Point & { embedText: string } {
	const text = textAt(json, field('textField'), 'The text');
	const source = textAt(json, field('sourceField'), 'The source');
	const metadata = valueAt(json, field('metadataField'));
	if (
		metadata !== undefined &&
		metadata !== null &&
		(typeof metadata !== 'object' || Array.isArray(metadata))
	) {
		throw new InputError(`The metadata should be an object, but is ${describeType(metadata)}.`);
	}
	const { start, end, context, title } = json;
	return {
		text,
		source,
		metadata: {
			...(typeof title === 'string' && { title }),
			...(metadata as Point['metadata']),
		},
		...(typeof start === 'number' && { start }),
		...(typeof end === 'number' && { end }),
		...(typeof context === 'string' && context !== '' && { context }),
		embedText: typeof context === 'string' && context !== '' ? `${context}\n${text}` : text,
	};
}

function toPoint(
	{ text, source, metadata, start, end, context }: Point,
	vector: Float32Array | undefined,
): Point {
	return { text, source, metadata, start, end, context, vector };
}
