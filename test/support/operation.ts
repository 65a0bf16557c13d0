// Runs an operation of a node as n8n does, with the fields it describes.
import type { INodeExecutionData, INodeProperties } from 'n8n-workflow';
import { Run } from '../../nodes/shared/runtime/run';
import type { NodeItem } from '../../nodes/shared/runtime/nodeItem';
import type { Operation } from '../../nodes/shared/runtime/operations';
import { type ContextOptions, contextOf } from './nodeContext';

export const runOf = (fields: readonly INodeProperties[], options: ContextOptions): Run =>
	new Run(contextOf(options), fields);

/** An item of an operation with these fields. */
export const itemWith = (fields: readonly INodeProperties[], options: ContextOptions, index = 0): NodeItem =>
	runOf(fields, options).item(index);

/** The items that leave by the first output. */
export async function outputOf(
	operation: Pick<Operation, 'fields' | 'execute'>,
	options: ContextOptions,
): Promise<INodeExecutionData[]> {
	const [output = []] = await operation.execute(runOf(operation.fields, options));
	return output;
}
