// Builds dist/: TypeScript, then everything n8n or the product reads beside it (icons, codex files, models, licences).
const { spawn } = require('node:child_process');
const { rm } = require('node:fs/promises');
const path = require('node:path');
const { src, dest, series, parallel, watch } = require('gulp');

const run = (script, args) =>
	new Promise((resolve, reject) => {
		spawn(process.execPath, [path.join(__dirname, script), ...args], { stdio: 'inherit' }).once('exit', (code) =>
			code === 0 ? resolve() : reject(new Error(`${script} ended with ${code}`)),
		);
	});

const clean = () => Promise.all(['dist', '.cache/tsconfig.build.tsbuildinfo'].map((p) => rm(p, { recursive: true, force: true })));
const compile = () => run('node_modules/typescript/bin/tsc', ['-p', 'tsconfig.build.json']);
// encoding: false keeps binary files as they are (gulp 5 would read them as UTF-8)
const assets = () =>
	src(['nodes/**/*.{svg,png,json}', 'credentials/**/*.svg', 'lib/**/*.json'], { base: '.', encoding: false }).pipe(dest('dist'));
const models = () => src(['models/*/*', '!models/*/fixtures.json'], { base: '.', encoding: false }).pipe(dest('dist'));

exports.clean = clean;
exports.build = series(clean, parallel(compile, assets, models));
exports.quick = parallel(compile, assets);
exports.watch = () => watch(['lib/**', 'nodes/**', 'credentials/**'], { ignoreInitial: false }, exports.quick);
exports.default = exports.build;
