// How an index is spread over the nodes of a Qdrant cluster: what the server is asked for, and what Info says of it.
import { createIndex, LAYOUTS, openIndex, type IndexLayout } from '../../../../lib/vectorIndex';
import { QdrantStandIn, type Exchange } from '../../../support/qdrant/server';

const settings = { model: 'm', dimensions: 4, fingerprint: 'f' };
const standIn = new QdrantStandIn();
let url: string;
let count = 0;

const nodes = (...peers: number[]) => ({
	status: 'enabled',
	peer_id: peers[0] ?? 1,
	peers: Object.fromEntries(peers.map((peer) => [String(peer), { uri: `http://node-${peer}:6335/` }])),
	raft_info: {},
	consensus_thread_status: {},
	message_send_failures: {},
});

beforeAll(async () => {
	url = await standIn.start();
});
beforeEach(() => {
	standIn.requests.length = 0;
	standIn.cluster = { status: 'disabled' };
	standIn.fault = undefined;
});
afterAll(async () => {
	await standIn.stop();
	expect(standIn.violations).toEqual([]);
});

const newAddress = () => ({ backend: 'qdrant', url, name: `placed-${++count}` }) as const;
const isCreation = ({ method, path }: Exchange): boolean =>
	method === 'PUT' && /^\/collections\/[^/]+$/.test(path);
const created = () => standIn.requests.filter(isCreation).map(({ body }) => body);
const makeWith = async (layout: IndexLayout) => await createIndex(newAddress(), { ...settings, layout });

it('asks for two copies of rows and manifest on a cluster, and for nothing on a server by itself', async () => {
	await createIndex(newAddress(), settings);
	for (const body of created()) expect(body).not.toHaveProperty('replication_factor');
	standIn.requests.length = 0;
	standIn.cluster = nodes(11, 12, 13);
	const index = await createIndex(newAddress(), settings);
	expect(created()).toMatchObject([
		{ shard_number: 6, replication_factor: 2, write_consistency_factor: 1 },
		{ shard_number: 1, replication_factor: 2, write_consistency_factor: 1 },
	]);
	expect((await index.settings()).layout).toEqual({ shards: 6, replicas: 2, writeConsistency: 1 });
});

it('takes the server’s defaults where the key may not ask for the nodes', async () => {
	standIn.cluster = nodes(11, 12, 13);
	standIn.fault = ({ path }) =>
		path === '/cluster' ? { status: 403, message: 'Forbidden: Global access is required' } : undefined;
	await createIndex(newAddress(), settings);
	for (const body of created()) expect(body).not.toHaveProperty('replication_factor');
});

it.each(Object.entries(LAYOUTS))('has a layout %s that is allowed', async (name, layout) => {
	await makeWith({ ...layout, ...(name === 'tenants' && { tenantField: 'tenant' }) });
	expect(created()).toHaveLength(2);
	for (const body of created())
		expect(body).toMatchObject({
			replication_factor: layout.replicas,
			write_consistency_factor: layout.writeConsistency,
		});
});

it('builds a graph for each tenant, keeps vectors on disk and limits requests where tenants share an index', async () => {
	const index = await makeWith({ ...LAYOUTS.tenants, tenantField: 'tenant' });
	expect(created()[0]).toMatchObject({
		hnsw_config: { m: 0, payload_m: 16 },
		quantization_config: { scalar: { type: 'int8' } },
		vectors: { dense: { on_disk: true } },
		strict_mode_config: { enabled: true, max_query_limit: 1_000, upsert_max_batchsize: 256 },
	});
	const rows = Array.from({ length: 600 }, (_, i) => ({
		...{ id: `r${i}`, source: `s${i % 7}`, text: `row ${i}` },
		metadata: { tenant: i % 2 === 0 ? 'acme' : 'globex' },
	}));
	expect(await index.upsert(rows)).toMatchObject({ written: 600, failedCount: 0 });
	expect(await index.count({ tenant: 'acme' })).toBe(300);
});

it.each<[string, IndexLayout, RegExp]>([
	[
		'2 of 2',
		{ replicas: 2, writeConsistency: 2 },
		/must not wait for all 2 replicas.*replicas differ.*3 replicas with 2/,
	],
	['3 of 3', { replicas: 3, writeConsistency: 3 }, /must not wait for all 3 replicas.*2 or less/],
	['2 of 1', { replicas: 1, writeConsistency: 2 }, /cannot wait for 2 replicas when there is 1/],
	['2 of none', { writeConsistency: 2 }, /cannot wait for 2 replicas/],
	['half a replica', { replicas: 1.5 }, /whole numbers from 1 to 1,000/],
	['tenants without a field', LAYOUTS.tenants, /needs a tenant field/],
	['a limit of 0', { limits: { rows: 0 } }, /limit "rows"/],
])('refuses %s in words, before the server is asked', async (_, layout, words) => {
	await expect(makeWith(layout)).rejects.toMatchObject({
		kind: 'invalidSettings',
		message: expect.stringMatching(words) as string,
	});
	expect(standIn.requests).toEqual([]);
});

it('Info shows the copies with their states, and says what is wrong with them', async () => {
	standIn.cluster = nodes(11, 12, 13);
	const address = newAddress();
	const index = await createIndex(address, {
		...settings,
		layout: { shards: 3, replicas: 2, writeConsistency: 1 },
	});
	const whole = await index.info();
	expect(whole.placement).toMatchObject({
		...{ shards: 3, replicas: 2, writeConsistency: 1, transfers: 0 },
		states: { Active: 6 },
	});
	expect(whole.manifestPlacement).toMatchObject({ shards: 1, replicas: 2, states: { Active: 2 } });
	expect(whole.problems).toBeUndefined();
	standIn.replicaStates(`${address.name}--000000000000`, { '0/12': 'Dead', '1/12': 'Partial' });
	expect(await (await openIndex(address)).info()).toMatchObject({
		placement: { states: { Active: 4, Dead: 1, Partial: 1 } },
		problems: [expect.stringMatching(/^Rows: 2 of 6 copies are not up to date \(Dead, Partial\)/)],
	});
	standIn.replicaStates(`${address.name}--000000000000`, { '0/12': 'Dead', '0/11': 'Dead' });
	expect((await index.info()).problems?.[0]).toMatch(/^Rows: no copy of shard 0 works/);
});

it('Info says where fewer copies are placed than were asked for', async () => {
	standIn.cluster = nodes(11, 12);
	const index = await makeWith({ shards: 2, replicas: 3, writeConsistency: 2 });
	expect((await index.info()).problems).toContainEqual(
		expect.stringMatching(/3 copies were asked for, but the cluster has 2 nodes/),
	);
});
