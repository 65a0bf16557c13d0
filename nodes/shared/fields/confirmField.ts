import type { INodeProperties } from 'n8n-workflow';

/** The name of the index typed once more, before something is deleted for good. */
export const confirmField: INodeProperties = {
	displayName: 'Confirm',
	name: 'confirm',
	type: 'string',
	required: true,
	default: '',
	placeholder: 'knowledge-base',
	description: 'Enter the name of the index again. With any other text, nothing is deleted.',
};
