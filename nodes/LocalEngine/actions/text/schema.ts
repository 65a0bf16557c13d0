import type { IDataObject } from 'n8n-workflow';
import type { JsonSchema } from '../../../../lib/engine';
import { InputError } from '../../../shared/runtime/errors';
import type { FieldValues } from '../../../shared/runtime/fieldValues';
import type { NodeItem } from '../../../shared/runtime/nodeItem';

interface FormField {
	readonly name: string;
	readonly type: 'string' | 'number' | 'integer' | 'boolean' | 'array';
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
