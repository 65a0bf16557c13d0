import type { IDataObject } from 'n8n-workflow';
import { checkGrounding } from '../../../../lib/answering';
import { builtinVectors } from '../../../shared/runtime/builtin';
import { textAt } from '../../../shared/runtime/values';
import { forEachItem } from '../../../shared/runtime/items';
import type { Operation } from '../../../shared/runtime/operations';
import { passagesAt } from './passageInput';

export const grounding: Operation = {
	option: {
		name: 'Check Grounding',
		value: 'grounding',
		action: 'Check an answer against its passages',
		description: 'Says for each sentence of an answer whether the passages carry it',
	},
	fields: [
		{
			displayName: 'Answer Field',
			name: 'answerField',
			type: 'string',
			required: true,
			default: 'answer',
			description: 'Field of the item that holds the answer',
		},
		{
			displayName: 'Passages Field',
			name: 'passagesField',
			type: 'string',
			required: true,
			default: 'citations',
			description:
				'Field of the item that holds the passages: the citations of an answer, or all hits of a search in their order',
		},
		{
			displayName: 'Options',
			name: 'options',
			type: 'collection',
			placeholder: 'Add Option',
			default: {},
			description: 'More choices for this operation',
			options: [
				{
					displayName: 'Only Cited Passages Count',
					name: 'citedOnly',
					type: 'boolean',
					default: true,
					description: 'Whether a sentence with citations is held against the passages it cites only',
				},
				{
					displayName: 'Threshold',
					name: 'threshold',
					type: 'number',
					typeOptions: { minValue: 0, maxValue: 1, numberPrecision: 2 },
					default: 0.6,
					description: 'Score from which a sentence counts as supported',
				},
			],
		},
	],
	execute: async (context) =>
		await forEachItem(context, async ({ itemIndex, signal }) => {
			const json = context.getInputData()[itemIndex]?.json ?? {};
			const { citedOnly, threshold } = context.getNodeParameter('options', itemIndex, {});
			const passages = passagesAt(json, context.getNodeParameter('passagesField', itemIndex) as string);
			const report = await checkGrounding(
				textAt(json, context.getNodeParameter('answerField', itemIndex) as string, 'The answer'),
				passages.map(({ text, marker }) => ({
					text,
					...(marker !== undefined && { label: String(marker) }),
				})),
				{ embed: builtinVectors },
				{
					...(typeof citedOnly === 'boolean' && { citedOnly }),
					...(typeof threshold === 'number' && { threshold }),
				},
				{ signal },
			);
			const { grounded, share, supported, unsupported, sentences } = report;
			return {
				json: {
					...json,
					grounded,
					supportedShare: share,
					supported,
					unsupported,
					sentences: sentences.map(
						(sentence): IDataObject => ({
							...sentence,
							missingNumbers: [...sentence.missingNumbers],
							cited: [...sentence.cited],
							evidence: sentence.evidence && { ...sentence.evidence },
						}),
					),
				},
			};
		}),
};
