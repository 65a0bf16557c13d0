// What benches and evaluations need before they start: the project, the peers they compare with, and a Node ≥ 24.
import { ensure } from '../../scripts/ensure.mjs';
import { onNode24 } from '../../scripts/lib/node24.mjs';
import { isInstalled, npm } from '../../scripts/lib/npm.mjs';
import { inRoot } from '../../scripts/lib/paths.mjs';
import { Problem } from '../../scripts/lib/problem.mjs';

/**
 * Runs `main` on a Node that n8n and `node:sqlite` can use. Where this process runs on an older one, the whole command is
 * started again on the Node that npm brought.
 *
 * @param {{ host?: boolean, peers?: 'required' | 'wanted' }} needs host: the n8n of host/; peers: whether what is compared with
 * must be there, or only its lines are missing where it cannot be installed
 * @param {() => Promise<void>} main
 */
export async function prepared({ host = false, peers = 'required' }, main) {
	const { node } = await ensure({ host });
	await (peers === 'required' ? installPeers() : tryPeers());
	await onNode24(node, main);
}

/** Installs the packages of bench/package.json where they are not there yet. @param {string} folder */
export async function installPeers(folder = inRoot('bench')) {
	if (isInstalled(folder)) return;
	console.error('Installing the packages to compare with (once) …');
	await npm(['ci', '--ignore-scripts'], { cwd: folder, name: 'bench' });
}

/** The same where their absence is no failure: says why and goes on. @param {string} folder */
export async function tryPeers(folder = inRoot('bench')) {
	try {
		await installPeers(folder);
	} catch (error) {
		if (!(error instanceof Problem)) throw error;
		console.error(`Going on without the packages to compare with. ${error.message}`);
	}
}
