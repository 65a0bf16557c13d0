import type { IndexInfo } from '../types';
import { type QdrantClient, request } from './client';
import { countNodes } from './layout';
import { placementOf, problemsOf } from './placement';
import { keysOf, orUndefined } from './states';

interface Rows {
	readonly client: QdrantClient;
	readonly collection: string;
}

/** What the server says about the collections of an index. `doing` completes "… failed". */
export async function stateOf(
	{ client, collection }: Rows,
	doing: string,
): Promise<Pick<IndexInfo, 'vectorIndex' | 'placement' | 'manifestPlacement' | 'problems'>> {
	const keys = keysOf(collection);
	const [about, aboutKeys] = await Promise.all([
		request(doing, () => client.getCollection(collection)),
		orUndefined(request(doing, () => client.getCollection(keys))),
	]);
	const [nodes, placement, manifestPlacement] = await Promise.all([
		countNodes(client),
		placementOf(client, collection, about, doing),
		aboutKeys && placementOf(client, keys, aboutKeys, doing),
	]);
	const problems = [
		...(placement ? problemsOf('Rows', placement, nodes) : []),
		...(manifestPlacement ? problemsOf('List of documents', manifestPlacement, nodes) : []),
	];
	// Each row also counts once for its keywords, which are always indexed.
	const indexed = (about.indexed_vectors_count ?? 0) > (about.points_count ?? 0);
	return {
		vectorIndex: indexed ? 'HNSW' : 'none',
		...(placement && { placement }),
		...(manifestPlacement && { manifestPlacement }),
		...(problems.length > 0 && { problems }),
	};
}
