import type { ResponseFormat } from '../../../lib/engine';
import type { NodeContext } from './context';
import { objectParameter } from './values';

export function answerFormatOf(context: NodeContext, itemIndex: number): ResponseFormat | undefined {
	switch (context.getNodeParameter('responseFormat', itemIndex, 'text')) {
		case 'json':
			return { type: 'json' };
		case 'jsonSchema':
			return { type: 'jsonSchema', schema: objectParameter(context, 'schema', itemIndex, 'The JSON Schema') };
		default:
			return undefined;
	}
}
