import { spawn, spawnSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, rmSync, symlinkSync } from 'node:fs';
import path from 'node:path';
import { inRoot } from './paths.mjs';
import { isInstalled, npm } from './npm.mjs';
import { Problem } from './problem.mjs';

const folder = inRoot('host', 'node');
const windows = process.platform === 'win32';
const platform = windows ? 'win' : process.platform;
/** The npm package that holds Node for this machine (host/node/package.json lists them). */
const packageFolder = path.join(folder, 'node_modules', `node-${platform}-${process.arch}`);
const ownNode = path.join(packageFolder, 'bin', windows ? 'node.exe' : 'node');
const isNew = Number(process.versions.node.split('.')[0]) >= 24;

/**
 * A Node ≥ 24, which n8n and `node:sqlite` need: the machine's own, or the one that npm brings (190 MB, once).
 * Resolves to its program file, and to the folder with its C headers where native modules have to be built against it.
 */
export async function node24() {
	if (isNew && !process.execPath.startsWith(folder)) return { node: process.execPath, headers: undefined };
	if (!existsSync(ownNode) || !isInstalled(folder)) {
		console.error(
			`Node 24 for n8n (this machine has ${process.version}): npm brings it, some 190 MB, once …`,
		);
		await npm(['ci', '--force'], { cwd: folder, name: 'node' });
	}
	if (!existsSync(ownNode) || spawnSync(ownNode, ['--version']).status !== 0) {
		throw new Problem(
			`n8n needs Node 24, and npm has none that runs on ${process.platform} ${process.arch}: install Node 24 (https://nodejs.org) and run it again.`,
		);
	}
	return { node: ownNode, headers: packageFolder };
}

/**
 * Runs the rest of a command on a Node ≥ 24, which all that loads the built pack needs. Where this process is older, the same
 * command is started again on `node`, and this one only waits for it and passes signals on.
 *
 * @param {string} node what `node24()` found
 * @param {() => Promise<void>} main
 */
export async function onNode24(node, main) {
	if (isNew) return await main();
	const child = spawn(node, process.argv.slice(1), { stdio: 'inherit' });
	for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
	process.exitCode = await new Promise((resolve, reject) => {
		child.once('error', reject);
		child.once('exit', (code) => resolve(code ?? 1));
	});
}

/** Puts that Node into node_modules/.bin: every `npm run …` of this project then runs on it. */
export function linkNode24(node) {
	const link = inRoot('node_modules', '.bin', windows ? 'node.exe' : 'node');
	if (node !== ownNode || existsSync(link)) return;
	mkdirSync(path.dirname(link), { recursive: true });
	rmSync(link, { force: true });
	if (windows) copyFileSync(node, link);
	else symlinkSync(path.relative(path.dirname(link), node), link);
}
