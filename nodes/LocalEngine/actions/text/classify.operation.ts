import { enginesFor } from '../../../shared/runtime/engines';
import { InputError } from '../../../shared/runtime/errors';
import { textAt } from '../../../shared/runtime/values';
import { forEachItem } from '../../../shared/runtime/items';
import type { Operation } from '../../../shared/runtime/operations';
import { callOptions } from '../../../shared/runtime/chatSettings';
import { chatOptions } from '../../../shared/fields/chatOptions';
import { exchangeRecorder } from '../../../shared/runtime/recording';
import { recordFields } from '../../../shared/fields/recordFields';
import { modelField } from '../../../shared/fields/modelField';
import { modelOf } from '../../../shared/runtime/model';
import { callJson } from '../chat/resultJson';

interface Label {
	readonly name: string;
	readonly description?: string;
}

export const classify: Operation = {
	option: {
		name: 'Classify',
		value: 'classify',
		action: 'Classify a text',
		description: 'Puts a text into one of your classes, with a confidence where the engine can tell',
	},
	fields: [
		modelField,
		{
			displayName: 'Text Field',
			name: 'textField',
			type: 'string',
			required: true,
			default: 'text',
			description: 'Field of the item that holds the text',
		},
		{
			displayName: 'Classes',
			name: 'classes',
			type: 'fixedCollection',
			typeOptions: { multipleValues: true, sortable: true },
			required: true,
			default: {},
			placeholder: 'Add Class',
			description: 'What the text can be',
			options: [
				{
					displayName: 'Class',
					name: 'values',
					values: [
						{
							displayName: 'Name',
							name: 'name',
							type: 'string',
							default: '',
							placeholder: 'invoice question',
							description: 'What comes out as "label"',
						},
						{
							displayName: 'Description',
							name: 'description',
							type: 'string',
							default: '',
							placeholder: 'Anything about bills, payments, reminders',
							description: 'Tells the model what belongs here',
						},
					],
				},
			],
		},
		{
			displayName: 'Allow "None of These"',
			name: 'allowNone',
			type: 'boolean',
			default: true,
			description: 'Whether the model may say that no class fits; "label" is then empty',
		},
		{
			displayName: 'Options',
			name: 'options',
			type: 'collection',
			placeholder: 'Add Option',
			default: {},
			description: 'More choices for this operation',
			options: [
				...chatOptions.filter(
					({ name }) => name === 'allowRemote' || name === 'timeoutSeconds' || name === 'firstTokenSeconds',
				),
				{
					displayName: 'Instructions',
					name: 'instructions',
					type: 'string',
					typeOptions: { rows: 3 },
					default: '',
					placeholder: 'These are e-mails to our support team.',
					description: 'What the classes are about',
				},
				{
					displayName: 'Minimum Confidence',
					name: 'minConfidence',
					type: 'number',
					typeOptions: { minValue: 0, maxValue: 1, numberPrecision: 2 },
					default: 0.7,
					description: 'Below this "label" is empty. Only on engines that give token probabilities.',
				},
			],
		},
		...recordFields,
	],
	execute: async (context) => {
		const record = exchangeRecorder(context);
		return await forEachItem(context, async ({ itemIndex, signal }) => {
			const json = context.getInputData()[itemIndex]?.json ?? {};
			const options = context.getNodeParameter('options', itemIndex, {});
			const labels = (context.getNodeParameter('classes.values', itemIndex, []) as Label[]).filter(
				({ name }) => name.trim() !== '',
			);
			if (labels.length < 2) throw new InputError('Name at least two classes.');
			const engines = await enginesFor(context, itemIndex);
			const { label, confidence, shares, messages, result } = await engines.classify(
				{
					model: modelOf(context, itemIndex),
					text: textAt(json, context.getNodeParameter('textField', itemIndex) as string, 'The text'),
					labels: labels.map(({ name, description }) => ({
						name: name.trim(),
						description: description || undefined,
					})),
					allowNone: context.getNodeParameter('allowNone', itemIndex) as boolean,
					instructions: typeof options.instructions === 'string' ? options.instructions : undefined,
					minConfidence: typeof options.minConfidence === 'number' ? options.minConfidence : undefined,
				},
				callOptions(options, signal),
			);
			const recorded = await record(itemIndex, {
				messages,
				result,
				answer: label ?? result.text.trim(),
				labels: { task: 'classify', class: label ?? '' },
				...(confidence !== undefined && { scores: { confidence } }),
			});
			return {
				json: {
					label,
					...(confidence !== undefined && { confidence }),
					...(shares && { shares: { ...shares } }),
					...callJson(result),
					...recorded,
				},
			};
		});
	},
};
