import type { IDataObject } from 'n8n-workflow';
import { compare, curate, type ExchangeRecord } from '../../../../lib/distillation';
import { enginesFor } from '../../../shared/runtime/engines';
import { InputError } from '../../../shared/runtime/errors';
import { forEachItem } from '../../../shared/runtime/items';
import type { Operation } from '../../../shared/runtime/operations';
import { progressFor } from '../../../shared/runtime/progress';
import { recordStoreFor } from '../../../shared/runtime/recordStores';
import { storeFields } from '../../../shared/fields/storeFields';
import { filterField, filterOf } from '../../shared/filter';
import { curateOptionsOf, gateOptions } from './gateFields';

export const compareModels: Operation = {
	option: {
		name: 'Compare',
		value: 'compare',
		action: 'Compare a student with its teacher',
		description: 'Asks the student the held-back questions: is it good enough?',
	},
	fields: [
		...storeFields,
		filterField,
		{
			displayName: 'Student',
			name: 'student',
			type: 'string',
			default: '',
			required: true,
			description:
				'Name of the student’s model on the credential’s engines; the teacher’s answers are the recorded ones',
		},
		{
			displayName: 'Limit',
			name: 'limit',
			type: 'number',
			typeOptions: { minValue: 1 },
			default: 50,
			description: 'Max number of results to return',
		},
		{
			displayName: 'Judge',
			name: 'judge',
			type: 'string',
			default: '',
			description: 'Model that judges both answers; empty: only exact matches count',
		},
		{
			displayName: 'Rubric',
			name: 'rubric',
			type: 'string',
			typeOptions: { rows: 3 },
			default: 'The answer is correct, complete and concise.',
			description: 'What makes an answer good, for the judge',
		},
		{
			displayName: 'Options',
			name: 'options',
			type: 'collection',
			placeholder: 'Add Option',
			default: {},
			description: 'The same as for Build: only then are the held-back records the same',
			options: gateOptions,
		},
	],
	execute: (context) =>
		forEachItem(context, async ({ itemIndex, signal }) => {
			const store = await recordStoreFor(context, itemIndex);
			const limit = context.getNodeParameter('limit', itemIndex);
			const gates = curateOptionsOf(context.getNodeParameter('options', itemIndex, {}));
			const records: ExchangeRecord[] = [];
			const set = await curate(store.scan(filterOf(context, itemIndex), { signal }), gates, { signal });
			try {
				for await (const { record } of set.records('test')) if (records.push(record) >= limit) break;
			} finally {
				await set.close();
			}
			if (records.length === 0) {
				throw new InputError(
					'No record is in the test split: record more exchanges, or raise the test share.',
				);
			}
			const engines = await enginesFor(context, itemIndex);
			const complete: typeof engines.complete = (request, call) => engines.complete(request, call);
			const judge = (context.getNodeParameter('judge', itemIndex) as string).trim();
			const report = await compare(
				records,
				{
					student: { complete, model: (context.getNodeParameter('student', itemIndex) as string).trim() },
					...(judge !== '' && {
						judge: {
							complete,
							model: judge,
							rubric: context.getNodeParameter('rubric', itemIndex) as string,
						},
					}),
				},
				{ signal, onProgress: progressFor(context) },
			);
			return { json: JSON.parse(JSON.stringify(report)) as IDataObject };
		}),
};
