import type { Resource } from '../../shared/runtime/operations';
import { progressOperation } from '../../shared/runtime/progressOperation';
import { build } from './dataSet/build.operation';
import { compareModels } from './dataSet/compare.operation';
import { generateAnswers } from './dataSet/generate.operation';
import { moveSetToSpace } from './dataSet/moveToSpace.operation';
import { add } from './record/add.operation';
import { deleteRecords } from './record/delete.operation';
import { feedback } from './record/feedback.operation';
import { importFile } from './record/import.operation';
import { figures } from './record/figures.operation';
import { getRecord } from './record/get.operation';
import { listRecords } from './record/list.operation';
import { moveRecordsToSpace } from './record/moveToSpace.operation';

export const resources: readonly Resource[] = [
	{
		option: {
			name: 'Record',
			value: 'record',
			description: 'Store exchanges and the feedback of people',
		},
		operations: [
			add,
			feedback,
			importFile,
			listRecords,
			getRecord,
			deleteRecords,
			figures,
			moveRecordsToSpace,
		],
	},
	{
		option: {
			name: 'Data Set',
			value: 'dataSet',
			description: 'Make training data, and compare the trained model with its teacher',
		},
		operations: [build, generateAnswers, compareModels, progressOperation, moveSetToSpace],
	},
];
