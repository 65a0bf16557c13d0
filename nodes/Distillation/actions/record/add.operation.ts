import type { IDataObject } from 'n8n-workflow';
import { recordFrom, type ExchangeRecord } from '../../../../lib/distillation';
import { optionsField } from '../../../shared/fields/optionsField';
import { pathField } from '../../../shared/fields/pathField';
import { recordOptions } from '../../../shared/fields/recordOptions';
import { storeFields } from '../../../shared/fields/storeFields';
import { forEachGroup } from '../../../shared/runtime/groups';
import { lineageOf } from '../../../shared/runtime/lineage';
import type { NodeItem } from '../../../shared/runtime/nodeItem';
import type { Operation } from '../../../shared/runtime/operations';
import { openRecordStore, recordTargetOf } from '../../../shared/runtime/recordStores';
import { toProse } from '../../../shared/runtime/values';

export const add: Operation = {
	option: {
		name: 'Add',
		value: 'add',
		action: 'Record exchanges',
		description: 'Stores each item as an exchange. Sending the same exchange again changes nothing.',
	},
	fields: [
		...storeFields,
		{
			displayName: 'Item Format',
			name: 'mapping',
			type: 'options',
			default: 'auto',
			description: 'How to find the question and the answer in an item',
			options: [
				{
					name: 'An Exchange',
					value: 'auto',
					description:
						'From the Engine Gateway, or in the format of OpenAI, ShareGPT, LangSmith, Alpaca or TRL',
				},
				{
					name: 'Other Fields',
					value: 'fields',
					description: 'Enter the names of the fields that hold question and answer',
				},
			],
		},
		pathField({
			displayName: 'Question Field',
			name: 'promptField',
			default: 'question',
			displayOptions: { show: { mapping: ['fields'] } },
			description:
				'Name of the field that holds the question as text, or a list of messages with role and content',
		}),
		pathField({
			displayName: 'Answer Field',
			name: 'answerField',
			default: 'text',
			displayOptions: { show: { mapping: ['fields'] } },
			description: 'Name of the field that holds the answer as text',
		}),
		optionsField([
			...recordOptions,
			{
				displayName: 'Model',
				name: 'model',
				type: 'string',
				default: '',
				description: 'Name of the model that answered, for items that do not contain it',
			},
		]),
	],
	// One append for all items of a collection: one wait for the disk.
	execute: async (run) =>
		await forEachGroup(
			run,
			async (item) => ({ target: await recordTargetOf(item), request: read(item) }),
			async ({ target, members }) => {
				const store = await openRecordStore(target);
				await store.append(members.map(({ request }) => request));
				return members.map(({ request: { id, lineage, createdAt } }) => ({
					json: { id, promptHash: lineage.promptHash, createdAt },
				}));
			},
		),
};

function read(item: NodeItem): ExchangeRecord {
	const defaults = {
		model: item.optionalText('options.model'),
		licence: item.optionalText('options.licence'),
		conversation: item.optionalPointedName('options.conversationField'),
		source: item.optionalPointedName('options.sourceField'),
		lineage: lineageOf(item),
	};
	if (item.choice('mapping') !== 'fields') return recordFrom(item.json, { defaults });
	const prompt = item.pointed('promptField');
	const answer = item.pointed('answerField');
	const mapped = {
		prompt: Array.isArray(prompt) ? prompt : textOf(prompt, item.label('promptField')),
		answer: textOf(answer, item.label('answerField')),
	};
	return recordFrom(mapped as IDataObject, { format: 'record', defaults });
}

const textOf = (value: unknown, label: string): string | undefined =>
	value === undefined || value === null ? undefined : toProse(value, label);
