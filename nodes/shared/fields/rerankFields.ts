import type { INodeProperties } from 'n8n-workflow';
import { chatOptions } from './chatOptions';

/** How many passages a reranker keeps. */
export const topNField: INodeProperties = {
	displayName: 'Maximum Passages',
	name: 'topN',
	type: 'number',
	typeOptions: { minValue: 1 },
	default: '',
	description: 'Maximum number of passages to keep, best first. If empty, all are kept.',
};

export const rerankOptions: readonly INodeProperties[] = chatOptions.filter(
	({ name }) => name === 'allowRemote' || name === 'timeoutSeconds',
);
