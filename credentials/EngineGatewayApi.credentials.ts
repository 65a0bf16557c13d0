import type { ICredentialType, INodeProperties } from 'n8n-workflow';

/** The API keys that an Engine Gateway lets in; a key is a secret of its callers, not of an engine. */
export class EngineGatewayApi implements ICredentialType {
	name = 'engineGatewayApi';

	displayName = 'Engine Gateway API';

	icon = { light: 'file:engineGateway.svg', dark: 'file:engineGateway.dark.svg' } as const;

	documentationUrl =
		'https://github.com/n8n-nodes-local-engine/n8n-nodes-local-engine/blob/main/docs/gateway.md';

	properties: INodeProperties[] = [
		{
			displayName: 'API Keys',
			name: 'keys',
			type: 'fixedCollection',
			typeOptions: { multipleValues: true },
			default: {
				values: [{ name: 'default', key: '', maxConcurrency: '', requestsPerMinute: '', tokensPerDay: '' }],
			},
			placeholder: 'Add Key',
			description:
				'API keys that may call the gateway. Give each caller its own key, so that you can revoke it.',
			options: [
				{
					displayName: 'Key',
					name: 'values',
					values: [
						{
							displayName: 'Caller',
							name: 'name',
							type: 'string',
							default: '',
							placeholder: 'support-bot',
							description:
								'Name of the program or person that owns the key. It is shown in the output and in records instead of the key.',
						},
						{
							displayName: 'Key',
							name: 'key',
							type: 'string',
							typeOptions: { password: true },
							default: '',
							description:
								'At least 16 characters, sent by the caller as its API key. Leave it empty and save the credential to be offered a new key. Keep a copy for the caller: n8n does not show the key again.',
						},
						{
							displayName: 'Max Concurrency',
							name: 'maxConcurrency',
							type: 'number',
							typeOptions: { minValue: 1 },
							default: '',
							description:
								'Maximum number of requests of this caller at the same time. Further requests are answered with status 429. If empty, there is no limit.',
						},
						{
							displayName: 'Requests per Minute',
							name: 'requestsPerMinute',
							type: 'number',
							typeOptions: { minValue: 1 },
							default: '',
							description:
								'Maximum number of requests of this caller per minute, on average. If empty, there is no limit.',
						},
						{
							displayName: 'Tokens per Day',
							name: 'tokensPerDay',
							type: 'number',
							typeOptions: { minValue: 1 },
							default: '',
							description:
								'Maximum number of tokens, of prompts and answers, that this caller may use in 24 hours. They come back evenly. Further requests are answered with status 429. If empty, there is no limit.',
						},
					],
				},
			],
		},
	];
}
