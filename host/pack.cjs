// Puts this package into an n8n home the way n8n's own installer does (community-packages.service.js: unpack the
// tarball into <home>/.n8n/nodes/node_modules/<package>, drop dev, peer and optional dependencies, npm install).
const { execFile } = require('node:child_process');
const { createHash } = require('node:crypto');
const fs = require('node:fs/promises');
const { existsSync, readFileSync } = require('node:fs');
const path = require('node:path');
const { promisify } = require('node:util');
const { npmCli, npmEnvironment } = require('./npm.cjs');

const run = promisify(execFile);
const root = path.join(__dirname, '..');
/** The flags n8n gives to npm. */
const INSTALL_FLAGS = [
	'--audit=false',
	'--fund=false',
	'--bin-links=false',
	'--install-strategy=shallow',
	'--ignore-scripts=true',
	'--package-lock=false',
];

/** Runs npm without a shell. @param {string[]} args @param {string} cwd @param {string} [node] @returns {Promise<string>} what it printed */
async function npm(args, cwd, node = process.execPath) {
	const cli = npmCli();
	if (!cli) throw new Error('npm was not found beside Node: install Node with npm.');
	const { stdout } = await run(node, [cli, ...args], { cwd, env: npmEnvironment(), maxBuffer: 1 << 26 });
	return stdout;
}

/** `npm pack` of the built package. @param {string} [folder] @returns {Promise<{ tarball: string, files: string[], bytes: number }>} */
async function packTarball(folder = path.join(root, '.cache', 'pack')) {
	await fs.rm(folder, { recursive: true, force: true });
	await fs.mkdir(folder, { recursive: true });
	const printed = await npm(['pack', '--ignore-scripts', '--json', '--pack-destination', folder], root);
	const [packed] = JSON.parse(printed);
	return {
		tarball: path.join(folder, packed.filename),
		files: packed.files.map((/** @type {{ path: string }} */ file) => file.path),
		bytes: packed.size,
	};
}

/** The run-time dependencies, installed with n8n's flags once for each set of versions. @param {any} manifest */
async function productionModules(manifest) {
	const { name, version, dependencies, overrides } = manifest;
	const lock = readFileSync(path.join(root, 'package-lock.json'), 'utf8');
	const key = createHash('sha256')
		.update(JSON.stringify([dependencies, overrides, process.platform, process.arch]))
		.update(lock)
		.digest('hex');
	const folder = path.join(root, '.cache', 'production', key.slice(0, 16));
	const modules = path.join(folder, 'node_modules');
	if (existsSync(path.join(folder, 'complete'))) return modules;
	await fs.rm(folder, { recursive: true, force: true });
	await fs.mkdir(folder, { recursive: true });
	await fs.writeFile(
		path.join(folder, 'package.json'),
		JSON.stringify({ name, version, dependencies, overrides }),
	);
	await npm(['install', ...INSTALL_FLAGS], folder);
	await fs.writeFile(path.join(folder, 'complete'), '');
	return modules;
}

/** @param {string} home the N8N_USER_FOLDER @param {string} tarball */
async function installPack(home, tarball) {
	const manifest = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8'));
	const folder = path.join(home, '.n8n', 'nodes', 'node_modules', manifest.name);
	await fs.rm(folder, { recursive: true, force: true });
	await fs.mkdir(folder, { recursive: true });
	await run('tar', ['-xzf', tarball, '-C', folder, '--strip-components=1']);
	const kept = { ...manifest };
	for (const dropped of ['devDependencies', 'peerDependencies', 'optionalDependencies']) delete kept[dropped];
	await fs.writeFile(path.join(folder, 'package.json'), JSON.stringify(kept, null, 2));
	// a junction needs no rights on Windows; elsewhere the word is ignored
	await fs.symlink(await productionModules(manifest), path.join(folder, 'node_modules'), 'junction');
	return folder;
}

module.exports = { packTarball, installPack };
