import type {
	INodeProperties,
	INodeType,
	INodeTypeDescription,
	ISupplyDataFunctions,
	SupplyData,
} from 'n8n-workflow';
import { NodeConnectionTypes } from 'n8n-workflow';
import { chunk, type Chunk } from '../../lib/chunking';
import { chunkingFields, chunkingOptions, chunkingSubtitle } from '../shared/fields/chunkingFields';
import { chunkOptionsOf, chunkServices } from '../shared/runtime/chunking';
import { supplyOptionsField } from '../shared/fields/optionsField';
import { itemOf } from '../shared/runtime/run';
import { contextField } from '../shared/fields/contextField';
import { withContext } from '../shared/runtime/chunkContext';
import { localEngineApiTest } from '../shared/runtime/credentialTest';
import { toNodeError } from '../shared/runtime/errors';
import { splitterOf } from '../shared/langchain/splitter';

const contextInText: INodeProperties = {
	displayName: 'Context Before the Text',
	name: 'contextInText',
	type: 'boolean',
	default: false,
	description:
		'Whether to add the context to the text itself, for vector stores that read only the text. Local Engine Vector Store reads it from the metadata.',
};
const properties: INodeProperties[] = [
	...chunkingFields,
	contextField,
	supplyOptionsField([...chunkingOptions, contextInText]),
];

export class TextSplitter implements INodeType {
	description: INodeTypeDescription = {
		displayName: 'Local Engine Text Splitter',
		name: 'textSplitter',
		icon: { light: 'file:textSplitter.svg', dark: 'file:textSplitter.dark.svg' },
		group: ['transform'],
		version: 1,
		subtitle: chunkingSubtitle,
		description: 'Split documents into chunks with exact positions, by structure, sentences or meaning',
		defaults: { name: 'Local Engine Text Splitter' },
		inputs: [],
		outputs: [NodeConnectionTypes.AiTextSplitter],
		outputNames: ['Text Splitter'],
		credentials: [
			{
				name: 'localEngineApi',
				displayName: 'Credential for Engines (Optional)',
				required: false,
				testedBy: 'localEngineApiTest',
			},
		],
		properties,
	};

	methods = { credentialTest: { localEngineApiTest } };

	async supplyData(this: ISupplyDataFunctions, itemIndex: number): Promise<SupplyData> {
		try {
			const call = { signal: this.getExecutionCancelSignal() };
			const item = itemOf(this, properties, itemIndex);
			const chunking = chunkOptionsOf(item);
			const cut = async (text: string): Promise<readonly Chunk[]> => {
				const chunks: Chunk[] = [];
				for await (const piece of chunk(text, chunking, { ...chunkServices, ...call })) chunks.push(piece);
				return (await withContext(item, text, chunks, call)).chunks;
			};
			const inText = item.flag('options.contextInText');
			return { response: splitterOf({ cut, contextInText: inText }, this, itemIndex) };
		} catch (error) {
			throw toNodeError(this.getNode(), error, itemIndex);
		}
	}
}
