import type { ILoadOptionsFunctions, INodeListSearchResult } from 'n8n-workflow';
import { enginesFor } from '../runtime/engines';

/** The models of all engines of the credential, for the Model drop-down; names in several engines appear once. */
export async function searchModels(
	this: ILoadOptionsFunctions,
	filter?: string,
): Promise<INodeListSearchResult> {
	const engines = await enginesFor(this);
	const models = new Map<string, string>();
	for (const { id, engine, loaded, remote } of await engines.models()) {
		if (!models.has(id))
			models.set(id, `${id} (${engine}${loaded ? ', loaded' : ''}${remote ? ', outside your network' : ''})`);
	}
	const wanted = filter?.toLowerCase() ?? '';
	return {
		results: [...models]
			.filter(([id]) => id.toLowerCase().includes(wanted))
			.map(([value, name]) => ({ name, value })),
	};
}
