import type { INodeProperties } from 'n8n-workflow';

/** @param by the field that chooses how rows are named */
export const idsField = (by: string): INodeProperties => ({
	displayName: 'IDs',
	name: 'ids',
	type: 'string',
	displayOptions: { show: { [by]: ['ids'] } },
	required: true,
	default: '',
	description: 'IDs of the rows, separated by commas, or a list. Search returns the ID of each row.',
});

export const sourceNameField = (by: string): INodeProperties => ({
	displayName: 'Source',
	name: 'source',
	type: 'string',
	displayOptions: { show: { [by]: ['source'] } },
	required: true,
	default: '',
	placeholder: 'handbook.md',
	description: 'Name of the document as it was stored',
});
