import type { Schemas } from '@qdrant/js-client-rest';
import { asNumber } from '../../support';
import { IndexError } from '../errors';
import type { Placement } from '../layout';
import { type QdrantClient, request } from './client';

const ACTIVE = 'Active';

/** Where the copies of a collection are; undefined where the key may not ask for it, or the collection is gone. */
export async function placementOf(
	client: QdrantClient,
	collection: string,
	{ config }: Pick<Schemas['CollectionInfo'], 'config'>,
	doing: string,
): Promise<Placement | undefined> {
	const found = await request(doing, () => client.collectionClusterInfo(collection)).catch(
		(thrown: unknown) => {
			const refused =
				thrown instanceof IndexError && (thrown.kind === 'unauthorized' || thrown.kind === 'notFound');
			if (refused) return undefined;
			throw thrown;
		},
	);
	if (!found) return undefined;
	const { peer_id, shard_count, local_shards, remote_shards, shard_transfers } = found;
	const copies = [...local_shards.map((each) => ({ ...each, peer_id })), ...remote_shards]
		.map(({ shard_id, peer_id, state }) => ({ shard: shard_id, node: String(peer_id), state }))
		.sort((a, b) => a.shard - b.shard || (a.node < b.node ? -1 : 1));
	const states: Record<string, number> = {};
	for (const { state } of copies) states[state] = (states[state] ?? 0) + 1;
	return {
		shards: shard_count,
		replicas: asNumber(config.params.replication_factor) ?? 1,
		writeConsistency: asNumber(config.params.write_consistency_factor) ?? 1,
		...{ states, transfers: shard_transfers.length, copies },
	};
}

/** What is wrong with the copies of rows or manifest, in sentences. `what` begins them. */
export function problemsOf(
	what: string,
	{ copies, replicas, shards, transfers }: Placement,
	nodes = Infinity,
): string[] {
	const working = (shard: number): number =>
		copies.filter((copy) => copy.shard === shard && copy.state === ACTIVE).length;
	const numbers = [...new Set(copies.map(({ shard }) => shard))];
	const dead = numbers.filter((shard) => working(shard) === 0);
	const behind = copies.filter(({ state }) => state !== ACTIVE);
	const wanted = Math.min(replicas, nodes);
	const few = numbers.filter((shard) => copies.filter((copy) => copy.shard === shard).length < wanted);
	return [
		...(dead.length > 0 || numbers.length < shards
			? [
					`${what}: no copy of ${dead.length > 0 ? `shard ${dead.join(', ')}` : 'a shard'} works, so its part cannot be read. Start the nodes that have it.`,
				]
			: []),
		...(behind.length > 0
			? [
					`${what}: ${behind.length} of ${copies.length} copies are not up to date (${[...new Set(behind.map(({ state }) => state))].join(', ')}). ${
						transfers > 0
							? 'They are being copied at this moment.'
							: 'Qdrant repairs them when their node is back.'
					}`,
				]
			: []),
		...(few.length > 0
			? [
					`${what}: ${few.length} of ${shards} shards have fewer than ${wanted} copies. Add copies with Qdrant’s replicate_shard, or migrate the index.`,
				]
			: []),
		...(replicas > nodes
			? [
					`${what}: ${replicas} copies were asked for, but the cluster has ${nodes} ${nodes === 1 ? 'node' : 'nodes'}.`,
				]
			: []),
	];
}
