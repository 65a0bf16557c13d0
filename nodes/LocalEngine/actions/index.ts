import type { Resource } from '../../shared/operations';
import { answer } from './chat/answer.operation';
import { message } from './chat/message.operation';
import { embed } from './embedding/embed.operation';

export const resources: readonly Resource[] = [
	{
		option: { name: 'Chat', value: 'chat', description: 'Let a model write' },
		operations: [message, answer],
	},
	{
		option: { name: 'Embedding', value: 'embedding', description: 'Turn text into vectors' },
		operations: [embed],
	},
];
