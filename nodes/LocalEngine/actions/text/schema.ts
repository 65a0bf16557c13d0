import type { IDataObject } from 'n8n-workflow';
import type { JsonSchema } from '../../../../lib/engine';
import { InputError } from '../../../shared/runtime/errors';
import type { FieldValues } from '../../../shared/runtime/fieldValues';
import type { NodeItem } from '../../../shared/runtime/nodeItem';

type FieldType = 'string' | 'number' | 'integer' | 'boolean' | 'array' | 'date' | 'dateTime' | 'money';

interface FormField {
	readonly name: string;
	readonly type: FieldType;
	readonly description?: string;
	readonly choices?: readonly string[];
	readonly required?: boolean;
}

/** The JSON Schema an operation is to hold the model to. @throws InputError that says what is missing. */
export function schemaOf(item: NodeItem): JsonSchema {
	switch (item.choice('schemaFrom')) {
		case 'example':
			return schemaOfExample(item.object('example') ?? {});
		case 'schema':
			return item.object('schema') ?? {};
		default:
			return schemaOfFields(item.rows('fields.values').map(fieldOf));
	}
}

const fieldOf = (row: FieldValues): FormField => ({
	name: row.optionalText('name') ?? '',
	type: row.choice<FormField['type']>('type'),
	description: row.optionalText('description'),
	choices: row.list('choices'),
	required: row.optionalFlag('required'),
});

export function schemaOfFields(fields: readonly FormField[]): JsonSchema {
	if (fields.length === 0) throw new InputError('No field to extract is named. Add at least one field.');
	const properties: Record<string, JsonSchema> = {};
	for (const { name, type, description, choices: allowed = [], required = true } of fields) {
		if (name.trim() === '') throw new InputError('A field to extract has no name. Give each one a name.');
		if (name in properties) throw new InputError(`The field "${name}" is named twice. Remove one.`);
		const { type: jsonType, hint, ...more } = typeOf(type);
		const told = [description, hint].filter((each) => each !== undefined && each !== '').join('. ');
		properties[name] = {
			type: required ? jsonType : [jsonType, 'null'],
			...more,
			...(type === 'string' && allowed.length > 0 && { enum: required ? allowed : [...allowed, null] }),
			...(told !== '' && { description: told }),
		};
	}
	// Optional values are nullable rather than absent: constrained decoders then always write every key, in order.
	return { type: 'object', properties, required: Object.keys(properties), additionalProperties: false };
}

/** How a kind of value is written in JSON, and what the model is told about it. */
function typeOf(type: FieldType): { readonly type: string; readonly hint?: string } & JsonSchema {
	switch (type) {
		case 'date':
			// A pattern and not a format: engines that constrain the answer know patterns.
			return { type: 'string', pattern: '^\\d{4}-\\d{2}-\\d{2}$', hint: 'A date as YYYY-MM-DD' };
		case 'dateTime':
			return {
				type: 'string',
				pattern: '^\\d{4}-\\d{2}-\\d{2}T\\d{2}:\\d{2}(:\\d{2})?(Z|[+-]\\d{2}:\\d{2})?$',
				hint: 'Date and time as YYYY-MM-DDTHH:MM:SS',
			};
		case 'money':
			return {
				type: 'number',
				hint: 'An amount of money as a number, without currency and thousands separators, with a point before the cents',
			};
		case 'array':
			return { type: 'array', items: { type: 'string' } };
		default:
			return { type };
	}
}

/** A schema that the example satisfies; lists take the form of their first entry, and any value may be null. */
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
	// What the text does not say is null, whatever the example has there.
	return { type: [typeof example, 'null'] };
}
