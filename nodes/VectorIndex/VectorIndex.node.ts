import type { IExecuteFunctions, INodeExecutionData, INodeType, INodeTypeDescription } from 'n8n-workflow';
import { NodeConnectionTypes } from 'n8n-workflow';
import { localEngineSpaceApiTest } from '../shared/runtime/spaceCredentialTest';
import { localEngineApiTest } from '../shared/runtime/credentialTest';
import { propertiesOf, route, subtitleOf } from '../shared/runtime/operations';
import { resources } from './actions';
import { searchIndexes } from '../shared/lists/searchIndexes';

export class VectorIndex implements INodeType {
	description: INodeTypeDescription = {
		displayName: 'Vector Index',
		name: 'vectorIndex',
		icon: { light: 'file:vectorIndex.svg', dark: 'file:vectorIndex.dark.svg' },
		group: ['transform'],
		version: 1,
		subtitle: subtitleOf(resources),
		description: 'Store documents and search them by meaning and keywords, on this machine or in Qdrant',
		defaults: { name: 'Vector Index' },
		inputs: [NodeConnectionTypes.Main],
		outputs: [NodeConnectionTypes.Main],
		usableAsTool: true,
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
			// n8n allows one credential of each type: the key of a second Qdrant server is a header.
			{
				name: 'httpHeaderAuth',
				displayName: 'Credential for New Server (Optional)',
				required: false,
				displayOptions: { show: { direction: ['toServer'] } },
			},
		],
		properties: propertiesOf(resources),
	};

	methods = {
		credentialTest: { localEngineApiTest, localEngineSpaceApiTest },
		listSearch: { searchIndexes },
	};

	async execute(this: IExecuteFunctions): Promise<INodeExecutionData[][]> {
		return await route(this, resources);
	}
}
