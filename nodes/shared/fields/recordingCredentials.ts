import type { INodeCredentialDescription } from 'n8n-workflow';

/**
 * What a node asks for that lets engines write and keeps the exchanges as records. The node names `localEngineApiTest` and
 * `localEngineSpaceApiTest` among its methods.
 */
export const recordingCredentials: INodeCredentialDescription[] = [
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
		displayOptions: { show: { record: [true] } },
	},
	{
		name: 'postgres',
		required: true,
		displayOptions: { show: { record: [true], recordBackend: ['postgres'] } },
	},
];
