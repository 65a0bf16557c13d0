import type { INodeProperties } from 'n8n-workflow';
import { pathField } from './pathField';

/** Where an index lives and which one: the first fields of every operation that touches an index. */
export const indexFields: readonly INodeProperties[] = [
	{
		displayName: 'Stored In',
		name: 'backend',
		type: 'options',
		default: 'embedded',
		description: 'Where the index is stored',
		options: [
			{
				name: 'This Machine (Embedded)',
				value: 'embedded',
				description: 'A folder in n8n’s data folder. Nothing to install.',
			},
			{
				name: 'Qdrant',
				value: 'qdrant',
				description: 'A Qdrant server, for several machines or for millions of rows',
			},
		],
	},
	{
		displayName: 'Index',
		name: 'index',
		type: 'resourceLocator',
		required: true,
		default: { mode: 'name', value: 'knowledge-base' },
		description: 'Index to use',
		modes: [
			{
				displayName: 'By Name',
				name: 'name',
				type: 'string',
				placeholder: 'knowledge-base',
				hint: 'Letters, digits, - and _',
			},
			{
				displayName: 'From List',
				name: 'list',
				type: 'list',
				placeholder: 'Choose an index…',
				typeOptions: { searchListMethod: 'searchIndexes', searchable: true },
			},
		],
	},
];

/** An option shared by the operations that webhooks call: the caller may name another existing index. */
export const indexNameFieldOption: INodeProperties = pathField({
	displayName: 'Index Name Field',
	name: 'indexNameField',
	placeholder: 'body.index',
	description:
		'Name of the field that can contain the name of another existing index. Items without this field use the index selected above.',
});

/** Beside *Index Name Field*: which indexes callers may name. */
export const allowedIndexesOption: INodeProperties = {
	displayName: 'Allowed Indexes',
	name: 'allowedIndexes',
	type: 'string',
	default: '',
	placeholder: 'handbook, policies',
	description:
		'Index names that Index Name Field may contain, separated by commas. Any other name is an error. Leave empty to allow every existing index.',
};
