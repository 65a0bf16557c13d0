import type {
	IExecuteFunctions,
	INodeExecutionData,
	INodeType,
	INodeTypeDescription,
	ISupplyDataFunctions,
	SupplyData,
} from 'n8n-workflow';
import { NodeOperationError } from 'n8n-workflow';
import { chosenIn } from '../shared/fields/chosenIn';
import { localEngineSpaceApiTest } from '../shared/runtime/spaceCredentialTest';
import { localEngineApiTest } from '../shared/runtime/credentialTest';
import { toNodeError, withErrorItems } from '../shared/runtime/errors';
import { Run } from '../shared/runtime/run';
import { searchIndexes } from '../shared/lists/searchIndexes';
import { fieldsOf, inputs, type Mode, modeField, outputs, properties } from './fields';
import { insertDocuments } from './insert';
import { loadDocuments } from './load';
import { supplyStore } from './retrieve';
import { executeTool, supplyTool } from './tool';

export class VectorStore implements INodeType {
	description: INodeTypeDescription = {
		displayName: 'Local Engine Vector Store',
		name: 'vectorStore',
		icon: { light: 'file:vectorStore.svg', dark: 'file:vectorStore.dark.svg' },
		group: ['transform'],
		version: 1,
		subtitle: `={{ ${chosenIn(modeField)} }}`,
		description:
			'Search documents by meaning and keywords in agents, chains and retrievers, on this machine or in Qdrant',
		defaults: { name: 'Local Engine Vector Store' },
		inputs,
		outputs,
		// A mode of its own is for agents; n8n makes no tool of a node that has supplyData.
		usableAsTool: undefined,
		credentials: [
			{
				name: 'localEngineApi',
				displayName: 'Credential for Engines (Optional)',
				required: false,
				testedBy: 'localEngineApiTest',
			},
			{
				name: 'localEngineSpaceApi',
				displayName: 'Credential for Space (Optional)',
				required: false,
				testedBy: 'localEngineSpaceApiTest',
			},
			{ name: 'qdrantApi', required: true, displayOptions: { show: { backend: ['qdrant'] } } },
		],
		properties,
	};

	methods = {
		credentialTest: { localEngineApiTest, localEngineSpaceApiTest },
		listSearch: { searchIndexes },
	};

	async execute(this: IExecuteFunctions): Promise<INodeExecutionData[][]> {
		return await withErrorItems(this, async () => {
			const mode = this.getNodeParameter('mode', 0) as Mode;
			const run = new Run(this, fieldsOf(mode));
			if (mode === 'insert') return await insertDocuments(run);
			if (mode === 'load') return await loadDocuments(run);
			if (mode === 'retrieve-as-tool') return await executeTool(run);
			throw new NodeOperationError(
				this.getNode(),
				'In this mode the store is read by the node it is connected to. Choose Get Many or Insert Documents to use it in the main flow.',
			);
		});
	}

	async supplyData(this: ISupplyDataFunctions, itemIndex: number): Promise<SupplyData> {
		const mode = this.getNodeParameter('mode', itemIndex);
		try {
			if (mode === 'retrieve') return await supplyStore(this, itemIndex);
			if (mode === 'retrieve-as-tool') return await supplyTool(this, itemIndex);
		} catch (error) {
			throw toNodeError(this.getNode(), error, itemIndex);
		}
		throw new NodeOperationError(
			this.getNode(),
			'In this mode the store is part of the main flow. Choose Retrieve Documents to connect it to an agent or a chain.',
			{ itemIndex },
		);
	}
}
