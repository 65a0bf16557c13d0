import { DEFAULT_RUBRIC } from '../../../../lib/distillation';
import { optionsField } from '../../../shared/fields/optionsField';
import { pathField, textField } from '../../../shared/fields/pathField';
import { storeFields } from '../../../shared/fields/storeFields';
import { forEachGroup } from '../../../shared/runtime/groups';
import type { Operation } from '../../../shared/runtime/operations';
import { generateGroup, generateRequestOf } from './generateGroup';

export const generateAnswers: Operation = {
	option: {
		name: 'Generate',
		value: 'generate',
		action: 'Generate answers with a teacher',
		description:
			'Lets a teacher model answer each item. Items that it has answered before are not sent again.',
	},
	fields: [
		...storeFields,
		{
			displayName: 'Item Type',
			name: 'promptKind',
			type: 'options',
			default: 'question',
			description: 'What each item contains',
			options: [
				{
					name: 'A Passage',
					value: 'passage',
					description: 'The teacher writes a question about the passage, and answers it',
				},
				{ name: 'A Question', value: 'question', description: 'The teacher answers it' },
			],
		},
		{
			...textField,
			description:
				'Name of the field that holds the question or the passage, or an expression that returns it',
		},
		{
			displayName: 'Teacher',
			name: 'model',
			type: 'string',
			default: '',
			description: 'Name of the teacher model. If empty, the credential’s chat model is used.',
		},
		{
			displayName: 'Licence of the Answers',
			name: 'licence',
			type: 'string',
			default: '',
			placeholder: 'apache-2.0',
			description:
				'Licence of the teacher’s answers. Teachers whose licence forbids training with their answers are refused.',
		},
		optionsField([
			{
				displayName: 'Prompts at Once',
				name: 'concurrency',
				type: 'number',
				typeOptions: { minValue: 1, maxValue: 64 },
				default: 4,
				description: 'Number of prompts to send at the same time',
			},
			{
				displayName: 'Licence Is Confirmed',
				name: 'licenceConfirmed',
				type: 'boolean',
				default: false,
				description:
					'Whether you have permission to train with the answers although the licence usually forbids it',
			},
			{
				displayName: 'Log Probabilities',
				name: 'logprobs',
				type: 'number',
				typeOptions: { minValue: 1, maxValue: 20 },
				default: 5,
				description:
					'Number of alternatives to store for each token of the answer, for Axolotl knowledge distillation. The engine must support it.',
			},
			{
				displayName: 'Minimum Score',
				name: 'minScore',
				type: 'number',
				typeOptions: { minValue: 0, maxValue: 1, numberPrecision: 2 },
				default: 0.5,
				description: 'Minimum score, from 0 to 1. Prompts whose best sample has a lower score are rejected.',
			},
			{
				displayName: 'Rubric',
				name: 'rubric',
				type: 'string',
				typeOptions: { rows: 3 },
				default: DEFAULT_RUBRIC,
				description: 'Tells the judge what makes an answer good',
			},
			{
				displayName: 'Samples',
				name: 'samples',
				type: 'number',
				typeOptions: { minValue: 1, maxValue: 16 },
				default: 4,
				description: 'Number of answers per prompt. The best one is used for training.',
			},
			{
				displayName: 'Selection',
				name: 'select',
				type: 'options',
				default: 'none',
				description: 'How to choose the best sample',
				options: [
					{
						name: 'By a Judge',
						value: 'judge',
						description: 'The teacher gives each sample a score by the rubric',
					},
					{
						name: 'By Agreement',
						value: 'consistency',
						description: 'The answer on which most samples agree',
					},
					{ name: 'Not at All', value: 'none' },
				],
			},
			{
				displayName: 'Time Budget (Minutes)',
				name: 'minutes',
				type: 'number',
				typeOptions: { minValue: 1 },
				default: 60,
				description: 'Maximum time in minutes. No new prompt is sent afterwards.',
			},
			{
				displayName: 'Token Budget',
				name: 'maxTotalTokens',
				type: 'number',
				typeOptions: { minValue: 1 },
				default: 1000000,
				description: 'Maximum number of tokens. No new prompt is sent when they are used.',
			},
			pathField({
				displayName: 'Source Field',
				name: 'sourceField',
				default: 'source',
				description:
					'Name of the field that holds the name of the text’s document. Its exchanges stay in the same split.',
			}),
		]),
	],
	execute: async (run) =>
		await forEachGroup(
			run,
			async (item) => await generateRequestOf(item),
			async (group) => await generateGroup(run, group),
		),
};
