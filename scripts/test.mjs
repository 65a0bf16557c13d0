// npm test [-- lint typecheck build pack unit integration e2e]: every check there is, or the named ones; faults only when named.
// Ends with "N passed, N failed". Where a part cannot run here it is skipped with a sentence; with CI=true it fails instead.
import { spawn } from 'node:child_process';
import { mkdirSync, existsSync, rmSync } from 'node:fs';
import path from 'node:path';
import { ensure } from './ensure.mjs';
import { ensureChromium } from './lib/chromium.mjs';
import { ensurePython } from './lib/python.mjs';
import { inRoot, readJson, root } from './lib/paths.mjs';
import { Problem, requireNode, runMain } from './lib/problem.mjs';
import { ensureServers } from './lib/servers.mjs';

const suites = ['unit', 'integration', 'e2e'];
const parts = ['lint', 'boundaries', 'format', 'typecheck', 'build', ...suites];
/** Only when named: half an hour. */
const long = ['faults'];
const isCi = /^(1|true)$/i.test(process.env.CI ?? '');
const totals = { passed: 0, failed: 0 };
const skipped = [];

function chosen() {
	const named = process.argv.slice(2);
	const known = [...parts, ...long];
	const unknown = named.find((name) => !known.includes(name));
	if (unknown) throw new Problem(`There is no part "${unknown}". Parts: ${known.join(', ')}.`);
	return new Set(named.length > 0 ? named : parts);
}

function record(name, passed, seconds) {
	totals[passed ? 'passed' : 'failed'] += 1;
	console.log(`${passed ? 'ok    ' : 'FAILED'} ${name} (${seconds} s)`);
}

/** Runs a program file of node_modules with the project's Node; its output streams through. */
async function run(node, file, args, env = {}) {
	const started = Date.now();
	const code = await new Promise((resolve, reject) => {
		const child = spawn(node, [inRoot('node_modules', file), ...args], {
			cwd: root,
			stdio: 'inherit',
			env: {
				...process.env,
				PATH: `${inRoot('node_modules', '.bin')}${path.delimiter}${path.dirname(node)}${path.delimiter}${process.env.PATH}`,
				...env,
			},
		});
		child.once('error', reject);
		child.once('exit', resolve);
	});
	return { code, seconds: Math.round((Date.now() - started) / 1000) };
}

async function check(name, node, file, args) {
	console.log(`\n── ${name}`);
	const { code, seconds } = await run(node, file, args);
	record(name, code === 0, seconds);
}

/** A suite that finds nothing to run, or a file that does not even load, is a failure. */
async function jest(node, projects, env, extra) {
	console.log(`\n── ${projects.join(' + ')}`);
	const outputFile = inRoot('.cache', 'results', `${projects.join('-')}.json`);
	mkdirSync(path.dirname(outputFile), { recursive: true });
	rmSync(outputFile, { force: true });
	const { code, seconds } = await run(
		node,
		'jest/bin/jest.js',
		['--selectProjects', ...projects, '--json', '--outputFile', outputFile, '--forceExit', ...extra],
		env,
	);
	if (!existsSync(outputFile)) {
		record(`${projects.join(' + ')}: jest ended with ${code} before it could report`, false, seconds);
		return;
	}
	const result = readJson(outputFile);
	totals.passed += result.numPassedTests;
	totals.failed += result.numFailedTests + result.numRuntimeErrorTestSuites;
	if (code !== 0 && result.numFailedTests + result.numRuntimeErrorTestSuites === 0) totals.failed += 1;
	if (result.numPendingTests > 0)
		skip(`${result.numPendingTests} tests of ${projects.join(' + ')} that skip themselves`, 'see above');
	console.log(
		`${result.success ? 'ok    ' : 'FAILED'} ${projects.join(' + ')}: ${result.numPassedTests} passed, ${result.numFailedTests} failed (${seconds} s)`,
	);
}

function skip(what, reason) {
	if (isCi) {
		totals.failed += 1;
		console.log(`FAILED ${what}: ${reason}; nothing is skipped with CI=true`);
	} else skipped.push(`Skipped ${what}: ${reason}`);
}

await runMain(async () => {
	requireNode();
	const wanted = chosen();
	const needsHost = wanted.has('integration') || wanted.has('e2e');
	const { node } = await ensure({ host: needsHost, dist: false });
	const env = {};

	if (wanted.has('lint'))
		await check('lint (n8n’s rules, typescript-eslint)', node, '@n8n/node-cli/bin/n8n-node.mjs', ['lint']);
	if (wanted.has('boundaries'))
		await check('boundaries (dependency-cruiser)', node, 'dependency-cruiser/bin/dependency-cruise.mjs', [
			...['--config', '.dependency-cruiser.cjs', 'lib', 'nodes', 'credentials'],
		]);
	if (wanted.has('format'))
		await check('format (prettier)', node, 'prettier/bin/prettier.cjs', [
			'--check',
			'--log-level',
			'warn',
			'.',
		]);
	if (wanted.has('typecheck'))
		await check('types (tsc)', node, 'typescript/bin/tsc', ['--noEmit', '-p', 'tsconfig.json']);
	if (wanted.has('build') || needsHost) await check('build', node, 'gulp/bin/gulp.js', ['build']);

	const ignored = [];
	if (suites.some((suite) => wanted.has(suite))) {
		const python = ensurePython();
		if (python.file) env.LOCAL_ENGINE_PYTHON = python.file;
		else {
			skip('the tests against a real llama.cpp server', python.reason);
			ignored.push('--testPathIgnorePatterns', '\\.llamacpp\\.test\\.ts$');
		}
	}
	if (wanted.has('unit')) await jest(node, ['unit'], env, ignored);
	// Indexes: killed 50 times in each of sync, upsert and migrate; 10,000 random filters on both back ends.
	if (wanted.has('faults')) {
		const patterns = ['--testPathPatterns', 'unit/vectorIndex/', 'unit/ingest/'];
		await jest(node, ['unit'], { KILLS: '50', RANDOM_FILTERS: '10000' }, ['--runInBand', ...patterns]);
	}
	const inN8n = ['integration', 'e2e'].filter((suite) => wanted.has(suite));
	if (inN8n.includes('e2e')) {
		const chromium = ensureChromium();
		if (chromium.file) env.LOCAL_ENGINE_CHROMIUM = chromium.file;
		else {
			skip('e2e', chromium.reason);
			inN8n.pop();
		}
	}
	if (inN8n.includes('integration'))
		for (const reason of ensureServers()) skip('the tests against it', reason);
	if (inN8n.length > 0) await jest(node, inN8n, env, ['--runInBand', ...ignored]);

	console.log(`\n${[...skipped, `${totals.passed} passed, ${totals.failed} failed`].join('\n')}`);
	if (totals.failed > 0 || totals.passed === 0) process.exitCode = 1;
});
