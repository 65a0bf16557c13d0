import type { INodeProperties } from 'n8n-workflow';
import { pathField } from './pathField';

/** What makes follow-up questions whole: the same wherever a question is asked. */
export const conversationOptions: readonly INodeProperties[] = [
	pathField({
		displayName: 'Conversation Field',
		name: 'conversationField',
		default: 'sessionId',
		description:
			'Name of the field that identifies the conversation, such as sessionId of a Chat Trigger. A follow-up question ("and the second one?") is completed from the earlier questions of the conversation: by the engine of the credential, otherwise by carrying over words. They are kept in memory until n8n restarts; in queue mode use Earlier Messages Field.',
	}),
	pathField({
		displayName: 'Earlier Messages Field',
		name: 'earlierMessagesField',
		default: 'messages',
		description:
			'Name of the field that holds the earlier messages of the conversation, oldest first, as Chat Memory Manager outputs them. They are used instead of the questions kept in memory.',
	}),
];
