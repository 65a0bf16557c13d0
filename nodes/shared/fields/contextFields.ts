import type { INodeProperties } from 'n8n-workflow';
import { addContext, type Chunk, type ContextReport } from '../../../lib/chunking';
import type { CallContext } from '../../../lib/support';
import type { NodeContext } from '../runtime/context';
import { contextModel } from '../runtime/contextModel';

export const contextField: INodeProperties = {
	displayName: 'Context',
	name: 'context',
	type: 'options',
	default: 'none',
	description:
		'What is put before each chunk for embedding and keyword search, in a field of its own; text and offsets stay as they are',
	options: [
		{ name: 'Headings Above It', value: 'headings', description: 'Like "Handbook > Leave > Sickness"' },
		{ name: 'None', value: 'none' },
		{
			name: 'Title and Summary',
			value: 'title',
			description: 'Title of the document; with a credential, a model adds a summary',
		},
		{
			name: 'Written by a Model',
			value: 'model',
			description:
				'One or two sentences that place the chunk in its document (contextual retrieval); one call a chunk',
		},
	],
};

/** The chunks with the context the node is set to, and what came of it. */
export async function withContext(
	context: NodeContext,
	itemIndex: number,
	text: string,
	chunks: readonly Chunk[],
	call: CallContext,
): Promise<{ readonly chunks: Chunk[]; readonly report?: ContextReport }> {
	const kind = context.getNodeParameter('context', itemIndex, 'none');
	if (kind !== 'headings' && kind !== 'title' && kind !== 'model') return { chunks: [...chunks] };
	const complete = kind === 'headings' ? undefined : await contextModel(context, itemIndex, kind === 'model');
	const running = addContext(chunks, text, { kind }, { ...call, complete });
	const placed: Chunk[] = [];
	let step = await running.next();
	while (!step.done) {
		placed.push(step.value);
		step = await running.next();
	}
	return { chunks: placed, report: step.value };
}
