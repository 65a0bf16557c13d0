// Installing as people do: n8n's own installer fetches the package from a registry, its dependencies with it.
import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { npmCli, npmEnvironment } from '../../host/npm.cjs';
import {
	install,
	installed,
	nodeTypes,
	offered,
	packName,
	packVersion,
	uninstall,
} from '../support/installer';
import { publishKnowledgeBase, sharedHost, startHost, type Host } from '../support/n8n';
import { startRegistry, type TestRegistry } from '../support/registry';

jest.setTimeout(600_000);

const root = path.join(__dirname, '..', '..');
const filesBelow = (folder: string, ending: string) =>
	readdirSync(folder, { recursive: true, encoding: 'utf8' })
		.filter((file) => file.endsWith(ending))
		.map((file) => path.join(folder, file));

describe('n8n’s own installer', () => {
	let registry: TestRegistry;
	let host: Host;
	const folderOfPack = () => path.join(host.home, '.n8n', 'nodes', 'node_modules', packName);

	beforeAll(async () => {
		registry = await startRegistry();
		host = await startHost({ withoutPack: true, env: registry.env });
	});

	afterAll(async () => {
		await host?.remove();
		await registry?.close();
	});

	test('a package that no registry has is refused with a sentence, and nothing is left behind', async () => {
		await expect(install(host.client, '0.0.1-nowhere')).rejects.toThrow(
			/answered [45]\d\d.*exist|not found/i,
		);
		expect(await installed(host.client)).toEqual([]);
		expect(existsSync(folderOfPack())).toBe(false);
	});

	test('it installs, the nodes are offered without a restart, a template runs', async () => {
		const { tarball } = await sharedHost();
		registry.publish(tarball);
		const { installedVersion, installedNodes } = await install(host.client);
		expect(installedVersion).toBe(packVersion);
		expect(installedNodes).toHaveLength(nodeTypes.length);
		expect(registry.requests.some((request) => request.endsWith(`${packName}-${packVersion}.tgz`))).toBe(
			true,
		);
		expect((await offered(host.client)).sort()).toEqual(expect.arrayContaining([...nodeTypes].sort()));
		expect(await installed(host.client)).toMatchObject([{ packageName: packName, failedLoading: false }]);

		const knowledge = await publishKnowledgeBase(host.client, 'installed');
		const stored = await knowledge.ingest({
			documents: [{ source: 'keys.md', text: 'The spare key hangs behind the blue door.' }],
		});
		expect(stored.json).toMatchObject({ added: 1, failed: [] });
		const answer = await knowledge.ask({ question: 'Where does the spare key hang?' });
		expect(answer.json).toMatchObject({ found: true, citations: [{ source: 'keys.md', start: 0 }] });
	});

	test('what npm put there holds no development packages and nothing that runs at install', () => {
		const modules = path.join(folderOfPack(), 'node_modules');
		expect(existsSync(path.join(modules, '@lancedb', 'lancedb'))).toBe(true);
		expect(existsSync(path.join(modules, 'jest'))).toBe(false);
		expect(existsSync(path.join(modules, 'n8n-workflow'))).toBe(false);
		expect(installScriptsIn(modules)).toEqual([]);
	});

	test('uninstalled, the nodes are gone and the data stays; installed again, it answers from it', async () => {
		await uninstall(host.client);
		expect(await offered(host.client)).toEqual([]);
		expect(existsSync(folderOfPack())).toBe(false);
		expect(existsSync(path.join(host.data))).toBe(true);
		await install(host.client);
		const answer = await host.client.webhook('installed/knowledge-base/ask', {
			question: 'Where does the spare key hang?',
		});
		expect(answer.json).toMatchObject({ found: true, citations: [{ source: 'keys.md' }] });
	});
});

describe('on Alpine, where the official image of n8n lives', () => {
	const folder = mkdtempSync(path.join(tmpdir(), 'local-engine-musl-'));
	afterAll(() => rmSync(folder, { recursive: true, force: true }));

	test('npm resolves binaries for musl alone, and none of the packages runs anything at install', async () => {
		const { name, version, dependencies, overrides } = JSON.parse(
			readFileSync(path.join(root, 'package.json'), 'utf8'),
		) as Record<string, unknown>;
		writeFileSync(
			path.join(folder, 'package.json'),
			JSON.stringify({ name, version, dependencies, overrides }),
		);
		const cli = npmCli();
		if (!cli) throw new Error('npm was not found');
		await promisify(execFile)(
			process.execPath,
			[
				...[cli, 'install', '--os=linux', '--cpu=x64', '--libc=musl', '--ignore-scripts', '--no-audit'],
				...['--no-fund', '--install-strategy=shallow', '--bin-links=false', '--package-lock=false'],
			],
			{ cwd: folder, env: npmEnvironment() },
		);
		const binaries = filesBelow(folder, '.node');
		expect(binaries.map((file) => path.basename(file))).toContain('lancedb.linux-x64-musl.node');
		for (const file of binaries) {
			const bytes = readFileSync(file);
			// the C library an ELF file was linked to stands in its table of needed libraries
			expect([file, bytes.includes('ld-linux-x86-64.so.2'), bytes.includes('libc.so.6')]).toEqual([
				file,
				false,
				false,
			]);
		}
		expect(installScriptsIn(path.join(folder, 'node_modules'))).toEqual([]);
	});
});

/** Packages below a folder whose own scripts npm would run at install. */
function installScriptsIn(modules: string): string[] {
	return filesBelow(modules, 'package.json')
		.filter((file) => /node_modules[\\/](@[^\\/]+[\\/])?[^\\/]+[\\/]package\.json$/.test(file))
		.flatMap((file) => {
			const { name, scripts = {} } = JSON.parse(readFileSync(file, 'utf8')) as {
				name?: string;
				scripts?: Record<string, string>;
			};
			const run = ['preinstall', 'install', 'postinstall'].filter((script) => scripts[script] !== undefined);
			const compiled = existsSync(path.join(path.dirname(file), 'binding.gyp')) ? ['binding.gyp'] : [];
			return [...run, ...compiled].map((what) => `${name ?? file}: ${what}`);
		});
}
