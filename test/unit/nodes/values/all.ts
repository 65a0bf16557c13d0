// Everything that reads fields for an item: the operations, the Chunker, and the sub-nodes.
import type { INodeType, ISupplyDataFunctions } from 'n8n-workflow';
import { messageOf } from '../../../../lib/support';
import { ChatModel } from '../../../../nodes/ChatModel/ChatModel.node';
import { chunkFields, chunkItems } from '../../../../nodes/Chunker/actions/chunk.operation';
import { Embeddings } from '../../../../nodes/Embeddings/Embeddings.node';
import { Reranker } from '../../../../nodes/Reranker/Reranker.node';
import type { Operation } from '../../../../nodes/shared/runtime/operations';
import { TextSplitter } from '../../../../nodes/TextSplitter/TextSplitter.node';
import { VectorStore } from '../../../../nodes/VectorStore/VectorStore.node';
import { fieldsOf, type Mode } from '../../../../nodes/VectorStore/fields';
import { operations } from '../tenants/tenants';

type Runnable = Pick<Operation, 'fields' | 'execute'>;

/** A sub-node as its root node asks for it; what it refuses becomes an item with the error. */
function supplied(
	node: INodeType,
	fields = node.description.properties,
	use: (response: unknown) => Promise<unknown> = () => Promise.resolve(),
): Runnable {
	return {
		fields,
		execute: async ({ context }) => {
			const warnings: string[] = [];
			const sub = Object.assign(context, {
				logger: { ...context.logger, warn: (line: string) => warnings.push(line) },
				getNextRunIndex: () => 0,
				addInputData: () => ({ index: 0 }),
				addOutputData: () => undefined,
				logAiEvent: () => undefined,
			});
			try {
				const data = await node.supplyData?.call(sub as unknown as ISupplyDataFunctions, 0);
				await use(data?.response);
				// A record that cannot be kept never holds an answer back; a sub-node tells it in n8n's log.
				const [recordWarning] = warnings;
				return [[{ json: recordWarning === undefined ? {} : { recordWarning } }]];
			} catch (error) {
				// An error for the canvas has no kind any more: what counts is that its sentence names the field.
				return [[{ json: { error: messageOf(error), details: { statusCode: 400 } } }]];
			}
		},
	};
}

interface Model {
	invoke(text: string): Promise<unknown>;
}
interface Splitter {
	splitText(text: string): Promise<string[]>;
}

const store = (mode: Mode): Runnable => supplied(new VectorStore(), fieldsOf(mode));

export const all = new Map<string, Runnable>([
	...operations,
	['chunker: chunk', { fields: chunkFields, execute: async ({ context }) => await chunkItems(context) }],
	[
		'chatModel: supply',
		supplied(new ChatModel(), undefined, async (response) => await (response as Model).invoke('Hello')),
	],
	['embeddings: supply', supplied(new Embeddings())],
	['reranker: supply', supplied(new Reranker())],
	[
		'textSplitter: supply',
		supplied(
			new TextSplitter(),
			undefined,
			async (response) => await (response as Splitter).splitText('A lamp. A bridge.'),
		),
	],
	['vectorStore: retrieve', store('retrieve')],
]);
