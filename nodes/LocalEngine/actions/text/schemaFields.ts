import type { INodeProperties } from 'n8n-workflow';

/** What is known of a value, in the order in which one fills it in. */
const fieldOfForm: readonly INodeProperties[] = [
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
		displayName: 'Type',
		name: 'type',
		type: 'options',
		default: 'string',
		description: 'Kind of value',
		options: [
			{ name: 'Date', value: 'date', description: 'As YYYY-MM-DD' },
			{
				name: 'Date and Time',
				value: 'dateTime',
				description: 'As YYYY-MM-DDTHH:MM:SS, with the time zone if known',
			},
			{ name: 'List of Texts', value: 'array' },
			{
				name: 'Money',
				value: 'money',
				description: 'A number without currency, such as 1234.5 for 1.234,50 €',
			},
			{ name: 'Number', value: 'number' },
			{ name: 'Text', value: 'string' },
			{ name: 'True or False', value: 'boolean' },
			{ name: 'Whole Number', value: 'integer' },
		],
	},
	{
		displayName: 'Description',
		name: 'description',
		type: 'string',
		default: '',
		placeholder: 'Date on which the invoice was issued',
		description: 'Tells the model what to look for',
	},
	{
		displayName: 'Choices',
		name: 'choices',
		type: 'string',
		default: '',
		placeholder: 'open, paid, overdue',
		description: 'Allowed values of a text, separated by commas. Leave empty to allow any.',
	},
	{
		displayName: 'Required',
		name: 'required',
		type: 'boolean',
		default: true,
		description: 'Whether the value is required. If off, it can be null.',
	},
];

/** Three ways to say what is wanted: fields in a form, an example, or a JSON Schema. */
export const schemaFields: readonly INodeProperties[] = [
	{
		displayName: 'What to Extract',
		name: 'schemaFrom',
		type: 'options',
		default: 'fields',
		description: 'How you describe the data',
		options: [
			{ name: 'An Example', value: 'example', description: 'JSON that looks like the result you want' },
			{ name: 'Fields', value: 'fields', description: 'Enter each field in this form' },
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
				values: [...fieldOfForm],
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
		description: 'JSON that looks like the result you want. All its fields are required.',
	},
	{
		displayName: 'JSON Schema',
		name: 'schema',
		type: 'json',
		displayOptions: { show: { schemaFrom: ['schema'] } },
		default:
			'{\n  "type": "object",\n  "properties": { "subject": { "type": "string" } },\n  "required": ["subject"]\n}',
		description: 'JSON Schema that the result must follow',
	},
];
