// Every operation that writes, against LanceDB on a disk whose n-th write fails, hangs, or is done and loses its answer.
import type * as LanceDb from '@lancedb/lancedb';
import { existsSync } from 'node:fs';
import { cp, mkdtemp, readdir, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import type * as Ingest from '../../../lib/ingest';
import type * as Index from '../../../lib/vectorIndex';
import { retryConflicts } from '../../../lib/vectorIndex/embedded/lance';
import { Cutter } from './faults';
import { cutLance } from './lanceStore';
import { runKilled } from './kill';
import type { Operation, Process } from './operations';
import { survivesCuts, type Place } from './suite';

jest.setTimeout(600_000);

const cutter = new Cutter();
let root = '';
let rounds = 0;
const bases = new Map<Operation, string>();

jest.mock('@lancedb/lancedb', () => cutLance(jest.requireActual<typeof LanceDb>('@lancedb/lancedb'), cutter));

beforeAll(async () => {
	root = await mkdtemp(path.join(os.tmpdir(), 'cuts-'));
});
afterAll(async () => {
	await rm(root, { recursive: true, force: true, maxRetries: 10, retryDelay: 200 });
});

function load(directory: string): Process {
	return {
		index: jest.requireActual<typeof Index>('../../../lib/vectorIndex'),
		ingest: jest.requireActual<typeof Ingest>('../../../lib/ingest'),
		address: { backend: 'embedded', directory, name: 'cut' },
	};
}

/** A copy of a folder, if it is there. Files may go while it is copied, for the index tidies itself: then it is copied again. */
async function copied(from: string, to: string): Promise<void> {
	while (existsSync(from)) {
		try {
			await cp(from, to, { recursive: true });
			return;
		} catch (thrown) {
			if (!String(thrown).includes('ENOENT')) throw thrown;
			await rm(to, { recursive: true, force: true });
		}
	}
}

async function prepared(operation: Operation): Promise<Place> {
	let base = bases.get(operation);
	if (base === undefined) {
		base = path.join(root, `base-${bases.size}`);
		bases.set(operation, base);
		cutter.set();
		await operation.prepare(load(base));
	}
	const directory = path.join(root, `round-${++rounds}`);
	await copied(base, directory);
	return {
		async killed({ name }, at, after) {
			const { address } = load(directory);
			return await runKilled({ address, operation: name, at, after }, root);
		},
		process(anew) {
			if (anew) jest.resetModules();
			return load(directory);
		},
		async tidy() {
			const connection = await jest.requireActual<typeof LanceDb>('@lancedb/lancedb').connect(directory);
			for (const name of await connection.tableNames()) {
				// The index may be tidying it by itself at this moment.
				await retryConflicts('tidying', async () => await (await connection.openTable(name)).optimize());
			}
		},
		async parts() {
			const counts: Record<string, number> = {};
			for (const name of (await readdir(directory)).sort()) {
				const kind = name.replace(/-.*/, '');
				counts[kind] = (counts[kind] ?? 0) + 1;
			}
			return counts;
		},
	};
}

survivesCuts('the embedded index', () => ({ cutter, prepared }));
