import type {
	INodeProperties,
	INodeType,
	INodeTypeDescription,
	ISupplyDataFunctions,
	SupplyData,
} from 'n8n-workflow';
import { NodeConnectionTypes } from 'n8n-workflow';
import { callOptions } from '../shared/runtime/chatSettings';
import { supplyOptionsField } from '../shared/fields/optionsField';
import { rerankOptions, topNField } from '../shared/fields/rerankFields';
import { itemOf } from '../shared/runtime/run';
import { localEngineApiTest } from '../shared/runtime/credentialTest';
import { enginesFor } from '../shared/runtime/engines';
import { toNodeError } from '../shared/runtime/errors';
import { modelField } from '../shared/fields/modelField';
import { modelOf } from '../shared/runtime/model';
import { rerankerOf } from '../shared/langchain/rerankerSupply';
import { searchModels } from '../shared/lists/searchModels';

const properties: INodeProperties[] = [
	{
		...modelField,
		description:
			'Model to use. If empty, the rerank model in the credential is used. If no engine has one, the built-in model is used. The run panel shows which model was used.',
	},
	topNField,
	supplyOptionsField(rerankOptions),
];

export class Reranker implements INodeType {
	description: INodeTypeDescription = {
		displayName: 'Local Engine Reranker',
		name: 'reranker',
		icon: { light: 'file:reranker.svg', dark: 'file:reranker.dark.svg' },
		group: ['transform'],
		version: 1,
		subtitle: '={{ $parameter["topN"] > 0 ? "Best " + $parameter["topN"] : "" }}',
		description: 'Sort the results of a vector store again, best first, on your own machines',
		defaults: { name: 'Local Engine Reranker' },
		inputs: [],
		outputs: [NodeConnectionTypes.AiReranker],
		outputNames: ['Reranker'],
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
			const item = itemOf(this, properties, itemIndex);
			const options = { model: modelOf(item), topN: item.optionalNumber('topN') };
			const call = callOptions(item);
			const engines = await enginesFor(this, itemIndex);
			return { response: rerankerOf(engines, options, call, this, itemIndex) };
		} catch (error) {
			throw toNodeError(this.getNode(), error, itemIndex);
		}
	}
}
