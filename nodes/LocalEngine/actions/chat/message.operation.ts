import type { IDataObject, INodeProperties } from 'n8n-workflow';
import {
	type ChatMessage,
	type ChatRequest,
	type ChatResult,
	type ContentPart,
	createCacheWatch,
	EngineError,
} from '../../../../lib/engine';
import { answerFormatFields } from '../../../shared/fields/answerFormat';
import { batchingOption } from '../../../shared/fields/batchingOption';
import { chatOptions } from '../../../shared/fields/chatOptions';
import { modelField } from '../../../shared/fields/modelField';
import { optionsField, supplyOptionsField } from '../../../shared/fields/optionsField';
import { recordFields } from '../../../shared/fields/recordFields';
import { fromModel } from '../../../shared/fields/toolFields';
import { answerFormatOf } from '../../../shared/runtime/answerFormat';
import { engineBatching } from '../../../shared/runtime/batching';
import { callOptions, chatSettings } from '../../../shared/runtime/chatSettings';
import { enginesFor } from '../../../shared/runtime/engines';
import { InputError } from '../../../shared/runtime/errors';
import { forEachItem } from '../../../shared/runtime/items';
import { modelOf } from '../../../shared/runtime/model';
import type { NodeItem } from '../../../shared/runtime/nodeItem';
import type { Operation } from '../../../shared/runtime/operations';
import { exchangeRecorder } from '../../../shared/runtime/recording';
import { isNothing, tryJson } from '../../../shared/runtime/values';
import { callDetails, fallbackOf } from './callDetails';
import { shortened } from '../../../../lib/support';

const systemMessageField: INodeProperties = {
	displayName: 'System Message',
	name: 'systemMessage',
	type: 'string',
	typeOptions: { rows: 2 },
	default: '',
	placeholder: 'You are a friendly assistant of our support team.',
	description: 'Instructions that the model follows in every answer',
};

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
		systemMessageField,
		...answerFormatFields,
		optionsField([
			...chatOptions,
			batchingOption,
			{
				displayName: 'Image Fields',
				name: 'imageFields',
				type: 'string',
				default: '',
				placeholder: 'data, photo',
				description: 'Binary fields of the item to send as images with the message, separated by commas',
			},
		]),
		...recordFields,
	],
	tool: {
		description: 'Sends a message to another model and returns its answer.',
		fields: [
			modelField,
			fromModel({
				displayName: 'Message',
				name: 'message',
				key: 'message',
				typeOptions: { rows: 4 },
				description: 'The whole message to the other model, with everything it needs to know',
			}),
			systemMessageField,
			...answerFormatFields,
			supplyOptionsField(chatOptions),
			...recordFields,
		],
		answer: ({ text, data }) => (data === undefined ? { text } : { data }),
	},
	execute: async (run) => {
		const watch = createCacheWatch();
		const record = exchangeRecorder(run.context);
		let hint: string | undefined;
		const output = await forEachItem(
			run,
			async (item) => {
				const engines = await enginesFor(item.context, item.index);
				const request: ChatRequest = {
					model: modelOf(item),
					messages: await messagesOf(item),
					responseFormat: answerFormatOf(item),
					...chatSettings(item),
				};
				const result = await engines.complete(request, callOptions(item));
				hint ??= watch(request, result.usage);
				const data = request.responseFormat && parsed(result);
				const { responseFormat: format, messages } = request;
				const recorded = await record(item, {
					messages,
					result,
					schema: format?.type === 'jsonSchema' ? format.schema : undefined,
					labels: { task: 'chat' },
				});
				return {
					json: {
						text: result.text,
						...(data !== undefined && { data }),
						...(result.reasoning && { reasoning: result.reasoning }),
						fallback: fallbackOf(run, result),
						...recorded,
						call: callDetails(result),
					},
				};
			},
			engineBatching,
		);
		if (hint) run.hint(hint, 'info');
		return output;
	},
};

async function messagesOf(item: NodeItem): Promise<ChatMessage[]> {
	const text = item.prose('message');
	if (isNothing(text)) {
		throw new InputError('"Message" is empty. Write one, or check the expression it comes from.');
	}
	const system = item.prose('systemMessage');
	const images: ContentPart[] = [];
	const fields = item.hasField('options.imageFields') ? item.list('options.imageFields') : [];
	for (const name of fields) {
		const { mimeType } = item.file(name);
		const data = await item.context.helpers.getBinaryDataBuffer(item.index, name);
		images.push({ type: 'image', data: data.toString('base64'), mediaType: mimeType });
	}
	const content: string | ContentPart[] = images.length === 0 ? text : [{ type: 'text', text }, ...images];
	return [
		...(isNothing(system) ? [] : [{ role: 'system' as const, content: system }]),
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
		engineMessage: shortened(text, 500),
	});
}
