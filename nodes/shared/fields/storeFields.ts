import type { INodeProperties } from 'n8n-workflow';

/** Where a node keeps what it writes: a file beside n8n's own database, or Postgres when workers run on several machines. */
export const keptInField: INodeProperties = {
	displayName: 'Records Stored In',
	name: 'recordBackend',
	type: 'options',
	default: 'sqlite',
	description: 'Where the records are stored',
	options: [
		{ name: 'File on This Machine', value: 'sqlite', description: 'A SQLite file in n8n’s data folder' },
		{ name: 'Postgres', value: 'postgres', description: 'For workers on several machines' },
	],
};

/** Which collection of records, and where it is. */
export const storeFields: readonly INodeProperties[] = [
	keptInField,
	{
		displayName: 'Collection',
		name: 'collection',
		type: 'string',
		default: 'exchanges',
		required: true,
		description: 'Name of the collection of records: lower-case letters, digits and _',
	},
];
