import type { INodeType, INodeTypeDescription, ISupplyDataFunctions, SupplyData } from 'n8n-workflow';
import { NodeConnectionTypes } from 'n8n-workflow';
import { callOptions } from '../shared/runtime/chatSettings';
import { chatOptions } from '../shared/fields/chatOptions';
import { localEngineApiTest } from '../shared/runtime/credentialTest';
import { enginesFor } from '../shared/runtime/engines';
import { toNodeError } from '../shared/runtime/errors';
import { modelField } from '../shared/fields/modelField';
import { modelOf } from '../shared/runtime/model';
import { rerankerOf } from '../shared/langchain/rerankerSupply';
import { searchModels } from '../shared/lists/searchModels';

export class Reranker implements INodeType {
	description: INodeTypeDescription = {
		displayName: 'Local Engine Reranker',
		name: 'reranker',
		icon: { light: 'file:reranker.svg', dark: 'file:reranker.dark.svg' },
		group: ['transform'],
		version: 1,
		subtitle: '={{ $parameter["topN"] > 0 ? "best " + $parameter["topN"] : "" }}',
		description: 'Reads what a vector store found once more and puts the best first, on your own machines',
		defaults: { name: 'Local Engine Reranker' },
		inputs: [],
		outputs: [NodeConnectionTypes.AiReranker],
		outputNames: ['Reranker'],
		credentials: [{ name: 'localEngineApi', required: false, testedBy: 'localEngineApiTest' }],
		properties: [
			{
				...modelField,
				description:
					'Empty: the rerank model named in the credential. Where no engine has one, the built-in model puts them in order; the run panel says which it was.',
			},
			{
				displayName: 'Keep the Best',
				name: 'topN',
				type: 'number',
				typeOptions: { minValue: 0 },
				default: 0,
				description: 'How many passages stay; 0 keeps all',
			},
			{
				displayName: 'Options',
				name: 'options',
				type: 'collection',
				placeholder: 'Add Option',
				default: {},
				description: 'More choices for this model',
				options: chatOptions.filter(({ name }) => name === 'allowRemote' || name === 'timeoutSeconds'),
			},
		],
	};

	methods = { credentialTest: { localEngineApiTest }, listSearch: { searchModels } };

	async supplyData(this: ISupplyDataFunctions, itemIndex: number): Promise<SupplyData> {
		try {
			const topN = this.getNodeParameter('topN', itemIndex, 0) as number;
			const call = callOptions(
				this.getNodeParameter('options', itemIndex, {}),
				this.getExecutionCancelSignal(),
			);
			const options = { model: modelOf(this, itemIndex), topN: topN > 0 ? topN : undefined };
			const engines = await enginesFor(this, itemIndex);
			return { response: rerankerOf(engines, options, call, this, itemIndex) };
		} catch (error) {
			throw toNodeError(this.getNode(), error, itemIndex);
		}
	}
}
