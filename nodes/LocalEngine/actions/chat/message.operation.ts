import type { IDataObject, IExecuteFunctions } from 'n8n-workflow';
import {
	type ChatMessage,
	type ChatRequest,
	type ChatResult,
	type ContentPart,
	createCacheWatch,
	EngineError,
} from '../../../../lib/engine';
import { enginesFor } from '../../../shared/runtime/engines';
import { InputError } from '../../../shared/runtime/errors';
import { listOf, tryJson } from '../../../shared/runtime/values';
import { forEachItem } from '../../../shared/runtime/items';
import type { Operation } from '../../../shared/runtime/operations';
import { modelField } from '../../../shared/fields/modelField';
import { modelOf } from '../../../shared/runtime/model';
import { answerFormatFields } from '../../../shared/fields/answerFormat';
import { answerFormatOf } from '../../../shared/runtime/answerFormat';
import { callOptions, chatSettings } from '../../../shared/runtime/chatSettings';
import { chatOptions } from '../../../shared/fields/chatOptions';
import { exchangeRecorder } from '../../../shared/runtime/recording';
import { recordFields } from '../../../shared/fields/recordFields';
import { callJson } from './resultJson';

export const message: Operation = {
	option: {
		name: 'Send Message',
		value: 'message',
		action: 'Send a message to a model',
		description: 'Sends a message to the first engine that can answer',
	},
	fields: [
		modelField,
		{
			displayName: 'Message',
			name: 'message',
			type: 'string',
			typeOptions: { rows: 4 },
			required: true,
			default: '',
			placeholder: 'Summarize this e-mail: …',
			description: 'What to send to the model',
		},
		{
			displayName: 'System Message',
			name: 'systemMessage',
			type: 'string',
			typeOptions: { rows: 2 },
			default: '',
			placeholder: 'You are a friendly assistant of our support team.',
			description: 'What the model is to keep to in every answer',
		},
		...answerFormatFields,
		{
			displayName: 'Options',
			name: 'options',
			type: 'collection',
			placeholder: 'Add Option',
			default: {},
			description: 'More choices for this operation',
			options: [
				...chatOptions,
				{
					displayName: 'Image Fields',
					name: 'imageFields',
					type: 'string',
					default: '',
					placeholder: 'data, photo',
					description: 'Binary fields of the item to send as images with the message, separated by commas',
				},
			],
		},
		...recordFields,
	],
	execute: async (context) => {
		const watch = createCacheWatch();
		const record = exchangeRecorder(context);
		let hint: string | undefined;
		const output = await forEachItem(context, async ({ itemIndex, signal }) => {
			const options = context.getNodeParameter('options', itemIndex, {});
			const engines = await enginesFor(context, itemIndex);
			const request: ChatRequest = {
				model: modelOf(context, itemIndex),
				messages: await messagesOf(context, itemIndex, options),
				responseFormat: answerFormatOf(context, itemIndex),
				...chatSettings(options),
			};
			const result = await engines.complete(request, callOptions(options, signal));
			hint ??= watch(request, result.usage);
			const data = request.responseFormat && parsed(result);
			const { responseFormat: format, messages } = request;
			return {
				json: {
					text: result.text,
					...(data !== undefined && { data }),
					...(result.reasoning && { reasoning: result.reasoning }),
					...callJson(result),
					...(await record(itemIndex, {
						messages,
						result,
						schema: format?.type === 'jsonSchema' ? format.schema : undefined,
						labels: { task: 'chat' },
					})),
				},
			};
		});
		if (hint) context.addExecutionHints({ message: hint, location: 'outputPane', type: 'info' });
		return output;
	},
};

async function messagesOf(
	context: IExecuteFunctions,
	itemIndex: number,
	options: IDataObject,
): Promise<ChatMessage[]> {
	const text = context.getNodeParameter('message', itemIndex, '') as string;
	if (typeof text !== 'string' || text.trim() === '') {
		throw new InputError('The message is empty. Write one, or check the expression it comes from.');
	}
	const system = context.getNodeParameter('systemMessage', itemIndex, '') as string;
	const images: ContentPart[] = [];
	for (const name of listOf(options.imageFields)) {
		const binary = context.helpers.assertBinaryData(itemIndex, name);
		const data = await context.helpers.getBinaryDataBuffer(itemIndex, name);
		images.push({ type: 'image', data: data.toString('base64'), mediaType: binary.mimeType });
	}
	const content: string | ContentPart[] = images.length === 0 ? text : [{ type: 'text', text }, ...images];
	return [
		...(system.trim() === '' ? [] : [{ role: 'system' as const, content: system }]),
		{ role: 'user', content },
	];
}

function parsed({ text, finishReason, engine, model, attempts }: ChatResult): IDataObject {
	const { value, problem } = tryJson(text);
	if (problem === undefined) return value as IDataObject;
	const why =
		finishReason === 'length' ? 'it was cut off; raise Maximum Tokens' : 'the model wrote something else';
	throw new EngineError('badAnswer', `The answer of ${engine} is not valid JSON: ${why}.`, {
		engine,
		model,
		attempts,
		engineMessage: text.slice(0, 500),
	});
}
