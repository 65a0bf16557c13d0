import type { IDataObject } from 'n8n-workflow';
import { enginesFor } from '../../../shared/runtime/engines';
import { describeType, textAt, valueAt } from '../../../shared/runtime/values';
import { InputError } from '../../../shared/runtime/errors';
import { forEachItem } from '../../../shared/runtime/items';
import type { Operation } from '../../../shared/runtime/operations';
import { callOptions } from '../../../shared/runtime/chatSettings';
import { chatOptions } from '../../../shared/fields/chatOptions';
import { modelField } from '../../../shared/fields/modelField';
import { modelOf } from '../../../shared/runtime/model';

export const rerank: Operation = {
	option: {
		name: 'Rerank Passages',
		value: 'rerank',
		action: 'Rerank passages by how well they fit a question',
		description: 'Puts the passages of a search in a better order',
	},
	fields: [
		modelField,
		{
			displayName: 'Question Field',
			name: 'questionField',
			type: 'string',
			required: true,
			default: 'question',
			description: 'Field of the item that holds the question',
		},
		{
			displayName: 'Passages Field',
			name: 'passagesField',
			type: 'string',
			required: true,
			default: 'hits',
			description: 'Field of the item that holds the list of passages: texts, or objects with "text"',
		},
		{
			displayName: 'Keep the Best',
			name: 'topN',
			type: 'number',
			typeOptions: { minValue: 0 },
			default: 0,
			description: 'How many passages stay; 0 keeps all',
		},
		{
			displayName: 'Options',
			name: 'options',
			type: 'collection',
			placeholder: 'Add Option',
			default: {},
			description: 'More choices for this operation',
			options: chatOptions.filter(({ name }) => name === 'allowRemote' || name === 'timeoutSeconds'),
		},
	],
	execute: async (context) =>
		await forEachItem(context, async ({ itemIndex, signal }) => {
			const json = context.getInputData()[itemIndex]?.json ?? {};
			const field = context.getNodeParameter('passagesField', itemIndex) as string;
			const passages = valueAt(json, field);
			if (!Array.isArray(passages)) {
				throw new InputError(
					`The passages should be a list in the field "${field}", but it holds ${describeType(passages)}.`,
				);
			}
			const texts = passages.map((passage: unknown, position) => textOf(passage, `${field}[${position}]`));
			const options = context.getNodeParameter('options', itemIndex, {});
			const topN = context.getNodeParameter('topN', itemIndex) as number;
			const engines = await enginesFor(context, itemIndex);
			const ranked = await engines.rerank(
				textAt(json, context.getNodeParameter('questionField', itemIndex) as string, 'The question'),
				texts,
				{ model: modelOf(context, itemIndex), topN: topN > 0 ? topN : undefined },
				callOptions(options, signal),
			);
			return {
				json: {
					...json,
					hits: ranked.map(({ index, score }) => {
						const passage: unknown = passages[index];
						return {
							...(typeof passage === 'string' ? { text: passage } : (passage as IDataObject)),
							rerankScore: score,
						};
					}),
					rerankedBy: ranked[0]?.engine ?? null,
				},
			};
		}),
};

function textOf(passage: unknown, name: string): string {
	if (typeof passage === 'string') return passage;
	if (
		typeof passage === 'object' &&
		passage !== null &&
		'text' in passage &&
		typeof passage.text === 'string'
	) {
		return passage.text;
	}
	throw new InputError(`${name} has no "text".`);
}
