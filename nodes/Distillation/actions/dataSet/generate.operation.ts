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
		description: 'A teacher answers each item; what it answered before is not asked again',
	},
	fields: [
		...storeFields,
		{
			displayName: 'An Item Is',
			name: 'promptKind',
			type: 'options',
			default: 'question',
			description: 'What the teacher makes of an item',
			options: [
				{
					name: 'A Passage',
					value: 'passage',
					description: 'The teacher asks a question it answers, and answers it',
				},
				{ name: 'A Question', value: 'question', description: 'The teacher answers it' },
			],
		},
		{
			...textField,
			description: 'Name of the field that holds the question or the passage; or an expression that gives it',
		},
		{
			displayName: 'Teacher',
			name: 'model',
			type: 'string',
			default: '',
			description: 'Name of the model; empty: the credential’s chat model',
		},
		{
			displayName: 'Licence of the Answers',
			name: 'licence',
			type: 'string',
			default: '',
			placeholder: 'apache-2.0',
			description: 'Teachers whose licence forbids learning from their answers are refused',
		},
		optionsField([
			{
				displayName: 'At Once',
				name: 'concurrency',
				type: 'number',
				typeOptions: { minValue: 1, maxValue: 64 },
				default: 4,
				description: 'Prompts in work at the same time',
			},
			{
				displayName: 'Licence Is Confirmed',
				name: 'licenceConfirmed',
				type: 'boolean',
				default: false,
				description: 'Whether you have permission although the licence usually forbids it',
			},
			{
				displayName: 'Log Probabilities',
				name: 'logprobs',
				type: 'number',
				typeOptions: { minValue: 1, maxValue: 20 },
				default: 5,
				description:
					'Alternatives to keep for each token of the answer, for a student that learns from them (format Axolotl); the engine has to be able to give them',
			},
			{
				displayName: 'Minimum Score',
				name: 'minScore',
				type: 'number',
				typeOptions: { minValue: 0, maxValue: 1, numberPrecision: 2 },
				default: 0.5,
				description: 'Prompts whose best sample scores lower are dropped',
			},
			{
				displayName: 'Rubric',
				name: 'rubric',
				type: 'string',
				typeOptions: { rows: 3 },
				default: DEFAULT_RUBRIC,
				description: 'What makes an answer good, for the judge',
			},
			{
				displayName: 'Samples',
				name: 'samples',
				type: 'number',
				typeOptions: { minValue: 1, maxValue: 16 },
				default: 4,
				description: 'Answers to each prompt, of which the best is learnt from',
			},
			{
				displayName: 'Selection',
				name: 'select',
				type: 'options',
				default: 'none',
				description: 'How the samples are weighed',
				options: [
					{ name: 'By a Judge', value: 'judge', description: 'The teacher scores them by the rubric' },
					{ name: 'By Agreement', value: 'consistency', description: 'What most samples say' },
					{ name: 'Not at All', value: 'none' },
				],
			},
			{
				displayName: 'Time Budget (Minutes)',
				name: 'minutes',
				type: 'number',
				typeOptions: { minValue: 1 },
				default: 60,
				description: 'No new prompt is begun afterwards',
			},
			{
				displayName: 'Token Budget',
				name: 'maxTotalTokens',
				type: 'number',
				typeOptions: { minValue: 1 },
				default: 1000000,
				description: 'No new prompt is begun once so many tokens are used',
			},
			pathField({
				displayName: 'Source Field',
				name: 'sourceField',
				default: 'source',
				description:
					'Name of the field that holds the document the text is from; its exchanges stay together in a split',
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
