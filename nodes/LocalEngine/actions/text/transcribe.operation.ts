import type { IDataObject } from 'n8n-workflow';
import { clockTime, speechPassages, type Transcription } from '../../../../lib/engine';
import { formatMegabytes, withRounded } from '../../../../lib/support';
import { binaryField } from '../../../shared/fields/binaryField';
import { chatOptions } from '../../../shared/fields/chatOptions';
import { modelField } from '../../../shared/fields/modelField';
import { optionsField } from '../../../shared/fields/optionsField';
import { callOptions } from '../../../shared/runtime/chatSettings';
import { enginesFor } from '../../../shared/runtime/engines';
import { InputError } from '../../../shared/runtime/errors';
import { forEachItem } from '../../../shared/runtime/items';
import { modelOf } from '../../../shared/runtime/model';
import type { NodeItem } from '../../../shared/runtime/nodeItem';
import type { Operation } from '../../../shared/runtime/operations';
import type { ItemResult } from '../../../shared/runtime/outputs';

/** It is held in memory while it is sent; an hour of speech as MP3 has 30 to 60 MB. */
const MAX_BYTES = 100 * 1024 * 1024;
const DEFAULT_PASSAGE_SECONDS = 60;

export const transcribe: Operation = {
	option: {
		name: 'Transcribe',
		value: 'transcribe',
		action: 'Transcribe a recording',
		description:
			'Turns speech in an audio or video file into text with times. Needs an engine that transcribes: LocalAI, vLLM, or another one with OpenAI’s protocol.',
	},
	fields: [
		{
			...modelField,
			required: true,
			description: 'Model for speech, such as whisper-1. It has to be named.',
			modes: modelField.modes?.map((mode) =>
				mode.name === 'list'
					? { ...mode, placeholder: 'Select a model' }
					: { ...mode, placeholder: 'whisper-1' },
			),
		},
		binaryField('Name of the input field that holds the recording, at most 100 MB'),
		{
			displayName: 'Output',
			name: 'speechOutput',
			type: 'options',
			default: 'perFile',
			description: 'What each output item contains',
			options: [
				{
					name: 'One Item per File',
					value: 'perFile',
					description: 'The whole text, and a list of segments with their start and end in seconds',
				},
				{
					name: 'One Item per Passage',
					value: 'perPassage',
					description:
						'A minute or so of speech with its time. Send these to Vector Index → Sync Documents, and citations name the time.',
				},
			],
		},
		{
			displayName: 'Passage Length (Seconds)',
			name: 'passageSeconds',
			type: 'number',
			typeOptions: { minValue: 5, maxValue: 3600 },
			default: DEFAULT_PASSAGE_SECONDS,
			description: 'Maximum length of a passage, in seconds. A passage ends between two segments.',
			displayOptions: { show: { speechOutput: ['perPassage'] } },
		},
		optionsField([
			...chatOptions.filter(({ name }) => name === 'allowRemote' || name === 'timeoutSeconds'),
			{
				displayName: 'Language',
				name: 'spokenLanguage',
				type: 'string',
				default: '',
				placeholder: 'de',
				description:
					'Language that is spoken, as a code of two letters. If empty, the model finds out by itself.',
			},
			{
				displayName: 'Names and Terms',
				name: 'namesAndTerms',
				type: 'string',
				default: '',
				placeholder: 'Finch Components, IBAN, Ms Okafor',
				description: 'Names and technical terms that occur, so that the model spells them correctly',
			},
		]),
	],
	execute: async (run) =>
		await forEachItem(run, async (item) => {
			const model = modelOf(item);
			if (model === undefined)
				throw new InputError('"Model" is empty. Select the model for speech, such as whisper-1.');
			const field = item.text('binaryField');
			const { fileName: name = field, mimeType: mediaType } = item.file(field);
			const bytes = await item.context.helpers.getBinaryDataBuffer(item.index, field);
			if (bytes.length > MAX_BYTES)
				throw new InputError(
					`The file "${name}" has ${formatMegabytes(bytes.length)}; at most ${formatMegabytes(MAX_BYTES)} can be transcribed. Split it, or store it as MP3.`,
				);
			const engines = await enginesFor(item.context, item.index);
			const said = await engines.transcribe(
				{ bytes, name, mediaType },
				{
					model,
					language: item.optionalText('options.spokenLanguage'),
					prompt: item.optionalText('options.namesAndTerms'),
				},
				callOptions(item),
			);
			return item.choice('speechOutput') === 'perPassage' ? passageItems(item, said, name) : wholeItem(said);
		}),
};

function factsOf({ language, seconds, segments, engine, model, attempts }: Transcription): IDataObject {
	const length = seconds ?? segments.at(-1)?.end;
	return withRounded({
		...(language !== undefined && { language }),
		...(length !== undefined && { seconds: length }),
		call: { engine, model, attempts: attempts.map((attempt) => ({ ...attempt })) },
	});
}

const wholeItem = (said: Transcription): ItemResult => ({
	json: {
		text: said.text,
		...factsOf(said),
		segments: said.segments.map((segment) => withRounded({ ...segment })),
	},
});

/**
 * Documents for an index. `source` ends in the times as a media fragment (https://www.w3.org/TR/media-frags/): an address with it
 * plays from there.
 */
function passageItems(item: NodeItem, said: Transcription, name: string): ItemResult[] {
	if (said.segments.length === 0 && said.text !== '')
		throw new InputError(
			`${said.engine} gives no times with the model "${said.model}". Choose another model, or the output "One Item per File".`,
		);
	return speechPassages(said.segments, item.number('passageSeconds')).map(({ start, end, text }) => ({
		json: {
			text,
			...withRounded({ start, end }),
			time: clockTime(start),
			source: `${name}#t=${Math.floor(start)},${Math.ceil(end)}`,
			title: `${name}, ${clockTime(start)}`,
			...factsOf(said),
		},
		isPart: true,
	}));
}
