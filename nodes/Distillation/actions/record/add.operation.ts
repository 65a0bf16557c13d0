import type { IDataObject, IExecuteFunctions, INodeExecutionData } from 'n8n-workflow';
import { recordFrom, type ExchangeRecord } from '../../../../lib/distillation';
import { errorItem, toNodeError } from '../../../shared/runtime/errors';
import { valueAt } from '../../../shared/runtime/values';
import type { Operation } from '../../../shared/runtime/operations';
import { recordStoreFor } from '../../../shared/runtime/recordStores';
import { storeFields } from '../../../shared/fields/storeFields';
import { inOrder } from '../../shared/order';

export const add: Operation = {
	option: {
		name: 'Add',
		value: 'add',
		action: 'Record exchanges',
		description: 'Keeps each item as an exchange; sending the same one again changes nothing',
	},
	fields: [
		...storeFields,
		{
			displayName: 'What Is an Item',
			name: 'mapping',
			type: 'options',
			default: 'auto',
			description: 'How the question and the answer are found in an item',
			options: [
				{
					name: 'An Exchange',
					value: 'auto',
					description:
						'From the Engine Gateway, or in the format of OpenAI, ShareGPT, LangSmith, Alpaca or TRL',
				},
				{ name: 'Fields of My Own', value: 'fields', description: 'Name the fields of question and answer' },
			],
		},
		{
			displayName: 'Question Field',
			name: 'promptField',
			type: 'string',
			default: 'question',
			displayOptions: { show: { mapping: ['fields'] } },
			description: 'Field that holds the question as text, or a list of messages with role and content',
		},
		{
			displayName: 'Answer Field',
			name: 'answerField',
			type: 'string',
			default: 'text',
			displayOptions: { show: { mapping: ['fields'] } },
			description: 'Field that holds the answer as text',
		},
		{
			displayName: 'Options',
			name: 'options',
			type: 'collection',
			placeholder: 'Add Option',
			default: {},
			description: 'More about the records',
			options: [
				{
					displayName: 'Conversation Field',
					name: 'conversationField',
					type: 'string',
					default: 'sessionId',
					description: 'Field that names the conversation; its exchanges stay together in a split',
				},
				{
					displayName: 'Licence of the Answers',
					name: 'licence',
					type: 'string',
					default: '',
					description: 'Such as apache-2.0; it decides later who may learn from them',
				},
				{
					displayName: 'Model',
					name: 'model',
					type: 'string',
					default: '',
					description: 'The model that answered, where the item does not say',
				},
				{
					displayName: 'Source Field',
					name: 'sourceField',
					type: 'string',
					default: 'source',
					description:
						'Field that names the document the question is about; its exchanges stay together in a split',
				},
			],
		},
	],
	execute: async (context) => {
		const output: INodeExecutionData[] = [];
		const items = context.getInputData();
		const records: Array<{ readonly record: ExchangeRecord; readonly itemIndex: number }> = [];
		for (let itemIndex = 0; itemIndex < items.length; itemIndex++) {
			try {
				records.push({ record: read(context, itemIndex), itemIndex });
			} catch (error) {
				if (!context.continueOnFail()) throw toNodeError(context.getNode(), error, itemIndex);
				output.push(errorItem(context, error, itemIndex));
			}
		}
		if (records.length > 0) {
			try {
				// One append for all items: one wait for the disk.
				await (await recordStoreFor(context, 0)).append(records.map(({ record }) => record));
			} catch (error) {
				throw toNodeError(context.getNode(), error, 0);
			}
		}
		const added = records.map(({ record, itemIndex }) => ({
			json: { id: record.id, promptHash: record.lineage.promptHash, createdAt: record.createdAt },
			pairedItem: { item: itemIndex },
		}));
		return [inOrder([...added, ...output])];
	},
};

function read(context: IExecuteFunctions, itemIndex: number): ExchangeRecord {
	const json = context.getInputData()[itemIndex]?.json ?? {};
	const options = context.getNodeParameter('options', itemIndex, {});
	const text = (value: unknown) =>
		typeof value === 'string' && value.trim() !== '' ? value.trim() : undefined;
	const fieldValue = (name: unknown) =>
		text(name) === undefined ? undefined : text(valueAt(json, String(name)));
	const defaults = {
		model: text(options.model),
		licence: text(options.licence),
		conversation: fieldValue(options.conversationField),
		source: fieldValue(options.sourceField),
		lineage: {
			workflow: context.getWorkflow().id,
			node: context.getNode().name,
			execution: context.getExecutionId(),
			item: itemIndex,
		},
	};
	if (context.getNodeParameter('mapping', itemIndex) !== 'fields') return recordFrom(json, { defaults });
	const mapped: IDataObject = {
		prompt: valueAt(json, context.getNodeParameter('promptField', itemIndex) as string),
		answer: valueAt(json, context.getNodeParameter('answerField', itemIndex) as string),
	};
	return recordFrom(mapped, { format: 'record', defaults });
}
