import type { INodeProperties } from 'n8n-workflow';
import { pathField } from './pathField';

/** What a record can be told besides its messages: the same wherever exchanges are kept. */
export const recordOptions: readonly INodeProperties[] = [
	pathField({
		displayName: 'Conversation Field',
		name: 'conversationField',
		default: 'sessionId',
		description:
			'Name of the field that holds the ID of the conversation. Its exchanges stay in the same split.',
	}),
	{
		displayName: 'Licence of the Answers',
		name: 'licence',
		type: 'string',
		default: '',
		placeholder: 'apache-2.0',
		description: 'Licence of the answers. It decides which models may be trained with them.',
	},
	pathField({
		displayName: 'Source Field',
		name: 'sourceField',
		default: 'source',
		description:
			'Name of the field that holds the name of the document that the question is about. Its exchanges stay in the same split.',
	}),
];
