// A cluster of three real Qdrant nodes (QDRANT_BIN) whose nodes are killed, frozen and wiped in the middle of every operation.
import { startQdrant, type RealQdrant } from '../../support/qdrant/program';
import { survivesNodeFaults, type FaultyNode } from '../../unit/vectorIndex/cluster/faults';

jest.setTimeout(900_000);

let qdrant: RealQdrant;
let nodes: FaultyNode[];

/** What a node says of the cluster. */
async function clusterOf(url: string): Promise<{ readonly peer_id: number; readonly leader: number | null }> {
	const answer = await fetch(`${url}/cluster`);
	const { result } = (await answer.json()) as {
		result: { peer_id: number; raft_info: { leader: number | null } };
	};
	return { peer_id: result.peer_id, leader: result.raft_info.leader };
}

beforeAll(async () => {
	qdrant = await startQdrant({ nodes: 3 });
	nodes = await Promise.all(
		qdrant.nodes.map(async (node, at): Promise<FaultyNode> => {
			let { peer_id } = await clusterOf(node.url);
			return {
				url: node.url,
				kill: async () => await node.kill(),
				freeze: async () => await node.kill('SIGSTOP'),
				thaw: async () => await node.kill('SIGCONT'),
				restart: async () => await node.restart(),
				async wipe() {
					await node.kill();
					// It joins again only when its old self, with the copies that were on it, is removed.
					const other = qdrant.nodes[(at + 1) % qdrant.nodes.length];
					const removed = await fetch(`${other?.url}/cluster/peer/${peer_id}?force=true`, {
						method: 'DELETE',
					});
					if (!removed.ok) throw new Error(`The old node could not be removed: ${await removed.text()}`);
					await node.restart({ wipe: true });
					({ peer_id } = await clusterOf(node.url));
				},
			};
		}),
	);
});
afterAll(async () => await qdrant?.stop());

survivesNodeFaults('three Qdrant nodes', () => ({
	nodes,
	async leader() {
		const seen = await Promise.all(qdrant.nodes.map(({ url }) => clusterOf(url)));
		const at = seen.findIndex(({ peer_id }) => peer_id === seen[0]?.leader);
		return at < 0 ? 0 : at;
	},
	frozenMs: 30_000,
}));
