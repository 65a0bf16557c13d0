// Builds dist/: TypeScript, then everything n8n or the product reads beside it (icons, codex files, models, licences).
const { spawn } = require('node:child_process');
const { cp, mkdir, readdir, readFile, rename, rm, writeFile } = require('node:fs/promises');
const path = require('node:path');
const { src, dest, series, parallel, watch } = require('gulp');
const { bundleNodes } = require('./scripts/lib/bundleNodes.cjs');

const run = (script, args) =>
	new Promise((resolve, reject) => {
		spawn(process.execPath, [path.join(__dirname, script), ...args], { stdio: 'inherit' }).once(
			'exit',
			(code) => (code === 0 ? resolve() : reject(new Error(`${script} ended with ${code}`))),
		);
	});

const dist = path.join(__dirname, 'dist');
/** Where this process builds. A whole build gets a folder of its own, so that one that was killed leaves dist/ as it was. */
let out = dist;
const buildInfo = () =>
	path.join(
		__dirname,
		'.cache',
		out === dist ? 'tsconfig.build.tsbuildinfo' : `${path.basename(out)}.tsbuildinfo`,
	);

const isRunning = (pid) => {
	try {
		process.kill(pid, 0);
		return true;
	} catch {
		return false; // no such process
	}
};

/** Begins in an empty folder, and removes those of builds that were killed. */
const begin = async () => {
	const cache = path.join(__dirname, '.cache');
	await mkdir(cache, { recursive: true });
	for (const name of await readdir(cache)) {
		const [, pid] = /^dist-(\d+)(?:\.tsbuildinfo)?$/.exec(name) ?? [];
		if (pid !== undefined && !isRunning(Number(pid)))
			await rm(path.join(cache, name), { recursive: true, force: true });
	}
	out = path.join(cache, `dist-${process.pid}`);
};
/** Puts the whole of it into the place of dist/. */
const publish = async () => {
	const built = out;
	await rm(buildInfo(), { force: true });
	await clean();
	await rename(built, dist);
	out = dist;
};
const clean = () =>
	Promise.all(
		[dist, path.join(__dirname, '.cache', 'tsconfig.build.tsbuildinfo')].map((p) =>
			rm(p, { recursive: true, force: true }),
		),
	);
const tsc = () =>
	run('node_modules/typescript/bin/tsc', [
		...['-p', 'tsconfig.build.json'],
		...['--outDir', out, '--tsBuildInfoFile', buildInfo()],
	]);
const packFiles = (file) => {
	const relative = path.relative(path.dirname(file), path.join(out, 'lib/support/packFiles.js'));
	return `"${relative.startsWith('.') ? '' : './'}${relative.replaceAll(path.sep, '/')}"`;
};

/**
 * n8n loads every node at its start, and a node names a handful of functions of a module: the entry point of a module (its
 * index.js) loads the file behind a name when the name is first used. That halves what loading the pack takes (`bench -- load`).
 */
const lazyEntry = (compiled, file) => {
	const lazy = compiled.replace(
		/^var (\w+) = require\((".\/[^"]+")\);$/gm,
		'let loaded_$1; const $1 = new Proxy({}, { get: (_, name) => (loaded_$1 ??= loadPart(() => require($2)))[name] });',
	);
	// found when the entry point is loaded: later its folder may be away
	return lazy === compiled
		? compiled
		: `"use strict"; const { loadPart } = require(${packFiles(file)}); ${lazy}`;
};

/**
 * What is loaded at first use is loaded only while the files are those of the running code (lib/support/packFiles.ts). Our own files
 * come by `require`: n8n forgets those when it updates the pack, while Node keeps what came by `import()` until it ends.
 */
const lazyImports = (compiled, file) => {
	const loads = [];
	const code = compiled.replace(/\bimport\(('(?!node:)[^']+')\)/g, (_, name) => {
		const load = /^'\.{1,2}\//.test(name) ? `require(${name})` : `import(${name})`;
		if (!loads.includes(load)) loads.push(load);
		return `part_${loads.indexOf(load)}()`;
	});
	if (loads.length === 0) return compiled;
	const parts = loads.map((load, i) => `const part_${i} = lazyPart(() => ${load});`);
	// all in the first line, so that the numbers of the others stay
	return `"use strict"; const { lazyPart } = require(${packFiles(file)}); ${parts.join(' ')} ${code}`;
};

/** How a file begins that was rewritten already: a quick build leaves files alone whose sources did not change. */
const REWRITTEN = /^"use strict"; const \{ (?:lazyPart|loadPart) \} = require/;

const loadAtFirstUse = async () => {
	for (const name of await readdir(out, { recursive: true })) {
		if (!/^(lib|nodes|credentials)[\\/].*\.js$/.test(name)) continue;
		const file = path.join(out, name);
		const compiled = await readFile(file, 'utf8');
		if (REWRITTEN.test(compiled)) continue;
		const isEntry = /^lib[\\/]\w+[\\/]index\.js$/.test(name);
		const code = lazyImports(isEntry ? lazyEntry(compiled, file) : compiled, file);
		if (code !== compiled) await writeFile(file, code);
	}
};
const compile = series(tsc, loadAtFirstUse);
/** Not in a quick build, which compiles again what changed alone. */
const bundle = () => bundleNodes(out);
// encoding: false keeps binary files as they are (gulp 5 would read them as UTF-8)
const assets = () =>
	src(['nodes/**/*.{svg,png,json}', 'credentials/**/*.svg', 'lib/**/*.json'], {
		base: '.',
		encoding: false,
	}).pipe(dest(out));
const models = () =>
	src(['models/*/*', '!models/*/fixtures.json'], { base: '.', encoding: false }).pipe(dest(out));

/**
 * Text recognition: one build of Tesseract's WebAssembly and its models of five languages, 12 MB instead of the 110 that npm
 * installs.
 */
const ocr = async () => {
	const to = (name) => path.join(out, 'vendor', 'tesseract', name);
	const core = path.dirname(require.resolve('tesseract.js-core/package.json'));
	await mkdir(to(''), { recursive: true });
	for (const name of ['tesseract-core-simd-lstm.js', 'tesseract-core-simd-lstm.wasm', 'LICENSE'])
		await cp(path.join(core, name), to(name));
	for (const language of ['eng', 'deu', 'fra', 'spa', 'ita']) {
		const data = path.dirname(require.resolve(`@tesseract.js-data/${language}/package.json`));
		await cp(
			path.join(data, '4.0.0_best_int', `${language}.traineddata.gz`),
			to(`${language}.traineddata.gz`),
		);
	}
};

/**
 * Reading of PDF files: 7 MB of pdf.js instead of the 73 that npm installs, with maps of its sources, builds for browsers, and a
 * canvas that only drawing needs.
 */
const pdf = async () => {
	const from = path.dirname(require.resolve('pdfjs-dist/package.json'));
	const to = path.join(out, 'vendor', 'pdfjs');
	const parts = [
		'legacy/build/pdf.mjs',
		'legacy/build/pdf.worker.mjs',
		'cmaps',
		'standard_fonts',
		'wasm',
		'LICENSE',
	];
	await mkdir(path.join(to, 'legacy/build'), { recursive: true });
	for (const part of parts) await cp(path.join(from, part), path.join(to, part), { recursive: true });
};

exports.clean = clean;
exports.build = series(begin, parallel(series(compile, bundle), assets, models, ocr, pdf), publish);
exports.quick = parallel(compile, assets);
exports.watch = () =>
	watch(['lib/**', 'nodes/**', 'credentials/**'], { ignoreInitial: false }, exports.quick);
exports.default = exports.build;
