/**
 * What opening a space costs, beside a node that has no space at all: scrypt runs at the first opening of a process, every later
 * one reads the small file of the space and compares a MAC.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { median, quantile } from './lib/measure.mjs';
import { moduleOf } from './lib/modules.mjs';

const LIMIT_MS = 1;

export async function run({ quick, emit }) {
	const { openSpace, proposeKey } = moduleOf('spaces');
	const data = await mkdtemp(join(tmpdir(), 'bench-spaces-'));
	try {
		const keys = Array.from({ length: 3 }, (_, each) => ({ name: `space-${each}`, key: proposeKey() }));
		const first = [];
		for (const key of keys) first.push(await msOf(() => openSpace(data, key)));
		const later = [];
		for (let round = 0; round < (quick ? 500 : 5_000); round++)
			later.push(await msOf(() => openSpace(data, keys[round % keys.length])));
		const p50 = median(later);
		emit({
			bench: 'spaces',
			case: `opening after the first time, p50 of ${later.length} (p99 ${quantile(later, 0.99).toFixed(2)} ms; the first time, which makes the space, ${median(first).toFixed(0)} ms)`,
			unit: 'ms',
			ours: p50,
			peer: LIMIT_MS,
			peerName: 'limit',
			ratio: LIMIT_MS / p50,
			goal: 1,
		});
	} finally {
		await rm(data, { recursive: true, force: true });
	}
}

async function msOf(work) {
	const before = performance.now();
	await work();
	return performance.now() - before;
}
