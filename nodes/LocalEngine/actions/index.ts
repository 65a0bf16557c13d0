import type { Resource } from '../../shared/runtime/operations';
import { progressOperation } from '../../shared/runtime/progressOperation';
import { answer } from './chat/answer.operation';
import { message } from './chat/message.operation';
import { embed } from './embedding/embed.operation';
import { detect } from './engine/detect.operation';
import { find } from './engine/find.operation';
import { health } from './engine/health.operation';
import { load } from './engine/load.operation';
import { measure } from './engine/measure.operation';
import { models } from './engine/models.operation';
import { pull } from './engine/pull.operation';
import { unload } from './engine/unload.operation';
import { answerRequest } from './gateway/answerRequest.operation';
import { grounding } from './passages/grounding.operation';
import { rerank } from './passages/rerank.operation';
import { classify } from './text/classify.operation';
import { extract } from './text/extract.operation';
import { readFile } from './text/read.operation';
import { transcribe } from './text/transcribe.operation';

export const resources: readonly Resource[] = [
	{
		option: {
			name: 'Chat',
			value: 'chat',
			description: 'Send messages to a model, and answer questions from the texts that a search found',
		},
		operations: [message, answer],
	},
	{
		option: { name: 'Embedding', value: 'embedding', description: 'Turn text into vectors' },
		operations: [embed],
	},
	{
		option: { name: 'Engine', value: 'engine', description: 'List, check, load and measure engines' },
		operations: [models, health, measure, progressOperation, find, detect, pull, load, unload],
	},
	{
		option: {
			name: 'Gateway',
			value: 'gateway',
			description: 'Answer requests for a model that is this workflow',
		},
		operations: [answerRequest],
	},
	{
		option: {
			name: 'Search Results',
			value: 'passages',
			description: 'Rerank the passages that a search found, and check an answer against them',
		},
		operations: [rerank, grounding],
	},
	{
		option: {
			name: 'Text',
			value: 'text',
			description: 'Read files, transcribe speech, extract data from text, and classify it',
		},
		operations: [extract, classify, readFile, transcribe],
	},
];
