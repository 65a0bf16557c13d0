import type { DocumentInterface } from '@langchain/core/documents';
import type { ISupplyDataFunctions } from 'n8n-workflow';
import { NodeConnectionTypes } from 'n8n-workflow';
import { type Chunk, textToEmbed } from '../../../lib/chunking';
import { dataOfChunk } from '../runtime/chunkData';
import { shown } from './runPanel';

/** What a text splitter sub-node supplies: the methods of LangChain's TextSplitter that loaders call. */
export interface SuppliedSplitter {
	splitText(text: string): Promise<string[]>;
	createDocuments(texts: string[], metadatas?: Array<Record<string, unknown>>): Promise<DocumentInterface[]>;
	splitDocuments(documents: DocumentInterface[]): Promise<DocumentInterface[]>;
}

/** Passages shown in the run panel; n8n keeps what it shows with every execution. */
const SHOWN_CHUNKS = 50;

export interface SplitterParts {
	/** Cuts one text, and adds context where the node is set to. */
	readonly cut: (text: string) => Promise<readonly Chunk[]>;
	/** Whether the context also stands before the text, for stores that embed nothing but the text. */
	readonly contextInText: boolean;
}

/** Our chunker as LangChain's text splitter. Where each chunk was, and what it is, goes into its metadata. */
export function splitterOf(
	{ cut, contextInText }: SplitterParts,
	context: ISupplyDataFunctions,
	itemIndex: number,
): SuppliedSplitter {
	const textOf = ({ text, context: before }: Chunk) => (contextInText ? textToEmbed(text, before) : text);

	const cutShown = async (text: string): Promise<readonly Chunk[]> =>
		await shown(context, itemIndex, {
			connection: NodeConnectionTypes.AiTextSplitter,
			event: 'ai-text-split',
			input: { characters: text.length, text },
			work: () => cut(text),
			output: (chunks) => ({
				chunks: chunks.length,
				response: chunks
					.slice(0, SHOWN_CHUNKS)
					.map((chunk) => ({ pageContent: textOf(chunk), metadata: dataOfChunk(chunk) })),
			}),
		});

	const splitDocuments = async (documents: DocumentInterface[]): Promise<DocumentInterface[]> => {
		const pieces: DocumentInterface[] = [];
		for (const { pageContent, metadata } of documents) {
			for (const chunk of await cutShown(pageContent)) {
				pieces.push({ pageContent: textOf(chunk), metadata: { ...metadata, ...dataOfChunk(chunk) } });
			}
		}
		return pieces;
	};

	return {
		splitDocuments,
		splitText: async (text) => (await cutShown(text)).map(textOf),
		createDocuments: async (texts, metadatas = []) =>
			await splitDocuments(texts.map((pageContent, i) => ({ pageContent, metadata: metadatas[i] ?? {} }))),
	};
}
