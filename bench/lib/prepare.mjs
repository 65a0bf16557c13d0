// What benches and evaluations need before they start: the project, the peers they compare with, and a Node ≥ 24.
import { spawnSync } from 'node:child_process';
import { ensure } from '../../scripts/ensure.mjs';
import { isInstalled, npm } from '../../scripts/lib/npm.mjs';
import { inRoot } from '../../scripts/lib/paths.mjs';

/**
 * Runs `main` on a Node that n8n and `node:sqlite` can use. Where this process runs on an older one, the whole command is
 * started again on the Node that npm brought.
 *
 * @param {{ host?: boolean, peers?: boolean }} needs host: the n8n of host/; peers: the packages of bench/package.json
 * @param {() => Promise<void>} main
 */
export async function prepared({ host = false, peers = true }, main) {
	const { node } = await ensure({ host });
	if (peers) await installPeers();
	if (Number(process.versions.node.split('.')[0]) >= 24) return await main();
	const { status } = spawnSync(node, process.argv.slice(1), { stdio: 'inherit' });
	process.exitCode = status ?? 1;
}

/** Installs the packages of bench/package.json where they are not there yet. @param {string} folder */
export async function installPeers(folder = inRoot('bench')) {
	if (isInstalled(folder)) return;
	console.error('Installing the packages to compare with (once) …');
	await npm(['ci', '--ignore-scripts'], { cwd: folder, name: 'bench' });
}
