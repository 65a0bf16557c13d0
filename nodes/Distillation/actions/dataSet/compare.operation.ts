import type { IDataObject } from 'n8n-workflow';
import { jsonCopy, withRounded } from '../../../../lib/support';
import { compare, curate, DEFAULT_RUBRIC, type ExchangeRecord } from '../../../../lib/distillation';
import { optionsField } from '../../../shared/fields/optionsField';
import { storeFields } from '../../../shared/fields/storeFields';
import { enginesFor } from '../../../shared/runtime/engines';
import { InputError } from '../../../shared/runtime/errors';
import { forEachItem } from '../../../shared/runtime/items';
import type { Operation } from '../../../shared/runtime/operations';
import { watched } from '../../../shared/runtime/progress';
import { filledRecordStoreFor, temporaryFolderOf } from '../../../shared/runtime/recordStores';
import { filterOf } from '../../shared/filter';
import { filterField } from '../../shared/filterField';
import { gateOptions } from './gateFields';
import { gatesOf } from './gates';

export const compareModels: Operation = {
	option: {
		name: 'Compare',
		value: 'compare',
		action: 'Compare a student with its teacher',
		description:
			'Asks the student the questions of the test split, and compares its answers with the teacher’s',
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
				'Name of the student model on the credential’s engines. The teacher’s answers are the recorded ones.',
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
			description: 'Model that compares both answers. If empty, only exact matches count.',
		},
		{
			displayName: 'Rubric',
			name: 'rubric',
			type: 'string',
			typeOptions: { rows: 3 },
			default: DEFAULT_RUBRIC,
			description: 'Tells the judge what makes an answer good',
		},
		optionsField(gateOptions, {
			description:
				'The same settings as in Build. With other settings the test split contains other records.',
		}),
	],
	execute: async (run) =>
		await forEachItem(run, async (item) => {
			const { signal } = item;
			const store = await filledRecordStoreFor(item);
			const limit = item.number('limit');
			const records: ExchangeRecord[] = [];
			const set = await curate(
				store.scan(filterOf(item), { signal }),
				{ ...gatesOf(item), workspace: await temporaryFolderOf(item) },
				{ signal },
			);
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
			const engines = await enginesFor(item.context, item.index);
			const complete: typeof engines.complete = (request, call) => engines.complete(request, call);
			const judge = item.optionalText('judge');
			const report = await watched(
				run,
				item,
				{ task: 'Compare', subject: item.text('student'), unit: 'questions' },
				async (context) =>
					await compare(
						records,
						{
							student: { complete, model: item.text('student') },
							...(judge !== undefined && { judge: { complete, model: judge, rubric: item.prose('rubric') } }),
						},
						context,
					),
				signal,
			);
			return { json: withRounded(jsonCopy(report)) as IDataObject };
		}),
};
