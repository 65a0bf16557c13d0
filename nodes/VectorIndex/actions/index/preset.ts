import type { INodeProperties } from 'n8n-workflow';

/** Where to start between speed, exactness and memory. */
export const presetField: INodeProperties = {
	displayName: 'Preset',
	name: 'preset',
	type: 'options',
	default: 'balanced',
	description:
		'Counts from some 20,000 rows on; smaller indexes compare every vector, which is exact and fast enough. Tune measures what is best for your data.',
	options: [
		{ name: 'Accurate', value: 'accurate', description: 'Finds nearly everything; more time and memory' },
		{ name: 'Balanced', value: 'balanced' },
		{ name: 'Fast', value: 'fast', description: 'Shortest search; misses a little more' },
		{
			name: 'Low Memory',
			value: 'lowMemory',
			description: 'Compressed vectors in memory, checked against the originals',
		},
	],
};
