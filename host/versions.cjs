// Other versions of n8n than the one of host/, for `npm test -- hosts`: each in a folder of its own below .cache/hosts (1.4 GB each),
// with the Node that people run it on.
const { execFile } = require('node:child_process');
const fs = require('node:fs/promises');
const { existsSync } = require('node:fs');
const path = require('node:path');
const { promisify } = require('node:util');
const { npmCli, npmEnvironment } = require('./npm.cjs');

const run = promisify(execFile);
const cache = path.join(__dirname, '..', '.cache', 'hosts');
const ownModules = path.join(__dirname, 'node_modules');

/** LangChain's newest packages, which npm would take, do not go with the older core that these releases of n8n name. */
const CHECKPOINT = { '@langchain/langgraph-checkpoint': '1.0.0' };
const LANG_GRAPH = { ...CHECKPOINT, langchain: { '@langchain/langgraph': '1.2.0' } };

/** Peers of n8n's error reporting; npm would put an older one, which another package wants, where all find it. */
const TELEMETRY = { '@opentelemetry/core': '2.7.1', '@opentelemetry/sdk-trace-base': '2.7.1' };

/** The last n8n 1, the first 2, one of each ten minors since; today's is the one of host/. Each with its major version of Node. */
const OLDER_HOSTS = [
	{ n8n: '1.123.81', node: 22, overrides: CHECKPOINT },
	{ n8n: '2.0.3', node: 22, overrides: CHECKPOINT },
	{ n8n: '2.15.1', node: 24, overrides: LANG_GRAPH, beside: TELEMETRY },
	{ n8n: '2.23.4', node: 24, overrides: LANG_GRAPH, beside: TELEMETRY },
	{ n8n: '2.35.7', node: 24 },
];
const nodeReleases = new Map([[22, '22.23.5']]);

/**
 * What npm must be told so that older releases install: a spreadsheet reader that is on no registry, a release of linkedom that
 * their other packages do not go with, and a native module with binaries for every platform.
 */
const overrides = { xlsx: '0.18.5', linkedom: '0.18.12', 'msgpackr-extract': '3.0.4' };

/** Runs npm in a folder with what it needs to be quiet. @param {string[]} args @param {string} cwd @param {Record<string, string>} [env] */
async function npm(args, cwd, env = {}) {
	const cli = npmCli();
	if (!cli) throw new Error('npm was not found beside Node: install Node with npm.');
	const flags = [
		'--audit=false',
		'--fund=false',
		'--legacy-peer-deps',
		'--package-lock=false',
		'--loglevel=error',
	];
	await run(process.execPath, [cli, ...args, ...flags], {
		cwd,
		env: { ...npmEnvironment(), ...env },
		maxBuffer: 1 << 26,
	});
}

/** Makes a folder once: what `fill` did is kept when it ended well. @param {string} name @param {(folder: string) => Promise<void>} fill */
async function once(name, fill) {
	const folder = path.join(cache, name);
	const complete = path.join(folder, 'complete');
	if (existsSync(complete)) return folder;
	await fs.rm(folder, { recursive: true, force: true });
	await fs.mkdir(folder, { recursive: true });
	await fill(folder);
	await fs.writeFile(complete, '');
	return folder;
}

/** The program file of a Node of that major version, and the folder of its headers. @param {number} major */
async function nodeOf(major) {
	const release = nodeReleases.get(major);
	if (!release) return { node: process.execPath, headers: undefined };
	const name = `node-${process.platform === 'win32' ? 'win' : process.platform}-${process.arch}`;
	const folder = await once(`node-${release}`, async (into) => {
		await fs.writeFile(path.join(into, 'package.json'), '{ "private": true }');
		await npm(['install', `${name}@${release}`, '--force', '--ignore-scripts'], into);
	});
	const headers = path.join(folder, 'node_modules', name);
	return { node: path.join(headers, 'bin', process.platform === 'win32' ? 'node.exe' : 'node'), headers };
}

/**
 * Installs n8n of a version (some 5 minutes, once). @param {{ n8n: string, node: number, overrides?: object, beside?: object }} host
 * @returns {Promise<{ modules: string, node: string }>} its node_modules, and the Node to run it with
 */
async function installHost({ n8n, node: major, overrides: own = {}, beside = {} }) {
	const { node, headers } = await nodeOf(major);
	const folder = await once(`n8n-${n8n}`, async (into) => {
		const manifest = {
			private: true,
			dependencies: { n8n, ...beside },
			overrides: { ...overrides, ...own },
		};
		await fs.writeFile(path.join(into, 'package.json'), JSON.stringify(manifest));
		await npm(['install', '--ignore-scripts'], into);
		await sqlite(into, node, headers);
	});
	return { modules: path.join(folder, 'node_modules'), node };
}

/** n8n's database module: host/ has it compiled, for every Node, where the versions agree; else it is compiled here. */
async function sqlite(
	/** @type {string} */ folder,
	/** @type {string} */ node,
	/** @type {string | undefined} */ headers,
) {
	const theirs = path.join(folder, 'node_modules', 'sqlite3');
	const ours = path.join(ownModules, 'sqlite3');
	const version = async (/** @type {string} */ where) =>
		JSON.parse(await fs.readFile(path.join(where, 'package.json'), 'utf8')).version;
	if ((await version(theirs)) === (await version(ours)) && existsSync(path.join(ours, 'build')))
		await fs.cp(path.join(ours, 'build', 'Release'), path.join(theirs, 'build', 'Release'), {
			recursive: true,
		});
	else
		await npm(
			['rebuild', 'sqlite3', '--ignore-scripts=false'],
			folder,
			headers ? { npm_config_nodedir: headers } : {},
		);
	await run(node, ['-e', "require('sqlite3')"], { cwd: folder });
}

/**
 * A release of n8n-workflow by itself; of a minor version the newest that installs (some ask for packages that no registry has).
 * @param {readonly string[]} releases newest first
 * @returns {Promise<string | undefined>} its folder
 */
async function installWorkflow(releases) {
	for (const release of releases) {
		const folder = await once(`workflow-${release}`, async (into) => {
			const manifest = { private: true, dependencies: { 'n8n-workflow': release } };
			await fs.writeFile(path.join(into, 'package.json'), JSON.stringify(manifest));
			await npm(['install', '--ignore-scripts'], into);
		}).catch((error) => {
			if (!/ETARGET|E404/.test(String(error.stderr))) throw error;
			console.warn(`n8n-workflow ${release} cannot be installed: ${String(error.stderr).split('\n')[1]}`);
			return undefined;
		});
		if (folder) return path.join(folder, 'node_modules', 'n8n-workflow');
	}
	return undefined;
}

module.exports = { OLDER_HOSTS, installHost, installWorkflow };
