import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { inRoot, sha256 } from './paths.mjs';

const folder = inRoot('.cache', 'python');
const inVenv = process.platform === 'win32' ? ['Scripts', 'python.exe'] : ['bin', 'python'];
const venvPython = inRoot('.cache', 'python', ...inVenv);
const requirements = inRoot('test', 'support', 'requirements.txt');

const run = (file, ...args) => spawnSync(file, args, { encoding: 'utf8' });
const isNewEnough = (file) =>
	run(file, '-c', 'import sys, venv; sys.exit(sys.version_info < (3, 10))').status === 0;

function findPython() {
	const names = ['python3', 'python', 'python3.13', 'python3.12', 'python3.11', 'python3.10'];
	return [process.env.LOCAL_ENGINE_PYTHON, ...names].find((file) => file && isNewEnough(file));
}

/**
 * A Python ≥ 3.10 with the packages of test/support/requirements.txt (the real llama.cpp server), in .cache/python;
 * Python itself comes from apt where this runs as root on Debian or Ubuntu. Or why there is none.
 */
export function ensurePython() {
	const wanted = sha256(readFileSync(requirements, 'utf8'));
	const stamp = inRoot('.cache', 'python', 'requirements.sha256');
	if (existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted) return { file: venvPython };
	let python = findPython();
	if (!python && process.platform === 'linux' && process.getuid?.() === 0) {
		console.error('Installing Python with apt …');
		run('apt-get', 'update');
		run('apt-get', 'install', '-y', '--no-install-recommends', 'python3', 'python3-venv');
		python = findPython();
	}
	if (!python) return { reason: 'no Python 3.10 or newer with venv found: install it' };
	console.error('Preparing Python for the llama.cpp tests, once …');
	rmSync(folder, { recursive: true, force: true });
	mkdirSync(inRoot('.cache'), { recursive: true });
	for (const step of [
		[python, '-m', 'venv', folder],
		[venvPython, '-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '-r', requirements],
	]) {
		const { status, stderr } = run(...step);
		if (status !== 0)
			return { reason: `Python packages could not be installed: ${stderr.trim().split('\n').at(-1)}` };
	}
	writeFileSync(stamp, wanted);
	return { file: venvPython };
}
