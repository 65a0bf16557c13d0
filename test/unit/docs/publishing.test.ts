// What a release needs: versions, addresses, licences, binaries for every platform, and the workflow that publishes.
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { parse } from 'yaml';
import { copiedPackages } from '../../../scripts/lib/copiedPackages.mjs';
import { runtimePackages } from '../../../scripts/lib/runtimePackages.mjs';

const root = path.join(__dirname, '..', '..', '..');
const text = (file: string) => readFileSync(path.join(root, file), 'utf8');
const manifest = JSON.parse(text('package.json')) as {
	version: string;
	homepage: string;
	author: { email?: string };
	repository: { url: string };
	bugs: { url: string };
	dependencies: Record<string, string>;
};
const lock = JSON.parse(text('package-lock.json')) as Parameters<typeof runtimePackages>[0];
const repository = 'https://github.com/n8n-nodes-local-engine/n8n-nodes-local-engine';

describe('package.json', () => {
	it('names exact versions: n8n ignores lock files when it installs', () => {
		for (const [name, version] of Object.entries(manifest.dependencies))
			expect([name, version]).toEqual([name, expect.stringMatching(/^\d+\.\d+\.\d+$/)]);
	});

	it('names one repository, which npm compares with the workflow that publishes', () => {
		expect(manifest.repository.url).toBe(`git+${repository}.git`);
		expect(manifest.bugs.url).toBe(`${repository}/issues`);
		expect(manifest.homepage).toBe(`${repository}#readme`);
	});
});

describe('addresses', () => {
	it('none of an example is left where people look for a contact', () => {
		for (const file of ['package.json', 'SECURITY.md', 'docs/security.md', 'README.md', 'LICENSE'])
			expect([file, /\b[\w.-]+\.example\b/.exec(text(file))?.[0]]).toEqual([file, undefined]);
	});

	it('a weakness is reported by the private form of the code host', () => {
		expect(text('SECURITY.md')).toContain(`${repository}/security/advisories/new`);
	});
});

describe('the release workflow', () => {
	const workflow = parse(text('.github/workflows/release.yml')) as {
		jobs: {
			publish: { permissions: Record<string, string>; steps: Array<{ run?: string; uses?: string }> };
		};
	};
	const runs = workflow.jobs.publish.steps.map(({ run = '' }) => run);

	it('publishes with provenance after the tests, without a token', () => {
		expect(workflow.jobs.publish.permissions['id-token']).toBe('write');
		const at = (command: string) => runs.findIndex((run) => run.startsWith(command));
		expect(at('npm test')).toBeGreaterThan(at('npm ci'));
		expect(at('npm publish --provenance')).toBeGreaterThan(at('npm run build'));
		expect(at('npm run build')).toBeGreaterThan(at('npm test'));
		expect(text('.github/workflows/release.yml')).not.toMatch(/NPM_TOKEN|NODE_AUTH_TOKEN/);
	});

	it('runs only scripts that are there', () => {
		const { scripts } = JSON.parse(text('package.json')) as { scripts: Record<string, string> };
		for (const run of runs) {
			for (const [, name = ''] of run.matchAll(/npm run (?:--silent )?([\w:]+)/g))
				expect(scripts).toHaveProperty([name]);
			for (const [, file = ''] of run.matchAll(/node (scripts\/\S+)/g))
				expect(existsSync(path.join(root, file))).toBe(true);
		}
	});

	it.each([
		['v9.9.9', /the tag must be v/],
		[`v${manifest.version}`, /day of the release|^$/],
	])('%s is checked before anything else', (tag, says) => {
		const { stderr, status } = spawnSync(process.execPath, ['scripts/releaseCheck.mjs', tag], {
			cwd: root,
			encoding: 'utf8',
		});
		expect(stderr.trim()).toMatch(says);
		expect(status).toBe(stderr === '' ? 0 : 1);
	});
});

describe('packages that an installation brings', () => {
	const packages = [...runtimePackages(lock), ...copiedPackages(lock)];

	it('may all be used and passed on', () => {
		const free =
			/^(0BSD|Apache-2\.0|BSD|BSD-2-Clause|BSD-3-Clause|ISC|MIT|MIT-0|\(MIT AND Zlib\)|\(MIT OR GPL-3\.0-or-later\))$/;
		for (const { name, license } of packages)
			expect([name, license]).toEqual([name, expect.stringMatching(free)]);
	});

	it('stand in docs/third-party-licenses.md as the lock file has them', () => {
		const page = text('docs/third-party-licenses.md');
		const listed = [...page.matchAll(/^\| (\S+) +\| (\d\S+) +\| (.+?) +\|$/gm)].map(
			([, name, version, license]) => ({ name, version, license }),
		);
		expect(listed).toEqual(packages);
	});

	it('stand in the bill of materials', () => {
		const printed = spawnSync(process.execPath, [path.join(root, 'scripts', 'sbom.mjs')], {
			encoding: 'utf8',
		});
		const { components } = JSON.parse(printed.stdout) as {
			components: Array<{ purl: string }>;
		};
		const names = components.map(({ purl }) => decodeURIComponent(purl).replace(/^pkg:npm\//, ''));
		expect(names).toEqual(packages.map(({ name, version }) => `${name}@${version}`));
		// which a development package or a peer needs, too
		for (const name of ['ajv', 'eventsource-parser', 'js-tiktoken'])
			expect(names).toContain(`${name}@${manifest.dependencies[name]}`);
	});

	it('no canvas among them, which pdf.js has for drawing', () => {
		expect(packages.filter(({ name }) => /canvas/.test(name))).toEqual([]);
	});

	it('no TypeScript among them, which a peer of a dependency may ask for', () => {
		expect(packages.map(({ name }) => name)).not.toContain('typescript');
	});
});

describe('native binaries', () => {
	/** Families of platform packages: the name without the platform. */
	const families = new Map<string, Set<string>>();
	for (const { name } of runtimePackages(lock)) {
		const [, family = '', platform = ''] =
			/^(.+?)-((?:linux|darwin|win32)-(?:x64|arm64)(?:-\w+)?)$/.exec(name) ?? [];
		if (platform !== '') families.set(family, (families.get(family) ?? new Set()).add(platform));
	}

	it('are there for Linux on x64 and arm64, with glibc and with musl', () => {
		expect(families.size).toBeGreaterThan(0);
		for (const [family, platforms] of families)
			expect([family, [...platforms]]).toEqual([
				family,
				expect.arrayContaining(['linux-x64-gnu', 'linux-x64-musl', 'linux-arm64-gnu', 'linux-arm64-musl']),
			]);
	});

	it('are in no package outside these families', () => {
		const own = new Set([...families.keys()]);
		const binaries = runtimePackages(lock)
			.map(({ name }) => name)
			.filter((name) => existsSync(path.join(root, 'node_modules', name)))
			.filter((name) => ![...own].some((family) => name.startsWith(`${family}-`)))
			.filter((name) =>
				readdirSync(path.join(root, 'node_modules', name), { recursive: true, encoding: 'utf8' }).some(
					// packages inside it are in the lock file under their own names
					(file) => /\.(node|so|dylib|dll)$/.test(file) && !/(?:^|[\\/])node_modules[\\/]/.test(file),
				),
			);
		expect(binaries).toEqual([]);
	});
});
