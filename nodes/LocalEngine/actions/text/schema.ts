import type { IDataObject, IExecuteFunctions, INodeProperties } from 'n8n-workflow';
import type { JsonSchema } from '../../../../lib/engine';
import { InputError } from '../../../shared/runtime/errors';
import { objectParameter } from '../../../shared/runtime/values';

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

interface FormField {
	readonly name: string;
	readonly type: 'string' | 'number' | 'integer' | 'boolean' | 'array';
	readonly description?: string;
	readonly choices?: string;
	readonly required?: boolean;
}

/** The JSON Schema an operation is to hold the model to. @throws InputError that says what is missing. */
export function schemaOf(context: IExecuteFunctions, itemIndex: number): JsonSchema {
	switch (context.getNodeParameter('schemaFrom', itemIndex)) {
		case 'example':
			return schemaOfExample(objectParameter(context, 'example', itemIndex, 'The example'));
		case 'schema':
			return objectParameter(context, 'schema', itemIndex, 'The JSON Schema');
		default:
			return schemaOfFields(context.getNodeParameter('fields.values', itemIndex, []) as FormField[]);
	}
}

export function schemaOfFields(fields: readonly FormField[]): JsonSchema {
	if (fields.length === 0) throw new InputError('No field to extract is named. Add at least one field.');
	const properties: Record<string, JsonSchema> = {};
	for (const { name, type, description, choices, required = true } of fields) {
		if (name.trim() === '') throw new InputError('A field to extract has no name. Give each one a name.');
		if (name in properties) throw new InputError(`The field "${name}" is named twice. Remove one.`);
		const allowed = (choices ?? '')
			.split(',')
			.map((choice) => choice.trim())
			.filter(Boolean);
		properties[name] = {
			type: required ? type : [type, 'null'],
			...(type === 'array' && { items: { type: 'string' } }),
			...(type === 'string' && allowed.length > 0 && { enum: required ? allowed : [...allowed, null] }),
			...(description && { description }),
		};
	}
	// Optional values are nullable rather than absent: constrained decoders then always write every key, in order.
	return { type: 'object', properties, required: Object.keys(properties), additionalProperties: false };
}

/** A schema that the example satisfies; lists take the form of their first entry. */
export function schemaOfExample(example: unknown): JsonSchema {
	if (example === null) return {};
	if (Array.isArray(example))
		return { type: 'array', items: example.length > 0 ? schemaOfExample(example[0]) : {} };
	if (typeof example === 'object') {
		const entries = Object.entries(example as IDataObject);
		if (entries.length === 0) return { type: 'object' };
		return {
			type: 'object',
			properties: Object.fromEntries(entries.map(([key, value]) => [key, schemaOfExample(value)])),
			required: entries.map(([key]) => key),
			additionalProperties: false,
		};
	}
	return { type: typeof example };
}
