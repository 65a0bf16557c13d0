import type { IExecuteFunctions, INodeExecutionData, INodeType, INodeTypeDescription } from 'n8n-workflow';
import { NodeConnectionTypes } from 'n8n-workflow';
import { localEngineSpaceApiTest } from '../shared/runtime/spaceCredentialTest';
import { localEngineApiTest } from '../shared/runtime/credentialTest';
import { propertiesOf, route, subtitleOf } from '../shared/runtime/operations';
import { resources } from './actions';

export class Distillation implements INodeType {
	description: INodeTypeDescription = {
		displayName: 'Distillation',
		name: 'distillation',
		icon: { light: 'file:distillation.svg', dark: 'file:distillation.dark.svg' },
		group: ['transform'],
		version: 1,
		subtitle: subtitleOf(resources),
		description: 'Make training data for a small model from the recorded answers of a large one',
		defaults: { name: 'Distillation' },
		inputs: [NodeConnectionTypes.Main],
		outputs: [NodeConnectionTypes.Main],
		// nothing that a model would use
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
			{ name: 'postgres', required: true, displayOptions: { show: { recordBackend: ['postgres'] } } },
		],
		properties: propertiesOf(resources),
	};

	methods = { credentialTest: { localEngineApiTest, localEngineSpaceApiTest } };

	async execute(this: IExecuteFunctions): Promise<INodeExecutionData[][]> {
		return await route(this, resources);
	}
}
