import { rounded, withRounded } from '../../../../lib/support';
import { batchingOption } from '../../../shared/fields/batchingOption';
import { modelField } from '../../../shared/fields/modelField';
import { optionsField, supplyOptionsField } from '../../../shared/fields/optionsField';
import { recordFields } from '../../../shared/fields/recordFields';
import { fixed } from '../../../shared/fields/toolFields';
import { textFromModel, textSourceFields } from '../../../shared/fields/textSourceFields';
import { engineBatching } from '../../../shared/runtime/batching';
import { callOptions } from '../../../shared/runtime/chatSettings';
import { enginesFor } from '../../../shared/runtime/engines';
import { InputError } from '../../../shared/runtime/errors';
import { forEachItem } from '../../../shared/runtime/items';
import { modelOf } from '../../../shared/runtime/model';
import type { NodeItem } from '../../../shared/runtime/nodeItem';
import type { Operation } from '../../../shared/runtime/operations';
import { exchangeRecorder } from '../../../shared/runtime/recording';
import { textOf } from '../../../shared/runtime/textSource';
import { callDetails } from '../chat/callDetails';
import { allowNoneField, classesField, classifyOptions, classOutputsField } from './classFields';

interface Label {
	readonly name: string;
	readonly description?: string;
}

export const classify: Operation = {
	option: {
		name: 'Classify',
		value: 'classify',
		action: 'Classify a text',
		description: 'Assigns one of your classes to a text, with a confidence if the engine supports it',
	},
	fields: [
		modelField,
		...textSourceFields,
		classesField,
		allowNoneField,
		classOutputsField,
		optionsField([...classifyOptions, batchingOption]),
		...recordFields,
	],
	tool: {
		description: 'Puts a text into one of the known classes and returns the class as label.',
		fields: [
			modelField,
			fixed('textFrom', 'field'),
			textFromModel('The whole text to classify'),
			classesField,
			allowNoneField,
			fixed('classOutputs', 'one'),
			supplyOptionsField(classifyOptions),
			...recordFields,
		],
		answer: ({ label, confidence }) => ({
			label: label ?? null,
			...(confidence !== undefined && { confidence }),
		}),
	},
	execute: async (run) => {
		const record = exchangeRecorder(run.context);
		return await forEachItem(
			run,
			async (item) => {
				const labels = labelsOf(item);
				const engines = await enginesFor(item.context, item.index);
				const { label, confidence, shares, messages, result } = await engines.classify(
					{
						model: modelOf(item),
						text: await textOf(run.context, item),
						labels,
						allowNone: item.flag('allowNone'),
						instructions: item.prose('options.instructions') || undefined,
						minConfidence: item.optionalNumber('options.minConfidence'),
					},
					callOptions(item),
				);
				const recorded = await record(item, {
					messages,
					result,
					answer: label ?? result.text.trim(),
					labels: { task: 'classify', class: label ?? '' },
					...(confidence !== undefined && { scores: { confidence } }),
				});
				const position = labels.findIndex(({ name }) => name === label);
				return {
					...(hasOutputs(item) && { output: position === -1 ? labels.length : position }),
					json: {
						label,
						...(confidence !== undefined && { confidence: rounded(confidence) }),
						...(shares && { shares: withRounded({ ...shares }) }),
						...recorded,
						call: callDetails(result),
					},
				};
			},
			async (first) => ({
				...(await engineBatching(first)),
				outputs: hasOutputs(first) ? labelsOf(first).length + 1 : 1,
			}),
		);
	},
};

/** Whether each class has an output of its own. */
const hasOutputs = (item: NodeItem): boolean => item.choice('classOutputs') === 'perClass';

function labelsOf(item: NodeItem): Label[] {
	const labels = item.rows('classes.values').flatMap((row) => {
		const name = row.optionalText('name');
		return name === undefined ? [] : [{ name, description: row.optionalText('description') }];
	});
	if (labels.length < 2) throw new InputError('"Classes" needs at least two classes with a name. Add them.');
	return labels;
}
