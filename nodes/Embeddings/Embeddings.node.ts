import type { INodeType, INodeTypeDescription, ISupplyDataFunctions, SupplyData } from 'n8n-workflow';
import { NodeConnectionTypes } from 'n8n-workflow';
import { createEmbedder, type Embedder } from '../../lib/embedding';
import { chosenIn } from '../shared/fields/chosenIn';
import { embeddingField } from '../shared/fields/embeddingField';
import { localEngineApiTest } from '../shared/runtime/credentialTest';
import { embedderFor } from '../shared/runtime/embedders';
import { enginesFor } from '../shared/runtime/engines';
import { toNodeError } from '../shared/runtime/errors';
import { modelOf } from '../shared/runtime/model';
import { embeddingsOf } from '../shared/langchain/embeddings';
import { shownEmbeddings } from '../shared/langchain/embeddingsPanel';
import { searchModels } from '../shared/lists/searchModels';
import { itemOf } from '../shared/runtime/run';
import { embedderOptions } from './embedderOptions';
import { properties } from './fields';

export class Embeddings implements INodeType {
	description: INodeTypeDescription = {
		displayName: 'Local Engine Embeddings',
		name: 'embeddings',
		icon: { light: 'file:embeddings.svg', dark: 'file:embeddings.dark.svg' },
		group: ['transform'],
		version: 1,
		subtitle: `={{ ${chosenIn(embeddingField)} }}`,
		description: 'Turn text into vectors for n8n’s vector stores, with a built-in model or your own engine',
		defaults: { name: 'Local Engine Embeddings' },
		inputs: [],
		outputs: [NodeConnectionTypes.AiEmbedding],
		outputNames: ['Embeddings'],
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

	methods = { credentialTest: { localEngineApiTest }, listSearch: { searchModels } };

	async supplyData(this: ISupplyDataFunctions, itemIndex: number): Promise<SupplyData> {
		try {
			const embedder = await embedderOf(this, itemIndex);
			const embeddings = embeddingsOf(embedder, { signal: this.getExecutionCancelSignal() });
			return { response: shownEmbeddings(embeddings, embedder, this, itemIndex) };
		} catch (error) {
			throw toNodeError(this.getNode(), error, itemIndex);
		}
	}
}

async function embedderOf(context: ISupplyDataFunctions, itemIndex: number): Promise<Embedder> {
	const item = itemOf(context, properties, itemIndex);
	const choice = item.choice('embedding');
	const embedder = await embedderFor(context, choice, itemIndex);
	if (choice !== 'engine') return embedder;
	const options = embedderOptions(item);
	const model = modelOf(item);
	// As the node comes, it shares the embedder (and its cache) with the other nodes of this credential.
	if (model === undefined && Object.keys(options).length === 0) return embedder;
	return createEmbedder({ pool: await enginesFor(context, itemIndex), model, ...options });
}
