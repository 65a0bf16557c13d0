import type { ResponseFormat } from '../../../lib/engine';
import type { NodeItem } from './nodeItem';

/** The form of the answer that the node asks for; undefined for plain text. */
export function answerFormatOf(item: NodeItem): ResponseFormat | undefined {
	switch (item.choice('responseFormat')) {
		case 'json':
			return { type: 'json' };
		case 'jsonSchema':
			return { type: 'jsonSchema', schema: item.object('schema') ?? {} };
		default:
			return undefined;
	}
}
