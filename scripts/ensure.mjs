// Makes a clone ready: the project's packages, Node 24, the host n8n, and an up-to-date dist/. Does only what is missing.
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { buildWhenOld } from './lib/build.mjs';
import { inRoot, readJson, root } from './lib/paths.mjs';
import { linkNode24, node24 } from './lib/node24.mjs';
import { installedShare, isInstalled, npm } from './lib/npm.mjs';
import { Problem, requireNode, runMain } from './lib/problem.mjs';

/** npm ci for a fresh clone; npm install where packages are there already, which touches only what changed. */
async function install(folder, name, node, what) {
	if (isInstalled(folder)) return false;
	console.error(`${what} …`);
	const started = Date.now();
	await npm([existsSync(`${folder}/node_modules`) ? 'install' : 'ci'], {
		cwd: folder,
		name,
		node,
		onTick: () => {
			const seconds = Math.round((Date.now() - started) / 1000);
			console.error(`  ${seconds} s: ${installedShare(folder)} % of the packages unpacked`);
		},
	});
	return true;
}

/** sqlite3 is n8n's one native module without a ready-made binary in its package: downloaded or compiled here. */
async function buildSqlite(node, headers) {
	const host = inRoot('host');
	const works = () => spawnSync(node, ['-e', "require('sqlite3')"], { cwd: host }).status === 0;
	if (works()) return;
	console.error('n8n’s database module is made ready (a minute where it has to be compiled) …');
	let reason = '';
	try {
		await npm(['rebuild', 'sqlite3', '--ignore-scripts=false', '--foreground-scripts'], {
			cwd: host,
			name: 'sqlite3',
			node,
			env: headers ? { npm_config_nodedir: headers } : {},
		});
	} catch (error) {
		reason = error.message;
	}
	if (works()) return;
	const log = existsSync(inRoot('.cache/logs/sqlite3.log'))
		? readFileSync(inRoot('.cache/logs/sqlite3.log'), 'utf8')
		: '';
	if (
		/not found: make|make: not found|(?:g\+\+|c\+\+|clang|cc): .*(?:not found|No such file)|cc1plus|find Python|Could not find any Python|find Visual Studio|xcode-select/i.test(
			log,
		)
	) {
		const how = {
			linux:
				'Debian/Ubuntu: sudo apt install build-essential python3; Fedora: sudo dnf install gcc-c++ make python3',
			darwin: 'xcode-select --install',
			win32: 'Visual Studio Build Tools with “Desktop development with C++”, and Python 3',
		}[process.platform];
		throw new Problem(
			`n8n’s database module (sqlite3) has no ready-made binary here and cannot be compiled: a C++ compiler or Python is missing. Install them (${how ?? 'a C++ compiler, make and Python 3'}) and run it again.`,
		);
	}
	throw new Problem(
		`n8n’s database module (sqlite3) could not be made ready. ${reason || 'See .cache/logs/sqlite3.log.'}`,
	);
}

/** Resolves to the Node that n8n and the tools run on. */
export async function ensure({ host = true, dist = true } = {}) {
	requireNode();
	await install(
		root,
		'project',
		process.execPath,
		'Installing the project’s packages (a minute, 1 GB, once)',
	);
	const { node, headers } = await node24();
	linkNode24(node);
	if (host) {
		const { n8n } = readJson(inRoot('host/package.json')).dependencies;
		await install(
			inRoot('host'),
			'host',
			node,
			`Installing n8n ${n8n} into host/ (some 3 minutes, 2 GB, once)`,
		);
		await buildSqlite(node, headers);
	}
	if (dist) buildWhenOld(node);
	return { node };
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) {
	await runMain(async () => {
		await ensure();
		console.log('Ready: npm start, npm test, npm run bench.');
	});
}
