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

/**
 * What an outer `npm run` puts into the environment that must not reach an npm started here: its own project, and how it
 * was called (`npm run -s` would hide every error of the inner one).
 */
const ofTheOuterNpm =
	/^npm_(package|lifecycle|command|config_(local_)?prefix|config_(loglevel|json|parseable|dry_run|global|location|workspaces?|include_workspace_root|package_lock|package_lock_only)$)/i;

/** The environment for an npm of its own. */
function npmEnvironment() {
	const kept = Object.entries(process.env).filter(([key]) => !ofTheOuterNpm.test(key));
	return { ...Object.fromEntries(kept), npm_config_loglevel: 'notice' };
}

module.exports = { npmCli, npmEnvironment };
