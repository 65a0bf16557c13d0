import type { INodeProperties } from 'n8n-workflow';
import { MIN_QUESTIONS } from '../../../../lib/experiment';
import { chatOptions } from '../../../shared/fields/chatOptions';
import { modelField } from '../../../shared/fields/modelField';
import { optionsField } from '../../../shared/fields/optionsField';
import { pathField, questionField } from '../../../shared/fields/pathField';

const ASKED = ['judge', 'later'];
const prompts = { show: { decidedBy: ASKED, compareWhat: ['prompts'] } };
const models = { show: { decidedBy: ASKED, compareWhat: ['models'] } };

const promptField = (name: string, displayName: string): INodeProperties => ({
	displayName,
	name,
	type: 'string',
	typeOptions: { rows: 4 },
	displayOptions: prompts,
	default: '',
	placeholder: 'Answer in two sentences. Say so if you do not know.',
	description:
		'Instructions for the model, sent before each question. Leave empty to send the question alone.',
});

/** All questions of a list are one piece of work, without batches that could wait for each other. */
const atOnceOption: INodeProperties = {
	displayName: 'Questions at Once',
	name: 'atOnce',
	type: 'number',
	typeOptions: { minValue: 1, maxValue: 1000 },
	default: 5,
	description:
		'Number of questions to ask at the same time. If not set, it is the Max Concurrency of the credential’s engines.',
};

export const compareFields: readonly INodeProperties[] = [
	{
		displayName: `Send a list of questions, one per item, for example from a data table. With fewer than ${MIN_QUESTIONS} questions the report says "too few to say".`,
		name: 'listNotice',
		type: 'notice',
		default: '',
	},
	questionField,
	{
		displayName: 'Decided By',
		name: 'decidedBy',
		type: 'options',
		default: 'judge',
		description: 'Who says which of the two answers is better',
		options: [
			{
				name: 'A Model',
				value: 'judge',
				description:
					'Compares the answers twice, with their places swapped. If the verdict changes, it is a tie.',
			},
			{
				name: 'Nobody Yet',
				value: 'later',
				description:
					'Writes both answers, one item per question. Save them to a table, and let people fill in which one is better.',
			},
			{
				name: 'Ratings in the Items',
				value: 'ratings',
				description: 'Reads which answer people prefer, and makes the report. No model is asked.',
			},
		],
	},
	{
		displayName: 'Compare',
		name: 'compareWhat',
		type: 'options',
		displayOptions: { show: { decidedBy: ASKED } },
		default: 'prompts',
		description: 'What is different between A and B',
		options: [
			{ name: 'Two Models', value: 'models', description: 'With the same prompt' },
			{ name: 'Two Prompts', value: 'prompts', description: 'With the same model' },
		],
	},
	{ ...modelField, displayOptions: prompts },
	promptField('promptA', 'Prompt A'),
	promptField('promptB', 'Prompt B'),
	{ ...modelField, displayName: 'Model A', name: 'modelA', displayOptions: models },
	{ ...modelField, displayName: 'Model B', name: 'modelB', displayOptions: models },
	{ ...promptField('prompt', 'Prompt'), displayOptions: models },
	pathField({
		displayName: 'Preference Field',
		name: 'preferenceField',
		displayOptions: { show: { decidedBy: ['ratings'] } },
		required: true,
		default: 'preference',
		description: 'Name of the field that says which answer is better: A, B or tie',
	}),
	{
		displayName: 'Output',
		name: 'output',
		type: 'options',
		displayOptions: { show: { decidedBy: ['judge'] } },
		default: 'report',
		description: 'What each output item contains',
		options: [
			{ name: 'One Item per Question', value: 'perQuestion', description: 'With both answers' },
			{ name: 'One Report', value: 'report', description: 'The verdict, and all questions in "results"' },
		],
	},
	optionsField([
		...chatOptions,
		atOnceOption,
		{
			displayName: 'Judge Model',
			name: 'judgeModel',
			type: 'string',
			default: '',
			placeholder: 'qwen3:32b',
			description:
				'Name of the model that compares the answers. If empty, the engine’s own model is used. Use a model that is better than both.',
		},
		{
			displayName: 'Rubric',
			name: 'rubric',
			type: 'string',
			typeOptions: { rows: 3 },
			default: '',
			placeholder: 'The answer is correct, polite and at most three sentences long.',
			description: 'Tells the judge model what makes an answer good',
		},
	]),
];
