import type { INodeProperties } from 'n8n-workflow';

/** The binary field of the item that an operation reads a file from. */
export const binaryField = (description: string): INodeProperties => ({
	displayName: 'Input Binary Field',
	name: 'binaryField',
	type: 'string',
	required: true,
	default: 'data',
	hint: 'The name of the input binary field containing the file',
	description,
});
