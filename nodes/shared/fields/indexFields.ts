import type { INodeProperties } from 'n8n-workflow';
import { pathField } from './pathField';

/** Where an index lives and which one: the first fields of every operation that touches an index. */
export const indexFields: readonly INodeProperties[] = [
	{
		displayName: 'Stored In',
		name: 'backend',
		type: 'options',
		default: 'embedded',
		description: 'Which vector index holds the rows',
		options: [
			{
				name: 'This Machine (Embedded)',
				value: 'embedded',
				description: 'A folder beside n8n’s own data; nothing to install',
			},
			{
				name: 'Qdrant',
				value: 'qdrant',
				description: 'A Qdrant server, for several machines or many millions of rows',
			},
		],
	},
	{
		displayName: 'Index',
		name: 'index',
		type: 'resourceLocator',
		required: true,
		default: { mode: 'name', value: 'knowledge-base' },
		description: 'The index to work with',
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
		'Field of the item that may name another existing index. When the item has no such field, the index chosen above is used.',
});

/** Beside *Index Name Field*: which indexes callers may name. */
export const allowedIndexesOption: INodeProperties = {
	displayName: 'Allowed Indexes',
	name: 'allowedIndexes',
	type: 'string',
	default: '',
	placeholder: 'handbook, policies',
	description:
		'Names that the index name field may hold, separated by commas. Any other name is refused. Leave empty to allow every existing index.',
};
