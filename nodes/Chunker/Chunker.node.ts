import type { IExecuteFunctions, INodeExecutionData, INodeType, INodeTypeDescription } from 'n8n-workflow';
import { NodeConnectionTypes } from 'n8n-workflow';
import { localEngineApiTest } from '../shared/runtime/credentialTest';
import { withErrorItems } from '../shared/runtime/errors';
import { chunkingSubtitle } from '../shared/fields/chunkingFields';
import { chunkFields, chunkItems } from './actions/chunk.operation';

export class Chunker implements INodeType {
	description: INodeTypeDescription = {
		displayName: 'Chunker',
		name: 'chunker',
		icon: { light: 'file:chunker.svg', dark: 'file:chunker.dark.svg' },
		group: ['transform'],
		version: 1,
		subtitle: chunkingSubtitle,
		description: 'Split text into chunks for search, with their exact positions in the source',
		defaults: { name: 'Chunker' },
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
		],
		properties: [...chunkFields],
	};

	methods = { credentialTest: { localEngineApiTest } };

	async execute(this: IExecuteFunctions): Promise<INodeExecutionData[][]> {
		return await withErrorItems(this, async () => await chunkItems(this));
	}
}
