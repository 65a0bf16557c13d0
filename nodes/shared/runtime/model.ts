import type { NodeContext } from './context';

export function modelOf(context: NodeContext, itemIndex: number): string | undefined {
	const model = context.getNodeParameter('model', itemIndex, '', { extractValue: true });
	return typeof model === 'string' && model.trim() !== '' ? model.trim() : undefined;
}
