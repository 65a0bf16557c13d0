import type { INodeProperties } from 'n8n-workflow';

/** A condition over the metadata of rows; {} alone means all of them. */
export const metadataFilter: INodeProperties = {
	displayName: 'Filter',
	name: 'filter',
	type: 'json',
	default: '{}',
	placeholder: '{ "department": "sales", "year": { "gte": 2024 } }',
	description:
		'Only rows whose metadata matches are used. Conditions: a value, gt, gte, lt, lte, in, not, exists. Combine filters with and, or, not. {} matches all rows. An expression that returns nothing is an error.',
};
