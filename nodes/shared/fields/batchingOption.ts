import type { INodeProperties } from 'n8n-workflow';

/** How many items go to the engines at once, as in n8n's own chains. */
export const batchingOption: INodeProperties = {
	displayName: 'Batching',
	name: 'batching',
	type: 'collection',
	placeholder: 'Add Setting',
	default: {},
	description: 'How many items to process at once. The output keeps the order of the input.',
	options: [
		{
			displayName: 'Batch Size',
			name: 'batchSize',
			type: 'number',
			typeOptions: { minValue: 1, maxValue: 1000 },
			default: 5,
			description:
				'Number of items to process at once. If not set, it is the Max Concurrency of the credential’s engines, or 5 for an engine without a maximum.',
		},
		{
			displayName: 'Delay Between Batches',
			name: 'delayBetweenBatches',
			type: 'number',
			typeOptions: { minValue: 0 },
			default: 0,
			description:
				'Milliseconds to wait after each batch. If not set, the next item starts as soon as one is done.',
		},
	],
};
