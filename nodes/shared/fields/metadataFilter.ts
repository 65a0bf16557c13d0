import type { INodeProperties } from 'n8n-workflow';

/** A condition over the metadata of rows; {} alone means all of them. */
export const metadataFilter: INodeProperties = {
	displayName: 'Filter',
	name: 'filter',
	type: 'json',
	default: '{}',
	placeholder: '{ "department": "sales", "year": { "gte": 2024 } }',
	description:
		'Only rows whose metadata matches. Conditions: a value, gt, gte, lt, lte, in, not, exists; combine filters with and, or, not. {} matches all rows; an expression that gives nothing is an error.',
};
