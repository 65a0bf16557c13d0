import type { INodeProperties } from 'n8n-workflow';
import { pathField } from './pathField';

/** What a record can be told besides its messages: the same wherever exchanges are kept. */
export const recordOptions: readonly INodeProperties[] = [
	pathField({
		displayName: 'Conversation Field',
		name: 'conversationField',
		default: 'sessionId',
		description: 'Field that names the conversation; its exchanges stay together in a split',
	}),
	{
		displayName: 'Licence of the Answers',
		name: 'licence',
		type: 'string',
		default: '',
		placeholder: 'apache-2.0',
		description: 'Licence of the answers. It decides later which models may learn from them.',
	},
	pathField({
		displayName: 'Source Field',
		name: 'sourceField',
		default: 'source',
		description:
			'Field that names the document the question is about; its exchanges stay together in a split',
	}),
];
