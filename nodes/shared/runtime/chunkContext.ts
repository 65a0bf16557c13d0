import { addContext, type Chunk, type ContextReport } from '../../../lib/chunking';
import type { CallContext } from '../../../lib/support';
import { contextModel } from './contextModel';
import type { NodeItem } from './nodeItem';

/** The chunks with the context the node is set to, and what came of it. */
export async function withContext(
	item: NodeItem,
	text: string,
	chunks: readonly Chunk[],
	call: CallContext,
): Promise<{ readonly chunks: Chunk[]; readonly report?: ContextReport }> {
	const kind = item.choice<'none' | 'headings' | 'title' | 'model'>('context');
	if (kind === 'none') return { chunks: [...chunks] };
	const complete =
		kind === 'headings' ? undefined : await contextModel(item.context, item.index, kind === 'model');
	const running = addContext(chunks, text, { kind }, { ...call, complete });
	const placed: Chunk[] = [];
	let step = await running.next();
	while (!step.done) {
		placed.push(step.value);
		step = await running.next();
	}
	return { chunks: placed, report: step.value };
}
