import type { ILoadOptionsFunctions, INodeListSearchResult } from 'n8n-workflow';
import { listIndexNamesInEditor } from '../runtime/indexes';

/** The indexes that exist where the node looks, for the Index drop-down. */
export async function searchIndexes(
	this: ILoadOptionsFunctions,
	filter?: string,
): Promise<INodeListSearchResult> {
	const names = await listIndexNamesInEditor(this);
	const wanted = filter?.toLowerCase() ?? '';
	return {
		results: names
			.filter((name) => name.toLowerCase().includes(wanted))
			.map((name) => ({ name, value: name })),
	};
}
