/**
 * What loading the pack adds to n8n's start: every node and credential is required and constructed, as n8n's loader does, in a
 * process that has n8n's own copy of n8n-workflow loaded already. Modules that are loaded at first use must not show here.
 */
import { spawnSync } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { installPack, packTarball } from '../host/pack.cjs';
import { median } from './lib/measure.mjs';

const root = fileURLToPath(new URL('../', import.meta.url));
const LIMIT_MS = 100;
const LIMIT_MB = 20;

const child = `
const path = require('node:path');
require('n8n-workflow');
const pack = process.argv[1];
const { n8n } = require(path.join(pack, 'package.json'));
global.gc();
const memory = process.memoryUsage.rss();
const cpu = process.cpuUsage();
for (const file of [...n8n.nodes, ...n8n.credentials]) {
	const [type] = Object.values(require(path.join(pack, file)));
	new type();
}
const { user, system } = process.cpuUsage(cpu);
global.gc();
console.log(JSON.stringify({ ms: (user + system) / 1000, mb: (process.memoryUsage.rss() - memory) / 2 ** 20 }));
`;

export async function run({ quick, emit }) {
	const home = await mkdtemp(path.join(tmpdir(), 'bench-load-'));
	try {
		await installPack(home, (await packTarball(path.join(root, '.cache', 'pack-bench'))).tarball);
		const pack = path.join(home, '.n8n', 'nodes', 'node_modules', 'n8n-nodes-local-engine');
		const runs = Array.from({ length: quick ? 5 : 15 }, () => {
			const { stdout, stderr, status } = spawnSync(process.execPath, ['--expose-gc', '-e', child, pack], {
				encoding: 'utf8',
				// Not in this repo, whose own copy of n8n-workflow would be loaded instead of the host's, and the host's be counted.
				cwd: home,
				env: { ...process.env, NODE_PATH: path.join(root, 'host', 'node_modules') },
			});
			if (status !== 0) throw new Error(`loading the pack failed: ${stderr}`);
			return JSON.parse(stdout);
		});
		const report = (name, unit, ours, limit) =>
			emit({
				bench: 'load',
				case: name,
				unit,
				ours,
				peer: limit,
				peerName: 'limit',
				ratio: limit / ours,
				goal: 1,
			});
		report('time (processor)', 'ms', median(runs.map(({ ms }) => ms)), LIMIT_MS);
		report('memory', 'MB', median(runs.map(({ mb }) => mb)), LIMIT_MB);
	} finally {
		await rm(home, { recursive: true, force: true, maxRetries: 5 });
	}
}
