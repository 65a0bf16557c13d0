// The faults of `npm test -- cluster` with stand-ins for three nodes, which share what is stored: what the pack does when a node is
// gone, not what Qdrant does.
import { QdrantStandIn } from '../../../support/qdrant/server';
import { survivesNodeFaults, type FaultyNode } from './faults';

jest.setTimeout(300_000);

const first = new QdrantStandIn();
const standIns = [first, new QdrantStandIn(undefined, first), new QdrantStandIn(undefined, first)];
let nodes: FaultyNode[];

beforeAll(async () => {
	nodes = await Promise.all(
		standIns.map(async (standIn): Promise<FaultyNode> => {
			standIn.cluster = {
				...{ status: 'enabled', peer_id: 11, raft_info: {}, consensus_thread_status: {} },
				...{ peers: { 11: { uri: 'a' }, 12: { uri: 'b' }, 13: { uri: 'c' } }, message_send_failures: {} },
			};
			const url = await standIn.start();
			const restart = async () => void (await standIn.start(Number(new URL(url).port)));
			return {
				url,
				kill: async () => await standIn.stop(),
				freeze: async () => void (standIn.fault = () => 'hang'),
				thaw: async () => void (standIn.fault = undefined),
				...{ restart, wipe: restart },
			};
		}),
	);
});
afterAll(async () => {
	await Promise.all(standIns.map((standIn) => standIn.stop()));
	expect(standIns.flatMap(({ violations }) => violations)).toEqual([]);
});

survivesNodeFaults('three stand-ins', () => ({ nodes, leader: async () => 2, frozenMs: 200 }));
