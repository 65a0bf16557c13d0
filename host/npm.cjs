const { existsSync } = require('node:fs');
const path = require('node:path');

/**
 * npm's own program file, so that it can be run by a chosen Node and without a shell (npm.cmd needs one on Windows).
 * @returns {string | undefined}
 */
function npmCli() {
	const nodes = [path.dirname(process.execPath), ...(process.env.PATH ?? '').split(path.delimiter)];
	const below = ['node_modules', '../lib/node_modules', '../share/nodejs'];
	const candidates = nodes.flatMap((folder) =>
		below.map((part) => path.join(folder, part, 'npm', 'bin', 'npm-cli.js')),
	);
	return [process.env.npm_execpath ?? '', ...candidates].find(
		(file) => file.endsWith('npm-cli.js') && existsSync(file),
	);
}

/** The environment without what an outer `npm start` put there about its own project. */
function npmEnvironment() {
	return Object.fromEntries(
		Object.entries(process.env).filter(
			([key]) => !/^npm_(package|lifecycle|command|config_(local_)?prefix)/.test(key),
		),
	);
}

module.exports = { npmCli, npmEnvironment };
