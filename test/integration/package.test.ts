// What `npm pack` puts into the tarball, and what n8n makes of it.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { sharedHost } from '../support/n8n';
import { explainedFindings, scan } from '../support/scan';

const root = path.join(__dirname, '..', '..');
const manifest = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8')) as {
	name: string;
	n8n: { nodes: string[]; credentials: string[] };
};

/** Paths inside the tarball, without npm's leading "package/". */
async function packedFiles(): Promise<string[]> {
	const { tarball } = await sharedHost();
	const list = execFileSync('tar', ['-tzf', tarball], { encoding: 'utf8' });
	return list
		.split(/\r?\n/)
		.filter((line) => line !== '' && !line.endsWith('/'))
		.map((line) => line.replace(/^package\//, ''));
}

const sourcesOf = (folder: string, ending: string) =>
	readdirSync(path.join(root, folder), { recursive: true, encoding: 'utf8' }).filter((file) =>
		file.endsWith(ending),
	);

describe('the packed package', () => {
	it('holds every node and credential that n8n is told of, with its codex file and icons', async () => {
		const files = new Set(await packedFiles());
		for (const file of [...manifest.n8n.nodes, ...manifest.n8n.credentials]) expect(files).toContain(file);
		for (const file of manifest.n8n.nodes) expect(files).toContain(file.replace(/\.js$/, '.json'));
		for (const file of sourcesOf('nodes', '.svg'))
			expect(files).toContain(`dist/nodes/${file.replaceAll('\\', '/')}`);
	});

	it('lists every node and credential there is', () => {
		const built = (folder: string, ending: string) =>
			sourcesOf(folder, ending)
				.map((file) => `dist/${folder}/${file.replaceAll('\\', '/').replace(/\.ts$/, '.js')}`)
				.sort();
		expect([...manifest.n8n.nodes].sort()).toEqual(built('nodes', '.node.ts'));
		expect([...manifest.n8n.credentials].sort()).toEqual(built('credentials', '.credentials.ts'));
	});

	it('holds the built-in models, their cards and licences, the readme, and nothing else', async () => {
		const files = await packedFiles();
		expect(files).toEqual(expect.arrayContaining(['package.json', 'README.md', 'LICENSE']));
		for (const model of ['multilingual-e5-small', 'minilm-int8', 'static-minilm-256'])
			expect(files).toEqual(
				expect.arrayContaining([`dist/models/${model}/README.md`, `dist/models/${model}/config.json`]),
			);
		expect(files).toEqual(
			expect.arrayContaining(
				['model.onnx', 'word_embeddings.q4_0', 'tokenizer.bin.gz', 'LICENSE'].map(
					(file) => `dist/models/multilingual-e5-small/${file}`,
				),
			),
		);
		const strangers = files.filter(
			(file) =>
				!['package.json', 'README.md', 'LICENSE'].includes(file) &&
				!/^dist\/(lib|nodes|credentials)\/.+\.(js|mjs|d\.ts|json|svg)$/.test(file) &&
				!/^dist\/models\/[a-z0-9-]+\/[\w.-]+$/.test(file) &&
				!/^dist\/vendor\/(?:tesseract\/|pdfjs\/)/.test(file),
		);
		expect(strangers).toEqual([]);
		expect(
			files.filter((file) => /(^|\/)(test|fixtures|node_modules)\/|\.env|fixtures\.json$/.test(file)),
		).toEqual([]);
	});

	it('has the scripts of all nodes and credentials in one file, which the files n8n is told of name', async () => {
		const scripts = (await packedFiles()).filter((file) =>
			/^dist\/(?:nodes|credentials)\/.*\.js$/.test(file),
		);
		expect(scripts.sort()).toEqual(
			[...manifest.n8n.nodes, ...manifest.n8n.credentials, 'dist/nodes/bundle.js'].sort(),
		);
	});

	it('breaks the rules of n8n’s scan that the docs explain, and no other', async () => {
		const { tarball } = await sharedHost();
		const folder = mkdtempSync(path.join(tmpdir(), 'local-engine-scan-'));
		try {
			execFileSync('tar', ['-xzf', tarball, '-C', folder]);
			expect(scan(path.join(folder, 'package'))).toEqual(explainedFindings('tarball'));
		} finally {
			rmSync(folder, { recursive: true });
		}
	});

	it('weighs at most 130 MB', async () => {
		const { tarball } = await sharedHost();
		expect(statSync(tarball).size).toBeLessThanOrEqual(130e6);
	});
});

describe('n8n with the package installed', () => {
	it('knows every node under its own name, with icon and description', async () => {
		const { client, url } = await sharedHost();
		const response = await fetch(`${url}/types/nodes.json`, { headers: { cookie: client.cookie } });
		const types = (await response.json()) as Array<{ name: string; description?: string; iconUrl?: unknown }>;
		for (const file of manifest.n8n.nodes) {
			const className = path.basename(file, '.node.js');
			const name = `${manifest.name}.${className.charAt(0).toLowerCase()}${className.slice(1)}`;
			const type = types.find((each) => each.name === name);
			expect(type).toBeDefined();
			expect(type?.description?.length).toBeGreaterThan(20);
			const icons = typeof type?.iconUrl === 'string' ? [type.iconUrl] : Object.values(type?.iconUrl ?? {});
			expect(icons.length).toBeGreaterThan(0);
			for (const icon of icons) {
				const answer = await fetch(`${url}/${String(icon)}`);
				expect(answer.status).toBe(200);
				expect(answer.headers.get('content-type')).toContain('svg');
			}
		}
	});

	it('loads nothing behind the entry points of lib before it is used', () => {
		const program = `
			for (const file of process.argv.slice(1)) { const [type] = Object.values(require(file)); new type(); }
			console.log(JSON.stringify(Object.keys(require.cache)));
		`;
		const files = [...manifest.n8n.nodes, ...manifest.n8n.credentials].map((file) => path.join(root, file));
		const printed = execFileSync(process.execPath, ['-e', program, ...files], {
			encoding: 'utf8',
			cwd: root,
		});
		const loaded = (JSON.parse(printed) as string[]).map((file) =>
			path.relative(root, file).replaceAll('\\', '/'),
		);
		expect(loaded).toContain('dist/lib/ingest/index.js');
		for (const work of [
			'ingest/sync',
			'ingest/migrate',
			'distillation/curate/curate',
			'engine/pool',
			'chunking/chunk',
		])
			expect(loaded).not.toContain(`dist/lib/${work}.js`);
		expect(loaded.filter((file) => /lancedb|apache-arrow|onnxruntime/.test(file))).toEqual([]);
	});

	it('knows the credential type', async () => {
		const { client, url } = await sharedHost();
		const response = await fetch(`${url}/types/credentials.json`, { headers: { cookie: client.cookie } });
		const types = (await response.json()) as Array<{ name: string }>;
		expect(types.map(({ name }) => name)).toContain('localEngineApi');
	});
});
