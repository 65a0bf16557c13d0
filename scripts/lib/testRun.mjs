// Runs parts of `npm test` and keeps the account: passed, failed, skipped, and how long each took.
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, rmSync } from 'node:fs';
import path from 'node:path';
import { BUDGET_MINUTES } from './parts.mjs';
import { inRoot, readJson, root } from './paths.mjs';

const SLOWEST = 10;
const isCi = /^(1|true)$/i.test(process.env.CI ?? '');
const minutes = (ms) => (ms / 60_000).toFixed(1);
const plural = (count, word) => `${count} ${word}${count === 1 ? '' : 's'}`;

export class TestRun {
	#passed = 0;
	#failed = 0;
	#skipped = [];
	/** Milliseconds by name, in order. */
	#times = new Map();
	/** @type {Array<{ file: string, ms: number }>} */
	#files = [];

	/** The Node that runs everything. */
	node = process.execPath;

	get failed() {
		return this.#failed > 0 || this.#passed === 0;
	}

	/** Adds what something took that is no part, installing for instance. */
	spent(name, ms) {
		this.#times.set(name, (this.#times.get(name) ?? 0) + ms);
	}

	fail(sentence) {
		this.#failed += 1;
		console.log(`FAILED ${sentence}`);
	}

	/** A long part skips nothing, and nor does a run with CI=true. */
	skip(sentence, { long = false } = {}) {
		if (long || isCi) this.fail(`${sentence} (nothing is skipped ${long ? 'here' : 'with CI=true'})`);
		else this.#skipped.push(`Skipped ${sentence}`);
	}

	/** Runs a part that is a program. */
	async program(name, { title, program, args = [] }) {
		console.log(`\n── ${name}: ${title}`);
		const { code, ms } = await this.#run(program, args);
		this.spent(name, ms);
		if (code === 0) {
			this.#passed += 1;
			console.log(`ok     ${name} (${minutes(ms)} min)`);
		} else this.fail(`${name} ended with ${code}`);
	}

	/**
	 * Runs parts that are tests in one jest, so that those in n8n share it. A file that does not load, and a run without a
	 * test, are failures.
	 */
	async tests(parts, env) {
		const names = parts.map(({ name }) => name).join(' + ');
		const long = parts.some((part) => part.long);
		for (const { name, title } of parts) console.log(`\n── ${name}: ${title}`);
		const outputFile = inRoot('.cache', 'results', `${parts.map(({ name }) => name).join('-')}.json`);
		mkdirSync(path.dirname(outputFile), { recursive: true });
		rmSync(outputFile, { force: true });
		const { code, ms } = await this.#run(
			'node_modules/jest/bin/jest.js',
			[
				...['--selectProjects', ...parts.map(({ suite }) => suite)],
				...['--json', '--outputFile', outputFile, '--forceExit'],
				// jest by itself leaves one core alone, of two that is half of them
				...(parts.some(({ suite }) => suite !== 'unit') || long ? ['--runInBand'] : ['--maxWorkers', '100%']),
				...parts.flatMap(({ files = [] }) => (files.length > 0 ? ['--testPathPatterns', ...files] : [])),
			],
			env,
		);
		if (!existsSync(outputFile)) {
			this.spent(names, ms);
			this.fail(`${names}: jest ended with ${code} before it could report`);
			return;
		}
		this.#count(names, readJson(outputFile), code, { parts, long, ms });
	}

	#count(names, result, code, { parts, long, ms }) {
		const failed = result.numFailedTests + result.numRuntimeErrorTestSuites;
		this.#passed += result.numPassedTests;
		this.#failed += failed;
		console.log(
			`${failed === 0 ? 'ok    ' : 'FAILED'} ${names}: ${result.numPassedTests} passed, ${failed} failed (${minutes(ms)} min)`,
		);
		if (failed === 0 && code !== 0) this.fail(`${names}: jest ended with ${code}`);
		if (result.numTotalTests === 0) this.fail(`${names}: not one test ran`);
		if (result.numPendingTests + result.numTodoTests > 0)
			this.skip(
				`${plural(result.numPendingTests + result.numTodoTests, 'test')} of ${names} that left themselves out: see above`,
				{ long },
			);
		const files = result.testResults.map(({ name, startTime, endTime }) => ({
			file: path.relative(root, name).replaceAll('\\', '/'),
			ms: endTime - startTime,
		}));
		this.#files.push(...files);
		this.#share(parts, files, ms);
	}

	/** Parts that share a jest run share its time by the time of their files. */
	#share(parts, files, ms) {
		const sums = parts.map(({ suite }) =>
			files.filter(({ file }) => file.startsWith(`test/${suite}/`)).reduce((sum, file) => sum + file.ms, 0),
		);
		const all = sums.reduce((sum, part) => sum + part, 0);
		parts.forEach(({ name }, at) => this.spent(name, all === 0 ? ms / parts.length : (ms * sums[at]) / all));
	}

	/** The last lines: slow files, minutes of each part, what was skipped, and how many passed. */
	report() {
		const slow = [...this.#files].sort((a, b) => b.ms - a.ms).slice(0, SLOWEST);
		const total = [...this.#times.values()].reduce((sum, ms) => sum + ms, 0);
		const rows = [
			...slow.map(({ file, ms }) => `${minutes(ms).padStart(6)} min  ${file}`),
			...(slow.length > 0 ? [''] : []),
			...[...this.#times].map(([name, ms]) => `${minutes(ms).padStart(6)} min  ${name}`),
			`${minutes(total).padStart(6)} min  in all (at most ${BUDGET_MINUTES})`,
			...(total > BUDGET_MINUTES * 60_000
				? [`This took more than the ${BUDGET_MINUTES} minutes of scripts/lib/parts.mjs.`]
				: []),
			...this.#skipped,
			`${this.#passed} passed, ${this.#failed} failed`,
		];
		console.log(`\n${rows.join('\n')}`);
	}

	/** Runs a program of the project with its Node; its output streams through. */
	async #run(file, args, env = {}) {
		const started = Date.now();
		const bin = [inRoot('node_modules', '.bin'), path.dirname(this.node), process.env.PATH];
		const code = await new Promise((resolve, reject) => {
			const child = spawn(this.node, [inRoot(file), ...args], {
				cwd: root,
				stdio: 'inherit',
				env: { ...process.env, PATH: bin.join(path.delimiter), ...env },
			});
			child.once('error', reject);
			child.once('exit', (status, signal) => resolve(status ?? signal));
		});
		return { code, ms: Date.now() - started };
	}
}
