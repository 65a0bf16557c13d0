import type { INodeProperties } from 'n8n-workflow';

/** Shown in the form, so that it is read before an index moves to another model. */
export const otherNodesNotice: INodeProperties = {
	displayName:
		'From the moment of the switch, all other nodes that use this index need the new model. First select the <i>Local Engine API</i> credential in them (search, sync, tools and vector stores, in all workflows); until then they keep using the old model. Nodes that store documents also need the new <i>Embedding Model</i> after the switch.',
	name: 'otherNodesNotice',
	type: 'notice',
	default: '',
	displayOptions: { show: { embedding: ['engine'] } },
};

/** What has to be changed in other nodes when an index has moved to another embedding model. */
export function otherNodes(index: string, label: string, isEngine: boolean): string[] {
	return [
		`In every node that stores documents in the index "${index}" (Sync Documents, Create or Update, Insert Documents), set Embedding Model to "${label}".`,
		...(isEngine
			? [
					`In every node that searches the index "${index}" or stores documents in it, select the Local Engine API credential. Without it the node fails.`,
				]
			: []),
	];
}
