// Three nodes that share what is stored, as a cluster whose rows have two copies: one is gone, frozen, or answers in the cluster's words.
import {
	createIndex,
	createVersion,
	describeIndexes,
	dropIndex,
	listIndexes,
	openIndex,
	switchVersion,
	type VectorIndex,
} from '../../../../lib/vectorIndex';
import { QdrantStandIn, type Exchange, type Fault } from '../../../support/qdrant/server';
import { axis, library } from '../data';

jest.setTimeout(120_000);

const settings = { model: 'm', dimensions: 4, fingerprint: 'f' };
const CONSENSUS = {
	status: 500,
	message:
		'Service internal error: Waiting for consensus operation commit failed. Timeout set at: 10 seconds',
};
const READ_FAILED = {
	status: 500,
	message: 'Service internal error: 1 of 1 read operations failed: Service internal error: tcp connect error',
};
const LOST = { status: 500, message: 'Service internal error: 0 of 0 read operations failed' };
const TORN = {
	status: 500,
	message:
		'Service internal error: 2 out of 3 shards failed to apply operation. First error captured: Service internal error: tcp connect error',
};

let nodes: QdrantStandIn[];
let url: string;
let count = 0;

beforeEach(async () => {
	const first = new QdrantStandIn();
	nodes = [first, new QdrantStandIn(undefined, first), new QdrantStandIn(undefined, first)];
	url = (await Promise.all(nodes.map((node) => node.start()))).join(', ');
});
afterEach(async () => {
	const violations = nodes.flatMap((node) => node.violations);
	await Promise.all(nodes.map((node) => node.stop()));
	expect(violations).toEqual([]);
});

const newAddress = () => ({ backend: 'qdrant', url, name: `nodes-${++count}` }) as const;
const search = (index: VectorIndex) => index.search({ mode: 'vector', vector: axis(4, 1), limit: 1 });
/** All nodes answer so where `when` holds, `times` in all. */
function failing(when: (exchange: Exchange) => boolean, fault: Fault, times = Infinity): void {
	let left = times;
	for (const node of nodes) node.fault = (exchange) => (when(exchange) && left-- > 0 ? fault : undefined);
}
const heal = (): void => nodes.forEach((node) => (node.fault = undefined));
const isAliasChange = ({ path }: Exchange): boolean => path === '/collections/aliases';
const isCreation = ({ method, path }: Exchange): boolean =>
	method === 'PUT' && /^\/collections\/[^/]+$/.test(path);
const isPointWrite = ({ method, path }: Exchange): boolean => method === 'PUT' && path.endsWith('/points');
const isAbout =
	(name: string) =>
	({ path }: Exchange): boolean =>
		path.startsWith(`/collections/${name}--`);

describe('a node that is gone', () => {
	it('is passed over by reads and writes, and asked last from then on', async () => {
		const index = await createIndex(newAddress(), settings);
		await index.upsert(library);
		await nodes[0]!.stop();
		expect(await search(index)).toMatchObject([{ id: 'cats' }]);
		expect(await index.upsert([{ id: 'new', source: 's', text: 'new' }])).toMatchObject({ written: 1 });
		await nodes[1]!.stop();
		expect(await index.count()).toBe(library.length + 1);
		await nodes[2]!.stop();
		await expect(search(index)).rejects.toMatchObject({
			kind: 'unreachable',
			message: expect.stringMatching(/none of the 3 nodes answers/) as string,
		});
	});

	it('may vanish in the middle of a write: the next one takes it, and nothing is there twice', async () => {
		const index = await createIndex(newAddress(), settings);
		const rows = Array.from({ length: 1_000 }, (_, i) => ({ id: `r${i}`, source: 's', text: `row ${i}` }));
		let batches = 0;
		nodes[0]!.fault = (exchange) => {
			if (!isPointWrite(exchange) || ++batches < 2) return undefined;
			void nodes[0]!.stop();
			return 'drop';
		};
		expect(await index.upsert(rows)).toMatchObject({ written: 1_000, failedCount: 0 });
		expect(await index.count()).toBe(1_000);
	});

	it.each([502, 503])('or not ready (%i) is passed over too', async (status) => {
		const index = await createIndex(newAddress(), settings);
		nodes[0]!.fault = () => ({ status, message: 'starting' });
		await index.upsert(library);
		expect(await search(index)).toMatchObject([{ id: 'cats' }]);
		expect(nodes[0]!.requests.filter(isPointWrite).length).toBeLessThan(2);
	});

	it('the address list must be one of addresses', async () => {
		await expect(openIndex({ backend: 'qdrant', url: 'http://a:1, b:2 c', name: 'x' })).rejects.toMatchObject(
			{
				kind: 'invalidSettings',
				message: expect.stringMatching(/Separate the addresses/) as string,
			},
		);
	});
});

describe('a frozen node', () => {
	it('is passed over by reads; a write is not done a second time by another node', async () => {
		const index = await createIndex(newAddress(), settings);
		await index.upsert(library);
		nodes[0]!.fault = () => 'hang';
		expect(await search(index)).toMatchObject([{ id: 'cats' }]);
		// From now on it is the last one.
		const before = nodes[0]!.requests.length;
		expect(await index.upsert([{ id: 'new', source: 's', text: 'new' }])).toMatchObject({ written: 1 });
		expect(nodes[0]!.requests.length).toBe(before);
	});
});

describe('a cluster whose nodes are gone', () => {
	it('is asked again for reads until the dead replica is left out', async () => {
		const index = await createIndex(newAddress(), settings);
		await index.upsert(library);
		failing(({ path }) => path.endsWith('/query'), READ_FAILED, 2);
		expect(await search(index)).toMatchObject([{ id: 'cats' }]);
	});

	it('says that a node is gone and what to do, and that a shard is lost', async () => {
		const index = await createIndex(newAddress(), settings);
		failing(({ path }) => path.endsWith('/query'), READ_FAILED);
		await expect(search(index)).rejects.toMatchObject({
			kind: 'unreachable',
			message: expect.stringMatching(/no other node has a copy.*With 2 replicas/) as string,
		});
		failing(({ path }) => path.endsWith('/query'), LOST);
		const searches = () =>
			nodes.flatMap(({ requests }) => requests).filter(({ path }) => path.endsWith('/query')).length;
		const before = searches();
		await expect(search(index)).rejects.toThrow(/no copy left.*drop the index/);
		expect(searches() - before).toBe(1);
	});

	it('does not hide the other indexes, and one that cannot be read can be dropped', async () => {
		const [lost, fine] = [newAddress(), newAddress()];
		await createIndex(lost, settings);
		await createIndex(fine, settings);
		failing((exchange) => exchange.method === 'GET' && isAbout(lost.name)(exchange), LOST);
		expect(await listIndexes(fine)).toEqual([lost.name, fine.name]);
		expect(await describeIndexes(fine)).toMatchObject([
			{ name: lost.name, problem: expect.stringMatching(/no copy left/) as string },
			{ name: fine.name, settings: { dimensions: 4 } },
		]);
		expect(await (await openIndex(fine)).count()).toBe(0);
		await dropIndex(lost, lost.name);
		expect(await listIndexes(fine)).toEqual([fine.name]);
	});

	it('takes a write at once again that some shards did not take, and nothing is there twice', async () => {
		const index = await createIndex(newAddress(), settings);
		// What is refused is applied on the shards that live.
		for (const node of nodes) node.done = (exchange) => isPointWrite(exchange);
		failing(isPointWrite, TORN, 2);
		expect(await index.upsert(library)).toMatchObject({ written: library.length });
		expect(await index.count()).toBe(library.length);
		failing(isPointWrite, TORN);
		await expect(index.upsert([{ id: 'z', source: 's', text: 'z' }])).rejects.toMatchObject({
			kind: 'unreachable',
			message: expect.stringMatching(/A part of it may be stored.*run this again/) as string,
		});
	});
});

describe('a lost quorum', () => {
	it('what was done all the same is believed: creating, switching, dropping', async () => {
		const address = newAddress();
		for (const node of nodes) node.done = () => true;
		failing((exchange) => isCreation(exchange) || isAliasChange(exchange), CONSENSUS);
		const index = await createIndex(address, settings);
		await index.upsert(library);
		const next = await createVersion(address, { ...settings, preset: 'accurate' });
		const { version } = await next.info();
		await switchVersion({ ...address, version });
		expect((await (await openIndex(address)).settings()).preset).toBe('accurate');
		failing((exchange) => exchange.method === 'DELETE' || isAliasChange(exchange), CONSENSUS);
		await dropIndex(address, address.name);
		heal();
		expect(await listIndexes(address)).toEqual([]);
	});

	it('what was not done is told as unknown, and the same call completes it later', async () => {
		const address = newAddress();
		failing(isAliasChange, CONSENSUS);
		await expect(createIndex(address, settings)).rejects.toMatchObject({
			kind: 'unreachable',
			message: expect.stringMatching(/not known whether it was done.*run this again/) as string,
		});
		heal();
		expect(await (await createIndex(address, settings)).count()).toBe(0);
		failing(({ method }) => method === 'DELETE', CONSENSUS);
		await expect(dropIndex(address, address.name)).rejects.toThrow(/not known whether/);
		heal();
		await dropIndex(address, address.name);
		expect(nodes[0]!.collectionNames()).toEqual([]);
	});

	it('a cluster without a leader has changed nothing, and says so', async () => {
		const address = newAddress();
		failing(isCreation, {
			status: 500,
			message: 'Service internal error: Failed to propose operation: leader is not established within 10s',
		});
		await expect(createIndex(address, settings)).rejects.toMatchObject({
			kind: 'unreachable',
			message: expect.stringMatching(/nothing was changed.*run this again/) as string,
		});
		expect(nodes[0]!.collectionNames()).toEqual([]);
	});

	it('an index that is created later, after the error, is the one that the next call opens', async () => {
		const address = newAddress();
		failing(isAliasChange, CONSENSUS);
		await expect(createIndex(address, settings)).rejects.toThrow(/not known whether/);
		heal();
		// The cluster does it when the quorum is back.
		nodes[0]!.answer({
			...{ method: 'POST', path: '/collections/aliases' },
			body: {
				actions: [
					{
						create_alias: {
							collection_name: `${address.name}--000000000000`,
							alias_name: address.name,
						},
					},
				],
			},
		});
		await expect(createIndex(address, settings)).rejects.toMatchObject({ kind: 'alreadyExists' });
		expect(await (await createIndex(address, settings, { ifExists: 'open' })).count()).toBe(0);
	});
});

describe('a key that may only read', () => {
	it('suffices for searching, counting, listing and Info', async () => {
		const address = newAddress();
		await (await createIndex(address, settings)).upsert(library);
		failing(
			({ method, path }) => method !== 'GET' && !/\/(scroll|query|batch|count|facet|points)$/.test(path),
			{ status: 403, message: 'Forbidden: Global manage access is required' },
		);
		for (const node of nodes) node.requests.length = 0;
		const index = await openIndex(address);
		expect(await search(index)).toMatchObject([{ id: 'cats' }]);
		// Opening asks for the name and for its collection, and a search is one request, hybrid or not.
		expect(nodes.flatMap(({ requests }) => requests)).toHaveLength(3);
		await index.search({ mode: 'hybrid', vector: axis(4, 1), text: 'cats', limit: 2 });
		expect(nodes.flatMap(({ requests }) => requests)).toHaveLength(4);
		expect(await index.count()).toBe(library.length);
		expect(await listIndexes(address)).toContain(address.name);
		expect((await index.info()).rows).toBe(library.length);
	});
});
