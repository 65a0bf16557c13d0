// The compiled nodes and credentials in one file: n8n loads them all at its start, and most of the time went into opening 170 files.
const { readdir, readFile, rm, writeFile } = require('node:fs/promises');
const path = require('node:path');
const { build } = require('esbuild');

const BUNDLE = 'nodes/bundle.js';

/** From the bundle, the files of lib stay files of their own: what is loaded at first use, and the programs of our processes. */
const libApart = (out) => ({
	name: 'lib apart',
	setup: ({ onResolve }) =>
		onResolve({ filter: /^\./ }, ({ resolveDir, path: wanted }) => {
			const file = path.relative(out, path.resolve(resolveDir, wanted)).replaceAll(path.sep, '/');
			return /^lib(?:\/|$)/.test(file) ? { path: `../${file}`, external: true } : undefined;
		}),
});

/**
 * @param {string} out the build's folder, with `nodes/` and `credentials/` compiled. Afterwards a file that n8n is told of names
 * its class in the bundle, and the other scripts of the two folders are gone. Nothing is minified: stack traces name our functions.
 */
async function bundleNodes(out) {
	const manifest = JSON.parse(await readFile(path.join(__dirname, '../../package.json'), 'utf8'));
	const entries = [...manifest.n8n.nodes, ...manifest.n8n.credentials].map((file) =>
		file.replace(/^dist\//, ''),
	);
	const classOf = (file) => path.basename(file).replace(/\.(?:node|credentials)\.js$/, '');
	const contents = entries.map((file) => `export { ${classOf(file)} } from './${file}';`).join('\n');
	const bundle = path.join(out, BUNDLE);
	await build({
		stdin: { contents, resolveDir: out },
		outfile: bundle,
		bundle: true,
		platform: 'node',
		format: 'cjs',
		packages: 'external',
		keepNames: true,
		logLevel: 'warning',
		plugins: [libApart(out)],
	});
	for (const folder of ['nodes', 'credentials'])
		for (const name of await readdir(path.join(out, folder), { recursive: true })) {
			const file = path.join(out, folder, name);
			if (/\.(?:js|d\.ts)$/.test(name) && file !== bundle) await rm(file);
		}
	for (const entry of entries) {
		const to = path.posix.relative(path.posix.dirname(entry), BUNDLE);
		const code = `"use strict";\nexports.${classOf(entry)} = require("${to.startsWith('.') ? to : `./${to}`}").${classOf(entry)};\n`;
		await writeFile(path.join(out, entry), code);
	}
}

module.exports = { bundleNodes };
