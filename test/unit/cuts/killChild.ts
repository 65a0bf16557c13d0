// Carries out one of the operations and is killed at its n-th write: see suite.ts. At a Qdrant server the one who stands before it kills.
import type * as LanceDb from '@lancedb/lancedb';
import { readFileSync } from 'node:fs';
import Module from 'node:module';
import { cutLance } from './lanceStore';
import { OPERATIONS, snapshots, type Process } from './operations';

export interface Killed {
	readonly address: Process['address'];
	readonly operation: string;
	/** Files with snapshots that were taken before, by version. */
	readonly snapshots: ReadonlyArray<readonly [version: 1 | 2, file: string]>;
	/** The write at which it ends, from 1; for the embedded index. */
	readonly at?: number;
	/** Ends when the write is done; otherwise before it. */
	readonly after: boolean;
}

const { address, operation: name, snapshots: files, at, after } = JSON.parse(process.argv[2] ?? '') as Killed;
const never = new Promise<never>(() => undefined);
let writes = 0;

async function around<T>(write: () => Promise<T>): Promise<T> {
	if (++writes !== at) return await write();
	if (after) await write();
	process.kill(process.pid, 'SIGKILL');
	return await never;
}

if (at !== undefined) {
	const loader = Module as unknown as { _load: (request: string, ...rest: unknown[]) => unknown };
	const load = loader._load;
	let lance: object | undefined;
	loader._load = (request, ...rest) =>
		request === '@lancedb/lancedb'
			? (lance ??= cutLance(load(request, ...rest) as typeof LanceDb, { around }))
			: load(request, ...rest);
}

async function main(): Promise<void> {
	for (const [version, file] of files) snapshots.set(version, readFileSync(file));
	const operation = OPERATIONS.find((each) => each.name === name);
	if (!operation) throw new Error(`There is no operation "${name}"`);
	const [index, ingest] = await Promise.all([
		import('../../../lib/vectorIndex/index.js'),
		import('../../../lib/ingest/index.js'),
	]);
	process.stdout.write('begins\n');
	await operation.run({ index, ingest, address });
}

void main();
