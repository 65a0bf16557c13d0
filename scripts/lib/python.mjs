import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { inRoot, sha256 } from './paths.mjs';

const inVenv = process.platform === 'win32' ? ['Scripts', 'python.exe'] : ['bin', 'python'];

const UV = 'uv==0.13.9';
const withUv = ['-m', 'uv', 'pip', 'install', '--quiet', '--system-certs', '--python'];

const run = (file, ...args) => spawnSync(file, args, { encoding: 'utf8' });
const isNewEnough = (file) =>
	run(file, '-c', 'import sys, venv; sys.exit(sys.version_info < (3, 10))').status === 0;

function findPython() {
	const names = ['python3', 'python', 'python3.13', 'python3.12', 'python3.11', 'python3.10'];
	return [process.env.LOCAL_ENGINE_PYTHON, ...names].find((file) => file && isNewEnough(file));
}

/** A Python with the packages of test/support/requirements.txt (the real llama.cpp server), in .cache/python; or why there is none. */
export const ensurePython = () =>
	ensureVenv(inRoot('.cache', 'python'), inRoot('test', 'support', 'requirements.txt'), 'llama.cpp tests');

/**
 * A Python ≥ 3.10 with the packages of a requirements file, in `folder`; Python itself comes from apt where this runs as root
 * on Debian or Ubuntu. Or why there is none.
 *
 * @param purpose what it is for, in the line that says that it is being installed
 * @param overrides a file of versions that count for more than what the packages ask for (uv installs then, which can do that)
 */
export function ensureVenv(folder, requirements, purpose, overrides) {
	const named = [requirements, ...(overrides === undefined ? [] : [overrides])];
	const wanted = sha256(named.map((file) => readFileSync(file, 'utf8')).join('\n'));
	const stamp = path.join(folder, 'requirements.sha256');
	const venvPython = path.join(folder, ...inVenv);
	if (existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted) return { file: venvPython };
	let python = findPython();
	if (!python && process.platform === 'linux' && process.getuid?.() === 0) {
		console.error('Installing Python with apt …');
		run('apt-get', 'update');
		run('apt-get', 'install', '-y', '--no-install-recommends', 'python3', 'python3-venv');
		python = findPython();
	}
	if (!python) return { reason: 'no Python 3.10 or newer with venv found: install it' };
	console.error(`Preparing Python for the ${purpose}, once …`);
	rmSync(folder, { recursive: true, force: true });
	mkdirSync(path.dirname(folder), { recursive: true });
	const pip = (...args) => [
		venvPython,
		'-m',
		'pip',
		'install',
		'--quiet',
		'--disable-pip-version-check',
		...args,
	];
	for (const step of [
		[python, '-m', 'venv', folder],
		...(overrides === undefined
			? [pip('-r', requirements)]
			: [pip(UV), [venvPython, ...withUv, venvPython, '--override', overrides, '-r', requirements]]),
	]) {
		const { status, stderr } = run(...step);
		if (status !== 0)
			return { reason: `Python packages could not be installed: ${stderr.trim().split('\n').at(-1)}` };
	}
	writeFileSync(stamp, wanted);
	return { file: venvPython };
}
