// What every operation leaves behind when a node of the cluster is killed, frozen or wiped in the middle of it, and is run again.
import { setTimeout as sleep } from 'node:timers/promises';
import * as ingest from '../../../../lib/ingest';
import * as index from '../../../../lib/vectorIndex';
import { NodeProxy } from '../../../support/qdrant/nodeProxy';
import { embedder, type Operation, OPERATIONS, type Process } from '../../cuts/operations';
import { contentOf, differencesOf } from '../../ingest/corpus';

/** A node that can be broken. */
export interface FaultyNode {
	readonly url: string;
	kill(): Promise<void>;
	/** It accepts connections and says nothing, until `thaw`. */
	freeze(): Promise<void>;
	thaw(): Promise<void>;
	/** Starts it again; resolves when it is ready. */
	restart(): Promise<void>;
	/** As `restart`, without any of its data. */
	wipe(): Promise<void>;
}

export interface FaultyCluster {
	readonly nodes: readonly FaultyNode[];
	/** Position of the node that leads the others. */
	leader(): Promise<number>;
	/** How long a node is frozen, in milliseconds. */
	readonly frozenMs: number;
}

interface Fault {
	readonly name: string;
	/** Position of the node that breaks; `asked` is the one that the write is sent to. */
	readonly node: (cluster: FaultyCluster, asked: number) => number | Promise<number>;
	readonly begin: (node: FaultyNode, cluster: FaultyCluster) => Promise<void>;
	readonly end: (node: FaultyNode) => Promise<void>;
}

/** Nodes that go on by themselves after a while. */
const frozen = new Map<FaultyNode, NodeJS.Timeout>();
async function freeze(node: FaultyNode, { frozenMs }: FaultyCluster): Promise<void> {
	await node.freeze();
	frozen.set(
		node,
		setTimeout(() => void thaw(node), frozenMs),
	);
}
async function thaw(node: FaultyNode): Promise<void> {
	clearTimeout(frozen.get(node));
	frozen.delete(node);
	await node.thaw();
}

const kill = async (node: FaultyNode): Promise<void> => await node.kill();
const restart = async (node: FaultyNode): Promise<void> => await node.restart();

const FAULTS: readonly Fault[] = [
	{ name: 'the node that is asked is killed', node: (_, asked) => asked, begin: kill, end: restart },
	{
		name: 'another node is killed',
		node: ({ nodes }, asked) => (asked + 1) % nodes.length,
		begin: kill,
		end: restart,
	},
	{ name: 'the leader is killed', node: (cluster) => cluster.leader(), begin: kill, end: restart },
	{ name: 'a node is frozen and goes on', node: () => 1, begin: freeze, end: thaw },
	// The last one: what was on the node is gone from it for good.
	{
		name: 'a node is wiped and joins again',
		node: () => 2,
		begin: kill,
		end: async (node) => await node.wipe(),
	},
];

const WANTED = [
	'createIndex',
	'sync',
	'sync of changed documents',
	'sync as a mirror',
	'upsert',
	'deleteDocuments',
	'restoreIndex',
	'restoreIndex in place of another',
	'migrate',
	'createVersion and switchVersion',
	'dropIndex',
];
/** Longest wait for the copies to be up to date again, in milliseconds. */
const SETTLE_MS = 120_000;
/** Longest wait for all nodes to know the same collections. */
const AGREE_MS = 10_000;

/** Every operation is run while a node breaks at the write in its middle. */
export function survivesNodeFaults(what: string, cluster: () => FaultyCluster): void {
	const operations = OPERATIONS.filter(({ name }) => WANTED.includes(name));
	let proxies: NodeProxy[];
	let url: string;
	let steady: index.VectorIndex;
	let expectedHits: string;
	let rounds = 0;
	const seen = { searches: 0, failed: 0, wrong: 0 };
	const undisturbed = new Map<string, Undisturbed>();

	const processOf = (name: string): Process => ({
		...{ index, ingest },
		address: { backend: 'qdrant', url, name },
	});
	const newName = (): string => `cluster-${process.pid}-${Date.now().toString(36)}-${++rounds}`;
	const connect = async (): Promise<void> => {
		proxies = cluster().nodes.map((node) => new NodeProxy(node.url));
		url = (await Promise.all(proxies.map((proxy) => proxy.start()))).join(',');
	};

	beforeAll(async () => {
		await connect();
		const calm = processOf(newName());
		await OPERATIONS.find(({ name }) => name === 'sync')?.run(calm);
		steady = await index.openIndex(calm.address);
		expectedHits = await hitsOf(steady);
	});
	afterAll(async () => {
		await Promise.all(proxies.map((proxy) => proxy.stop()));
		process.stdout.write(
			`${what}: ${rounds} runs; beside them ${seen.searches} searches, ${seen.failed} failed, ${seen.wrong} wrong\n`,
		);
	});

	/** Searches until it is told to stop; resolves to whether the last one was right. */
	function searching(): { readonly stop: () => Promise<boolean> } {
		let going = true;
		let isRight = false;
		const loop = (async () => {
			while (going) {
				try {
					isRight = (await hitsOf(steady)) === expectedHits;
					if (!isRight) seen.wrong++;
				} catch {
					isRight = false;
					seen.failed++;
				}
				seen.searches++;
				await sleep(20);
			}
		})();
		return {
			stop: async () => {
				going = false;
				await loop;
				return isRight;
			},
		};
	}

	/** Calls `write` before each write of the work, with the position of the node that it is sent to. */
	async function watchingWrites(
		write: (asked: number) => Promise<unknown> | undefined,
		work: () => Promise<unknown>,
	): Promise<void> {
		for (const [at, proxy] of proxies.entries()) proxy.beforeWrite = async () => void (await write(at));
		try {
			await work();
		} finally {
			for (const proxy of proxies) proxy.beforeWrite = undefined;
		}
	}

	async function expectedOf(operation: Operation): Promise<Undisturbed> {
		const known = undisturbed.get(operation.name);
		if (known) return known;
		const calm = processOf(newName());
		await operation.prepare(calm);
		let writes = 0;
		await watchingWrites(
			() => void writes++,
			() => operation.run(calm),
		);
		const found = { state: await stateOf(calm, cluster()), writes };
		undisturbed.set(operation.name, found);
		return found;
	}

	/** Runs the operation while a node breaks at its n-th write. */
	async function disturbed(operation: Operation, fault: Fault, at: number, process: Process): Promise<void> {
		let writes = 0;
		let broken: Promise<FaultyNode> | undefined;
		const breakNode = async (asked: number): Promise<FaultyNode> => {
			const node = cluster().nodes[await fault.node(cluster(), asked)];
			if (!node) throw new Error('The cluster has no such node.');
			await fault.begin(node, cluster());
			return node;
		};
		await watchingWrites(
			(asked) => {
				if (++writes === at) broken = breakNode(asked);
				return broken;
			},
			// What it fails with is for people; here counts what it leaves behind.
			() => operation.run(process).catch(() => undefined),
		);
		const node = await broken;
		if (!node) throw new Error(`The operation had no write ${at}.`);
		// Searches go on while the node is away.
		for (let turn = 0; ; turn++) {
			const hits = await hitsOf(steady).catch(() => undefined);
			if (hits === expectedHits) break;
			if (turn === 20) expect(hits).toBe(expectedHits);
			await sleep(1_000);
		}
		await fault.end(node);
	}

	describe.each(FAULTS.map((fault) => [fault.name, fault] as const))(`${what}: %s`, (_, fault) => {
		it.each(operations.map((operation) => [operation.name, operation] as const))(
			'%s is right when it is run again',
			async (__, operation) => {
				const { state: expected, writes } = await expectedOf(operation);
				const process = processOf(newName());
				await operation.prepare(process);
				const reader = searching();
				let searchesGoOn = false;
				try {
					await disturbed(operation, fault, Math.ceil(writes / 2), process);
				} finally {
					searchesGoOn = await reader.stop();
				}
				expect(searchesGoOn).toBe(true);
				await operation.run(process).catch((thrown: unknown) => {
					const kind = (thrown as { kind?: unknown }).kind;
					if (!operation.done?.some((each) => each === kind)) throw thrown;
				});
				await settled(process.address);
				const state = await stateOf(process, cluster());
				expect(differenceOf(state, expected)).toEqual([]);
				await index.dropIndex(process.address, process.address.name).catch(() => undefined);
				expect(seen.wrong).toBe(0);
			},
		);
	});

	it('a snapshot ends when a node is killed: it is whole, or an error says why', async () => {
		const [node] = cluster().nodes;
		const parts: Uint8Array[] = [];
		const reading = (async () => {
			for await (const part of index.snapshotIndex(steady)) parts.push(part);
		})();
		await node?.kill();
		const failure: unknown = await reading.then(
			() => undefined,
			(thrown: unknown) => thrown,
		);
		await node?.restart();
		if (failure !== undefined) expect(failure).toBeInstanceOf(index.IndexError);
		else {
			const address = { ...processOf(newName()).address };
			const restored = await index.restoreIndex(address, parts);
			expect(differencesOf(await contentOf(restored), await contentOf(steady))).toEqual([]);
		}
	});

	it('replicas that were behind come to agree: every node counts the same rows', async () => {
		const process = processOf(newName());
		const sync = OPERATIONS.find(({ name }) => name === 'sync');
		const [, node] = cluster().nodes;
		await sync?.run(process);
		await node?.kill();
		const written = await (
			await index.openIndex(process.address)
		).upsert([
			{ id: 'late', source: 'late', text: 'late', vector: new Float32Array(embedder.dimensions).fill(1) },
		]);
		expect(written).toMatchObject({ written: 1 });
		await node?.restart();
		await settled(process.address);
		const opened = await index.openIndex(process.address);
		const counts = await Promise.all(
			cluster().nodes.map(async ({ url: one }) =>
				(await index.openIndex({ ...process.address, url: one } as index.IndexAddress)).count(),
			),
		);
		expect(new Set(counts)).toEqual(new Set([await opened.count()]));
	});
}

/** What an operation does when nothing breaks. */
interface Undisturbed {
	readonly state: State;
	readonly writes: number;
}

interface State {
	readonly indexes: number;
	readonly collections: number;
	readonly versions: readonly unknown[];
	readonly content?: Awaited<ReturnType<typeof contentOf>>;
	readonly searches: readonly string[];
}

async function stateOf({ address }: Process, { nodes }: FaultyCluster): Promise<State> {
	const collections = await collectionsOf(address.name, nodes);
	const indexes = (await index.listIndexes(address)).filter((name) => name === address.name).length;
	if (indexes === 0) return { indexes, collections, versions: [], searches: [] };
	const opened = await index.openIndex(address);
	const versions = (await index.listVersions(address)).map(({ live, building, settings: { model } }) => ({
		...{ live, building, model },
	}));
	const { dimensions } = await opened.settings();
	const vector = (await embedder.embedQuery('Valve 2 part 1 closes')).subarray(0, dimensions);
	const searches: string[] = [];
	for (const mode of ['vector', 'keyword'] as const) {
		const hits = await opened.search({ mode, text: 'Valve 2 closes', vector, limit: 50, keepTwins: true });
		// Keyword scores count deleted rows until the server has tidied up.
		searches.push(
			...hits.map(({ id, score }) => (mode === 'vector' ? `${id} ${score.toFixed(4)}` : id)).sort(),
		);
	}
	return { indexes, collections, versions, content: await contentOf(opened), searches };
}

/** How many collections of an index there are, when all nodes say the same: each hears of a change a moment after the one that was asked. */
async function collectionsOf(name: string, nodes: readonly FaultyNode[]): Promise<number> {
	for (const end = Date.now() + AGREE_MS; ; await sleep(200)) {
		const counts = await Promise.all(
			nodes.map(async ({ url }) => {
				const answer = await fetch(`${url}/collections`);
				const { result } = (await answer.json()) as { result: { collections: Array<{ name: string }> } };
				return result.collections.filter((each) => each.name.startsWith(`${name}--`)).length;
			}),
		);
		const [count = 0] = counts;
		if (counts.every((each) => each === count) || Date.now() > end) return count;
	}
}

function differenceOf(state: State, expected: State): string[] {
	const differences = state.content && expected.content ? differencesOf(state.content, expected.content) : [];
	for (const key of ['indexes', 'collections', 'versions', 'searches'] as const) {
		const [is, should] = [JSON.stringify(state[key]), JSON.stringify(expected[key])];
		if (is !== should) differences.push(`${key}: ${is} and not ${should}`);
	}
	return differences;
}

/** What a search by meaning finds, with its scores. */
async function hitsOf(steady: index.VectorIndex): Promise<string> {
	const vector = await embedder.embedQuery('Valve 2 part 1 closes');
	const hits = await steady.search({ mode: 'hybrid', text: 'Valve 2 closes', vector, limit: 5 });
	return hits.map(({ id, score }) => `${id} ${score.toFixed(4)}`).join('\n');
}

/** Waits until every copy that is there is up to date. */
async function settled(address: index.IndexAddress): Promise<void> {
	if (!(await index.listIndexes(address)).includes(address.name)) return;
	const opened = await index.openIndex(address);
	for (const end = Date.now() + SETTLE_MS; ; await sleep(500)) {
		const { placement, manifestPlacement } = await opened.info();
		const behind = [placement, manifestPlacement].flatMap(
			(each) => each?.copies.filter(({ state }) => state !== 'Active') ?? [],
		);
		if (behind.length === 0) return;
		if (Date.now() > end) throw new Error(`Copies are still behind: ${JSON.stringify(behind)}`);
	}
}
