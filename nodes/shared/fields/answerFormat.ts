import type { INodeProperties } from 'n8n-workflow';

/** Text, JSON, or JSON that keeps to a schema: the form of an answer, wherever a model writes freely. */
export const answerFormatFields: readonly INodeProperties[] = [
	{
		displayName: 'Answer As',
		name: 'responseFormat',
		type: 'options',
		default: 'text',
		description: 'Format of the answer. Engines that do not support it are skipped.',
		options: [
			{ name: 'JSON', value: 'json', description: 'Any valid JSON' },
			{ name: 'JSON With Schema', value: 'jsonSchema', description: 'JSON that follows a JSON Schema' },
			{ name: 'Text', value: 'text' },
		],
	},
	{
		displayName: 'JSON Schema',
		name: 'schema',
		type: 'json',
		displayOptions: { show: { responseFormat: ['jsonSchema'] } },
		default:
			'{\n  "type": "object",\n  "properties": { "subject": { "type": "string" } },\n  "required": ["subject"]\n}',
		description: 'JSON Schema that the answer must follow',
	},
];
