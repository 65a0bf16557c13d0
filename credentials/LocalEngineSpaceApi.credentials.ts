import type { ICredentialType, INodeProperties } from 'n8n-workflow';

/** Opens a space: the indexes, records, data sets and experiments of one group of people on a shared n8n. */
export class LocalEngineSpaceApi implements ICredentialType {
	name = 'localEngineSpaceApi';

	displayName = 'Local Engine Space API';

	icon = { light: 'file:localEngine.svg', dark: 'file:localEngine.dark.svg' } as const;

	documentationUrl =
		'https://github.com/n8n-nodes-local-engine/n8n-nodes-local-engine/blob/main/docs/spaces.md';

	properties: INodeProperties[] = [
		{
			displayName: 'Space',
			name: 'name',
			type: 'string',
			default: '',
			placeholder: 'accounting',
			description:
				'Name of the space: lower-case letters, digits and "-". A space that does not exist yet is created with this key.',
		},
		{
			displayName: 'Key',
			name: 'secretKey',
			type: 'string',
			typeOptions: { password: true },
			default: '',
			description:
				'Opens the space, at least 16 characters. Leave it empty and save the credential to be offered a new key. Keep a copy: n8n can restore the data of a space only together with its key.',
		},
		{
			displayName: 'Previous Key',
			name: 'previousSecretKey',
			type: 'string',
			typeOptions: { password: true },
			default: '',
			description:
				'Only to change the key: enter the new key above and the old one here, then run Vector Index → Space → Change Key. Clear this field afterwards.',
		},
	];
}
