import { addContext, type Chunk, type ContextReport } from '../../../lib/chunking';
import type { CallContext } from '../../../lib/support';
import type { NodeContext } from './context';
import { contextModel } from './contextModel';

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
