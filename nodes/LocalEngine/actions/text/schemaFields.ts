import type { INodeProperties } from 'n8n-workflow';

/** Three ways to say what is wanted: fields in a form, an example, or a JSON Schema. */
export const schemaFields: readonly INodeProperties[] = [
	{
		displayName: 'What to Extract',
		name: 'schemaFrom',
		type: 'options',
		default: 'fields',
		description: 'How the wanted data is described',
		options: [
			{ name: 'An Example', value: 'example', description: 'JSON that looks like the wanted result' },
			{ name: 'Fields', value: 'fields', description: 'Named one by one in this form' },
			{ name: 'JSON Schema', value: 'schema', description: 'For nested data and exact rules' },
		],
	},
	{
		displayName: 'Fields',
		name: 'fields',
		type: 'fixedCollection',
		typeOptions: { multipleValues: true, sortable: true },
		displayOptions: { show: { schemaFrom: ['fields'] } },
		default: {},
		placeholder: 'Add Field',
		description: 'The values to find in the text',
		options: [
			{
				displayName: 'Field',
				name: 'values',
				values: [
					{
						displayName: 'Choices',
						name: 'choices',
						type: 'string',
						default: '',
						placeholder: 'open, paid, overdue',
						description: 'For text: the only values allowed, separated by commas. Empty allows any.',
					},
					{
						displayName: 'Description',
						name: 'description',
						type: 'string',
						default: '',
						placeholder: 'Date of the invoice as YYYY-MM-DD',
						description: 'Tells the model what to look for',
					},
					{
						displayName: 'Name',
						name: 'name',
						type: 'string',
						required: true,
						default: '',
						placeholder: 'invoiceDate',
						description: 'Name of the field in the result',
					},
					{
						displayName: 'Required',
						name: 'required',
						type: 'boolean',
						default: true,
						description: 'Whether the value must be there; otherwise it may be null',
					},
					{
						displayName: 'Type',
						name: 'type',
						type: 'options',
						default: 'string',
						description: 'Kind of value',
						options: [
							{ name: 'List of Texts', value: 'array' },
							{ name: 'Number', value: 'number' },
							{ name: 'Text', value: 'string' },
							{ name: 'True or False', value: 'boolean' },
							{ name: 'Whole Number', value: 'integer' },
						],
					},
				],
			},
		],
	},
	{
		displayName: 'Example',
		name: 'example',
		type: 'json',
		displayOptions: { show: { schemaFrom: ['example'] } },
		default:
			'{\n  "invoiceNumber": "2024-118",\n  "total": 119.5,\n  "items": [{ "name": "Desk", "quantity": 1 }]\n}',
		description: 'JSON that looks like the wanted result; every field of it is required',
	},
	{
		displayName: 'JSON Schema',
		name: 'schema',
		type: 'json',
		displayOptions: { show: { schemaFrom: ['schema'] } },
		default:
			'{\n  "type": "object",\n  "properties": { "subject": { "type": "string" } },\n  "required": ["subject"]\n}',
		description: 'The form the result has to take',
	},
];
