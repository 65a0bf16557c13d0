import { NodeConnectionTypes } from 'n8n-workflow';
import type { Embedder } from '../../lib/embedding';
import { embedderFrom } from '../shared/langchain/embeddings';
import { InputError } from '../shared/runtime/errors';
import type { NodeItem } from '../shared/runtime/nodeItem';
import type { Run } from '../shared/runtime/run';

/**
 * What the embeddings node connected to a store gives. Where a field of it is an expression it may be another model for each item, and
 * is asked for each; else once for all of them.
 */
export class ConnectedEmbedders {
	private readonly byId = new Map<string, Embedder>();
	private shared: Promise<string> | undefined;

	constructor(private readonly run: Run) {}

	/** The fingerprint of the model that an item's texts are embedded with. */
	async idFor(item: NodeItem): Promise<string> {
		if (this.hasExpressions()) return await this.supply(item.index);
		this.shared ??= this.supply(0);
		return await this.shared;
	}

	/** The embedder behind a fingerprint that {@link idFor} gave. */
	of(id: string): Embedder {
		const embedder = this.byId.get(id);
		if (!embedder) throw new InputError('No embeddings node is connected. Connect one as Embedding.');
		return embedder;
	}

	private async supply(itemIndex: number): Promise<string> {
		const { context, signal } = this.run;
		const embedder = embedderFrom(
			await context.getInputConnectionData(NodeConnectionTypes.AiEmbedding, itemIndex),
		);
		const { id } = await embedder.fingerprint({ signal });
		// The first one stays: it has its vectors in memory.
		if (!this.byId.has(id)) this.byId.set(id, embedder);
		return id;
	}

	private hasExpressions(): boolean {
		const { context } = this.run;
		const connected = context.getParentNodes(context.getNode().name, {
			connectionType: NodeConnectionTypes.AiEmbedding,
			includeNodeParameters: true,
			depth: 1,
		});
		return connected.some(({ parameters }) => /"=/.test(JSON.stringify(parameters ?? {})));
	}
}
