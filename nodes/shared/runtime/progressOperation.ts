import { listJobs } from '../../../lib/reports';
import { forEachItem } from './items';
import type { Operation } from './operations';
import { spaceOf } from './spaces';

/** *Get Progress*, the same in every node that has long-running operations. */
export const progressOperation: Operation = {
	option: {
		name: 'Get Progress',
		value: 'progress',
		action: 'Get the progress of running work',
		description:
			'Lists syncs, migrations and other long work that is running: how much is done, how fast, and the time left',
	},
	fields: [
		{
			displayName: 'Jobs',
			name: 'jobs',
			type: 'options',
			default: 'running',
			description: 'Which jobs to list, one item each. Jobs that take less than a second are not listed.',
			options: [
				{ name: 'Running', value: 'running' },
				{ name: 'Running and Ended', value: 'all', description: 'The last 100 jobs' },
			],
		},
	],
	execute: async (run) =>
		await forEachItem(run, async (item) => {
			const wanted = item.choice('jobs');
			const { folder } = await spaceOf(item.context, item.index);
			const jobs = (await listJobs(folder)).filter(({ state }) => wanted === 'all' || state === 'running');
			if (jobs.length === 0) run.hint('Nothing is running right now.', 'info');
			return jobs.map(({ id: _, ...job }) => ({ json: { ...job } }));
		}),
};
