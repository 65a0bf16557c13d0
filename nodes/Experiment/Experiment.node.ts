import type { IExecuteFunctions, INodeExecutionData, INodeType, INodeTypeDescription } from 'n8n-workflow';
import { NodeConnectionTypes } from 'n8n-workflow';
import { localEngineApiTest } from '../shared/runtime/credentialTest';
import { searchModels } from '../shared/lists/searchModels';
import { localEngineSpaceApiTest } from '../shared/runtime/spaceCredentialTest';
import { propertiesOf, route, subtitleOf } from '../shared/runtime/operations';
import { resources } from './actions';

export class Experiment implements INodeType {
	description: INodeTypeDescription = {
		displayName: 'Experiment',
		name: 'experiment',
		icon: { light: 'file:experiment.svg', dark: 'file:experiment.dark.svg' },
		group: ['transform'],
		version: 1,
		subtitle: subtitleOf(resources),
		description: 'Run A/B tests of prompts, models and settings, and find out which one is better',
		defaults: { name: 'Experiment' },
		inputs: [NodeConnectionTypes.Main],
		outputs: [NodeConnectionTypes.Main],
		// nothing that a model would use
		usableAsTool: undefined,
		credentials: [
			{
				name: 'localEngineSpaceApi',
				displayName: 'Credential for Space (Optional)',
				required: false,
				testedBy: 'localEngineSpaceApiTest',
			},
			{
				name: 'localEngineApi',
				displayName: 'Credential for Engines (Optional)',
				required: false,
				testedBy: 'localEngineApiTest',
				displayOptions: { show: { resource: ['comparison'] } },
			},
			{ name: 'postgres', required: true, displayOptions: { show: { recordBackend: ['postgres'] } } },
		],
		properties: propertiesOf(resources),
	};

	methods = {
		credentialTest: { localEngineApiTest, localEngineSpaceApiTest },
		listSearch: { searchModels },
	};

	async execute(this: IExecuteFunctions): Promise<INodeExecutionData[][]> {
		return await route(this, resources);
	}
}
