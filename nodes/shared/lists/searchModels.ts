import type { ILoadOptionsFunctions, INodeListSearchResult } from 'n8n-workflow';
import { enginesFor, hasEngineCredential } from '../runtime/engines';
import { enginesOnThisMachine, localModels } from '../runtime/localEngines';

/**
 * The models for the Model drop-down: those of all engines of the credential, names in several engines once; without a
 * credential those of the engines on this machine.
 */
export async function searchModels(
	this: ILoadOptionsFunctions,
	filter?: string,
): Promise<INodeListSearchResult> {
	const models = hasEngineCredential(this)
		? await modelsOfCredential(this)
		: localModels(await enginesOnThisMachine(this));
	const wanted = filter?.toLowerCase() ?? '';
	return { results: models.filter(({ name }) => name.toLowerCase().includes(wanted)) };
}

async function modelsOfCredential(
	context: ILoadOptionsFunctions,
): Promise<Array<{ name: string; value: string }>> {
	const engines = await enginesFor(context);
	const models = new Map<string, string>();
	for (const { id, engine, loaded, remote } of await engines.models()) {
		if (!models.has(id))
			models.set(id, `${id} (${engine}${loaded ? ', loaded' : ''}${remote ? ', outside your network' : ''})`);
	}
	return [...models].map(([value, name]) => ({ name, value }));
}
