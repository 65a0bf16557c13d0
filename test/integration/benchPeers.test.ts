// The packages that benches and evaluations compare with, installed as on a new machine, also below `npm run -s`.
import { execFile } from 'node:child_process';
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';

jest.setTimeout(300_000);

const run = promisify(execFile);
const root = path.join(__dirname, '..', '..');
const bench = path.join(root, 'bench');
const moduleAt = (file: string) => pathToFileURL(path.join(root, file)).href;
const { dependencies } = JSON.parse(readFileSync(path.join(bench, 'package.json'), 'utf8')) as {
	dependencies: Record<string, string>;
};

let folder: string;
beforeEach(() => {
	folder = mkdtempSync(path.join(tmpdir(), 'bench-peers-'));
	for (const file of ['package.json', 'package-lock.json', '.npmrc'])
		copyFileSync(path.join(bench, file), path.join(folder, file));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** What `npm run bench` does first, in the environment of an outer npm that was told to be silent. */
async function installPeers(how: 'installPeers' | 'tryPeers' = 'installPeers'): Promise<string> {
	const program = path.join(folder, 'install.mjs');
	writeFileSync(
		program,
		`import { ${how} } from '${moduleAt('bench/lib/prepare.mjs')}';
		import { runMain } from '${moduleAt('scripts/lib/problem.mjs')}';
		await runMain(() => ${how}(import.meta.dirname));`,
	);
	const env = { ...process.env, npm_config_loglevel: 'silent' };
	return (await run(process.execPath, [program], { env })).stderr;
}

/** A lock file that npm refuses. */
function breakLockFile(): void {
	const file = path.join(folder, 'package-lock.json');
	const lock = JSON.parse(readFileSync(file, 'utf8')) as { packages: Record<string, unknown> };
	delete lock.packages['node_modules/minhash'];
	writeFileSync(file, JSON.stringify(lock));
}

describe('the packages that benches compare with', () => {
	it('install from scratch at the versions of bench/package.json, and load', async () => {
		await installPeers();
		const programs = Object.keys(dependencies).map((name) => `await import(${JSON.stringify(name)});`);
		await run(process.execPath, ['--input-type=module', '-e', programs.join('\n')], { cwd: folder });
		const installed = Object.keys(dependencies).map((name) => {
			const manifest = readFileSync(path.join(folder, 'node_modules', name, 'package.json'), 'utf8');
			return [name, (JSON.parse(manifest) as { version: string }).version];
		});
		expect(Object.fromEntries(installed)).toEqual(dependencies);
	});

	it('say why they cannot be installed, however silent the outer npm is', async () => {
		breakLockFile();
		await expect(installPeers()).rejects.toMatchObject({
			code: 1,
			stderr: expect.stringMatching(/npm failed: .*Missing: minhash@0\.0\.9/),
		});
	});

	it('are done without by an evaluation, which says why', async () => {
		breakLockFile();
		expect(await installPeers('tryPeers')).toMatch(/Going on without .*Missing: minhash@0\.0\.9/);
	});
});
