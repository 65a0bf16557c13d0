import type { INodeExecutionData } from 'n8n-workflow';

/** Items in the order of the input items they belong to. */
export function inOrder(items: readonly INodeExecutionData[]): INodeExecutionData[] {
	return [...items].sort((a, b) => positionOf(a) - positionOf(b));
}

function positionOf({ pairedItem }: INodeExecutionData): number {
	return typeof pairedItem === 'object' && !Array.isArray(pairedItem) ? pairedItem.item : 0;
}
