import type { INodeCredentialDescription } from 'n8n-workflow';

/** What a node asks for that keeps its exchanges as records. The node names `localEngineSpaceApiTest` among its methods. */
export const recordingCredentials: INodeCredentialDescription[] = [
	{
		name: 'localEngineSpaceApi',
		required: false,
		testedBy: 'localEngineSpaceApiTest',
		displayOptions: { show: { record: [true] } },
	},
	{
		name: 'postgres',
		required: true,
		displayOptions: { show: { record: [true], recordBackend: ['postgres'] } },
	},
];
