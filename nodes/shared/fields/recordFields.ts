import type { INodeProperties } from 'n8n-workflow';
import { recordOptions } from './recordOptions';
import { storeFields } from './storeFields';

/**
 * Where a node with recording shows its credentials: at the top. Without it n8n puts all of them below the field that the
 * Postgres credential depends on.
 */
export const credentialsField: INodeProperties = {
	displayName: 'Credentials',
	name: 'credentials',
	type: 'credentials',
	default: '',
	description: 'Engines to use. Leave empty to use the built-in model.',
};

/** The switch and what belongs to it: the same fields wherever a model writes. */
export const recordFields: readonly INodeProperties[] = [
	{
		displayName: 'Record Exchange',
		name: 'record',
		type: 'boolean',
		default: false,
		description:
			'Whether to store question and answer for the Distillation node. The ID of the record is added to the item as "record".',
	},
	...storeFields.map((field) => ({ ...field, displayOptions: { show: { record: [true] } } })),
	{
		displayName: 'Record Options',
		name: 'recordOptions',
		type: 'collection',
		placeholder: 'Add Option',
		default: {},
		displayOptions: { show: { record: [true] } },
		description: 'Optional settings of the record',
		options: [...recordOptions],
	},
];
