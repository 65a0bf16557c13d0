import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { npmCli, npmEnvironment } from '../../host/npm.cjs';
import { inRoot, readJson } from './paths.mjs';
import { Problem } from './problem.mjs';

/** Without a network npm would try for minutes before it says so. */
const PATIENCE = { npm_config_fetch_retry_mintimeout: '2000', npm_config_fetch_retry_maxtimeout: '8000' };

/**
 * Runs npm in `cwd`; resolves when it ends well. Its output goes to .cache/logs/<name>.log, whose end is shown on failure.
 * `node` is the Node that runs it (native modules are built for that one).
 */
export async function npm(args, { cwd, name, node = process.execPath, env = {}, onTick }) {
	const log = inRoot('.cache', 'logs', `${name}.log`);
	mkdirSync(path.dirname(log), { recursive: true });
	const tick = onTick && setInterval(onTick, 10_000);
	const cli = npmCli();
	if (!cli)
		throw new Problem(
			'npm was not found beside Node: install Node with npm, or start this with `npm start`.',
		);
	const output = [];
	const code = await new Promise((resolve, reject) => {
		const child = spawn(node, [cli, ...args], {
			cwd,
			env: { ...npmEnvironment(), ...PATIENCE, ...env },
			stdio: ['ignore', 'pipe', 'pipe'],
		});
		child.stdout.on('data', (data) => output.push(data));
		child.stderr.on('data', (data) => output.push(data));
		child.once('error', reject);
		child.once('close', resolve);
	}).finally(() => clearInterval(tick));
	const text = Buffer.concat(output).toString();
	writeFileSync(log, text);
	if (code === 0) return text;
	throw new Problem(`${whyNpmFailed(text, code)} The whole log is in ${path.relative(inRoot(), log)}.`);
}

function whyNpmFailed(text, code) {
	if (/EAI_AGAIN|ENOTFOUND|ECONNREFUSED|ETIMEDOUT|ENETUNREACH|ECONNRESET|ERR_SOCKET_TIMEOUT/.test(text)) {
		return 'npm could not reach its registry: check the network (or `npm config get registry` and the proxy settings) and run it again.';
	}
	if (/ENOSPC/.test(text)) return 'The disk is full: 5 GB are needed.';
	if (/EACCES|EPERM/.test(text)) return 'npm may not write here: check who owns this folder.';
	const lines = text.split('\n').filter((line) => /npm error/.test(line) && !/A complete log/.test(line));
	const said = lines.slice(0, 6).join(' ').replaceAll('npm error ', '') || text.slice(-400).trim();
	return said ? `npm failed: ${said}` : `npm ended with ${code} and said nothing.`;
}

/** Whether `folder/node_modules` holds what the lockfile asks for (npm keeps its own account of what it installed). */
export function isInstalled(folder) {
	const account = path.join(folder, 'node_modules', '.package-lock.json');
	if (!existsSync(account)) return false;
	const installed = readJson(account).packages;
	for (const [where, wanted] of Object.entries(readJson(path.join(folder, 'package-lock.json')).packages)) {
		if (!where) continue;
		const is = installed[where];
		if (is ? is.version !== wanted.version : !wanted.optional && !wanted.devOptional && !wanted.peer)
			return false;
	}
	return true;
}

/** How much of what the lockfile asks for is unpacked, in percent. */
export function installedShare(folder) {
	const { packages } = readJson(path.join(folder, 'package-lock.json'));
	const wanted = Object.keys(packages).filter((where) => where && !packages[where].optional);
	const there = wanted.filter((where) => existsSync(path.join(folder, where, 'package.json')));
	return Math.round((100 * there.length) / wanted.length);
}
