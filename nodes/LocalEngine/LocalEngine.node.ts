import type { IExecuteFunctions, INodeExecutionData, INodeType, INodeTypeDescription } from 'n8n-workflow';
import { NodeConnectionTypes } from 'n8n-workflow';
import { recordingCredentials } from '../shared/fields/recordingCredentials';
import { localEngineSpaceApiTest } from '../shared/runtime/spaceCredentialTest';
import { localEngineApiTest } from '../shared/runtime/credentialTest';
import { propertiesOf, route, subtitleOf } from '../shared/runtime/operations';
import { credentialsField } from '../shared/fields/recordFields';
import { searchModels } from '../shared/lists/searchModels';
import { resources } from './actions';
import { outputs } from './outputs';
import { loadEngines } from './methods/loadEngines';

export class LocalEngine implements INodeType {
	description: INodeTypeDescription = {
		displayName: 'Local Engine',
		name: 'localEngine',
		icon: { light: 'file:localEngine.svg', dark: 'file:localEngine.dark.svg' },
		group: ['transform'],
		version: 1,
		subtitle: subtitleOf(resources),
		description: 'Chat, answers with citations and embeddings from models on your own machines',
		defaults: { name: 'Local Engine' },
		inputs: [NodeConnectionTypes.Main],
		outputs,
		usableAsTool: true,
		credentials: recordingCredentials,
		properties: [credentialsField, ...propertiesOf(resources)],
	};

	methods = {
		credentialTest: { localEngineApiTest, localEngineSpaceApiTest },
		listSearch: { searchModels },
		loadOptions: { loadEngines },
	};

	async execute(this: IExecuteFunctions): Promise<INodeExecutionData[][]> {
		return await route(this, resources);
	}
}
