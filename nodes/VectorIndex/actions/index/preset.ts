import type { INodeProperties } from 'n8n-workflow';

/** Where to start between speed, exactness and memory. */
export const presetField: INodeProperties = {
	displayName: 'Preset',
	name: 'preset',
	type: 'options',
	default: 'balanced',
	description:
		'Balance of speed, memory and recall. It matters from about 20,000 rows; in smaller indexes every vector is compared, which is exact. Tune finds the best settings for your data.',
	options: [
		{
			name: 'Accurate',
			value: 'accurate',
			description: 'Finds nearly everything. Needs more time and memory.',
		},
		{ name: 'Balanced', value: 'balanced' },
		{ name: 'Fast', value: 'fast', description: 'The fastest search. Misses a little more.' },
		{
			name: 'Low Memory',
			value: 'lowMemory',
			description: 'Keeps compressed vectors in memory, and compares the best ones with the originals',
		},
	],
};
