import type { INodeProperties } from 'n8n-workflow';
import { inAlphabet } from './alphabet';

/** What every operation that works on items can be told about its output. */
const resultOptions: readonly INodeProperties[] = [
	{
		displayName: 'Include Input',
		name: 'includeInput',
		type: 'boolean',
		default: true,
		description:
			'Whether to keep the fields and files of the input item in the output. They are kept if this option is not added.',
	},
	{
		displayName: 'Result Field',
		name: 'resultField',
		type: 'string',
		default: '',
		placeholder: 'result',
		description:
			'Name of the field to put the result under. If empty, the result is added at the top level and replaces fields of the same name.',
	},
];

/** The "Options" of an operation: its own in the order of the alphabet, together with those about the output. */
export const optionsField = (
	options: readonly INodeProperties[] = [],
	described: Partial<Pick<INodeProperties, 'displayOptions' | 'description'>> = {},
): INodeProperties => ({
	...supplyOptionsField([...options, ...resultOptions]),
	...described,
});

/** The "Options" of a sub-node, which has no items to put out. */
export const supplyOptionsField = (options: readonly INodeProperties[]): INodeProperties => ({
	displayName: 'Options',
	name: 'options',
	type: 'collection',
	placeholder: 'Add Option',
	default: {},
	description: 'Optional settings. The defaults suit most cases.',
	options: inAlphabet(options),
});
