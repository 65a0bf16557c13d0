import type { INodeProperties } from 'n8n-workflow';

export const dataSetNameField: INodeProperties = {
	displayName: 'Name',
	name: 'dataSetName',
	type: 'string',
	default: 'exchanges',
	required: true,
	description: 'Name of the data set, and of its folder',
};
