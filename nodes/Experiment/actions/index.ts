import type { Resource } from '../../shared/runtime/operations';
import { compare } from './comparison/compare.operation';
import { remove } from './experiment/delete.operation';
import { end } from './experiment/end.operation';
import { list } from './experiment/list.operation';
import { moveToSpace } from './experiment/moveToSpace.operation';
import { report } from './experiment/report.operation';
import { assign } from './unit/assign.operation';
import { outcome } from './unit/outcome.operation';

export const resources: readonly Resource[] = [
	{
		option: { name: 'Unit', value: 'unit', description: 'A user, a session or a ticket that takes part' },
		operations: [assign, outcome],
	},
	{
		option: { name: 'Experiment', value: 'experiment', description: 'The test as a whole' },
		operations: [report, list, end, moveToSpace, remove],
	},
	{
		option: {
			name: 'Question List',
			value: 'comparison',
			description: 'Two prompts or two models on the same questions, without users',
		},
		operations: [compare],
	},
];
