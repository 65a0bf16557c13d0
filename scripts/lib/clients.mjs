// The clients of other languages and the command-line clients that `npm test -- clients` runs: into .cache/clients, from what
// test/long/clients names.
import { copyFileSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { npm } from './npm.mjs';
import { inRoot, sha256 } from './paths.mjs';
import { Problem } from './problem.mjs';
import { ensureVenv } from './python.mjs';

const cache = (...parts) => inRoot('.cache', 'clients', ...parts);
const named = (...parts) => inRoot('test', 'long', 'clients', ...parts);

/** The Python environments: `NAME.txt` is what the program `NAME.py` needs. */
const VENVS = ['sdks', 'frameworks'];

/** Environment for the tests (LOCAL_ENGINE_PYTHON_NAME, LOCAL_ENGINE_CLI), or a sentence for each that cannot be installed. */
export async function ensureClients() {
	const env = {};
	const reasons = [];
	for (const name of VENVS) {
		const { file, reason } = ensureVenv(cache(name), named('python', `${name}.txt`), 'clients');
		if (file) env[`LOCAL_ENGINE_PYTHON_${name.toUpperCase()}`] = file;
		else reasons.push(`the Python clients of ${name}.txt: ${reason}`);
	}
	try {
		await ensureCli();
		env.LOCAL_ENGINE_CLI = cache('cli', 'node_modules', '.bin');
	} catch (thrown) {
		if (!(thrown instanceof Problem)) throw thrown;
		reasons.push(`the command-line clients: ${thrown.message}`);
	}
	return { env, reasons };
}

async function ensureCli() {
	const manifest = named('cli', 'package.json');
	const wanted = sha256(readFileSync(manifest, 'utf8'));
	const stamp = cache('cli', 'package.sha256');
	if (existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted) return;
	console.error('Installing the command-line clients, once …');
	rmSync(cache('cli'), { recursive: true, force: true });
	mkdirSync(cache('cli'), { recursive: true });
	copyFileSync(manifest, cache('cli', 'package.json'));
	const args = ['install', '--no-audit', '--no-fund', '--no-package-lock'];
	await npm(args, { cwd: cache('cli'), name: 'clients' });
	writeFileSync(stamp, wanted);
}
