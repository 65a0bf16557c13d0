// Starts a real Qdrant for tests: one node or a cluster, on 127.0.0.1 only. QDRANT_BIN is the path of the program (1.18.3 was
// tried on x86-64 Linux). One node is ready after 0.1 s and takes 40 MB; three take about 4 s and 50 MB each.
import { spawn, type ChildProcess } from 'node:child_process';
import { createWriteStream, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePort } from '../../../host/ports.cjs';

export interface QdrantNode {
	readonly url: string;
	/** Address that the nodes of a cluster use among themselves. */
	readonly uri: string;
	readonly folder: string;
	/** File with what it wrote. */
	readonly log: string;
	pid(): number | undefined;
	/** Resolves when the process has ended; for SIGSTOP and SIGCONT when it stands still or goes on. */
	kill(signal?: NodeJS.Signals): Promise<void>;
	/**
	 * Starts it again on its ports and resolves when it is ready. `wipe` removes its data first; a wiped node joins a
	 * cluster again only while no shard is placed on its old self (remove that peer first).
	 */
	restart(options?: { readonly wipe?: boolean }): Promise<void>;
}

export interface RealQdrant {
	/** Address of the first node. */
	readonly url: string;
	readonly nodes: readonly QdrantNode[];
	/** Ends all nodes and removes their data. */
	stop(): Promise<void>;
}

export interface QdrantOptions {
	/** Default 1; more make a cluster. */
	readonly nodes?: number;
	/** Settings as environment variables, for example `{ QDRANT__SERVICE__API_KEY: 'key' }`. */
	readonly env?: Record<string, string>;
	/** How long a node may take until it is ready. Default 60,000 ms. */
	readonly readyMs?: number;
}

/** @throws Error when QDRANT_BIN is not set or a node does not become ready. Call `stop()` in the end. */
export async function startQdrant(options: QdrantOptions = {}): Promise<RealQdrant> {
	const { nodes: count = 1, env = {}, readyMs = 60_000 } = options;
	const program = process.env.QDRANT_BIN;
	if (!program) throw new Error('Set QDRANT_BIN to the path of a Qdrant program.');
	const base = mkdtempSync(path.join(os.tmpdir(), 'qdrant-'));
	const nodes: QdrantNode[] = [];
	const stop = async (): Promise<void> => {
		process.removeListener('exit', killAll);
		await Promise.all(nodes.map((node) => node.kill()));
		rmSync(base, { recursive: true, force: true });
	};
	// A test process that ends without stop() leaves no server behind.
	const killAll = (): void => nodes.forEach((node) => void node.kill());
	process.once('exit', killAll);
	try {
		for (let n = 0; n < count; n++) {
			const folder = path.join(base, `node-${n}`);
			const node = await makeNode({ program, folder, cluster: count > 1, env, readyMs, nodes });
			nodes.push(node);
			await node.restart();
		}
	} catch (error) {
		await stop();
		throw error;
	}
	return { url: nodes[0]?.url ?? '', nodes, stop };
}

interface NodeSetup {
	readonly program: string;
	readonly folder: string;
	readonly cluster: boolean;
	readonly env: Record<string, string>;
	readonly readyMs: number;
	/** All nodes of the cluster so far. */
	readonly nodes: readonly QdrantNode[];
}

async function makeNode({ program, folder, cluster, env, readyMs, nodes }: NodeSetup): Promise<QdrantNode> {
	const [http, grpc, p2p] = [await freePort(), await freePort(), await freePort()];
	mkdirSync(folder, { recursive: true });
	const url = `http://127.0.0.1:${http}`;
	const uri = `http://127.0.0.1:${p2p}`;
	const log = path.join(folder, 'log');
	let child: ChildProcess | undefined;
	const node: QdrantNode = {
		...{ url, uri, folder, log },
		pid: () => (isRunning(child) ? child?.pid : undefined),
		restart: async ({ wipe = false } = {}) => {
			if (wipe)
				for (const part of ['storage', 'snapshots'])
					rmSync(path.join(folder, part), { recursive: true, force: true });
			// The first node needs no other; a wiped one joins through any other that runs.
			const other = nodes.find((one) => one !== node && one.pid() !== undefined);
			const joining = cluster ? ['--uri', uri, ...(other ? ['--bootstrap', other.uri] : [])] : [];
			child = spawn(program, joining, {
				cwd: folder,
				env: {
					...process.env,
					QDRANT__SERVICE__HOST: '127.0.0.1',
					QDRANT__SERVICE__HTTP_PORT: String(http),
					QDRANT__SERVICE__GRPC_PORT: String(grpc),
					QDRANT__CLUSTER__ENABLED: String(cluster),
					QDRANT__CLUSTER__P2P__PORT: String(p2p),
					QDRANT__TELEMETRY_DISABLED: 'true',
					...env,
				},
				stdio: ['ignore', 'pipe', 'pipe'],
			});
			const output = createWriteStream(log, { flags: 'a' });
			for (const stream of [child.stdout, child.stderr]) stream?.pipe(output, { end: false });
			await untilReady(url, child, readyMs, log);
		},
		kill: async (signal = 'SIGKILL') => {
			const running = child;
			if (!running || !isRunning(running)) return;
			const pauses = signal === 'SIGSTOP' || signal === 'SIGCONT';
			const ended = pauses ? undefined : new Promise((resolve) => running.once('exit', resolve));
			running.kill(signal);
			if (pauses) await untilPaused(running.pid ?? 0, signal === 'SIGSTOP');
			else await ended;
		},
	};
	return node;
}

const isRunning = (child: ChildProcess | undefined): boolean =>
	child !== undefined && child.exitCode === null && child.signalCode === null;

async function untilReady(url: string, child: ChildProcess, limitMs: number, log: string): Promise<void> {
	const end = Date.now() + limitMs;
	while (Date.now() < end) {
		if (!isRunning(child))
			throw new Error(
				`Qdrant ended with ${child.exitCode ?? child.signalCode}: ${readFileSync(log, 'utf8').slice(-500)}`,
			);
		const answer = await fetch(`${url}/readyz`).catch(() => undefined); // not listening yet
		if (answer?.ok) return;
		await sleep(50);
	}
	throw new Error(`Qdrant at ${url} is not ready after ${limitMs / 1000} s.`);
}

/** Resolves when the kernel has really stopped or continued the process (Linux). */
async function untilPaused(pid: number, paused: boolean): Promise<void> {
	for (let turn = 0; turn < 200; turn++) {
		const state = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)?.[0];
		if ((state === 'T') === paused) return;
		await sleep(5);
	}
	throw new Error(`The process ${pid} did not ${paused ? 'stop' : 'go on'}.`);
}
