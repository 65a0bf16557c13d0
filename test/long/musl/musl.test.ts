// The pack on musl (Alpine, the base of n8n's Docker image) as an ordinary user that may write to one folder only: no /tmp, no variables.
import { spawnSync } from 'node:child_process';
import { chownSync, copyFileSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { muslRoot } from '../../support/muslRoot.cjs';

jest.setTimeout(900_000);

const USER = 1000;

/** Runs in the root; logs one line of JSON. */
const program = `
const fs = require('node:fs');
const lib = (name) => require('/pack/dist/lib/' + name);
const address = { backend: 'embedded', directory: '/data/local-engine/indexes', name: 'musl' };
const question = 'Where is the spare key?';
(async () => {
	let written;
	try { fs.writeFileSync('/pack/file', ''); written = true; } catch { written = false; }
	const { glibcVersionRuntime: glibc } = process.report.getReport().header;
	const { createIndex } = lib('vectorIndex');
	const { builtinEmbedder } = lib('embedding');
	const { syncInProcess } = lib('ingest');
	const fast = builtinEmbedder({ tier: 'fast' });
	const { model, dimensions, id } = await fast.fingerprint();
	const index = await createIndex(address, { model, dimensions, fingerprint: id });
	const documents = [
		{ source: 'keys.md', text: 'The spare key hangs behind the blue door.' },
		{ source: 'soup.md', text: 'The canteen serves soup on Mondays.' },
		{ source: 'handbook.pdf', file: { data: fs.readFileSync('/handbook.pdf'), name: 'handbook.pdf' } },
	];
	const run = syncInProcess(documents, { address, chunking: { method: 'recursive', size: 500, overlap: 0 }, mode: 'add' });
	const outcomes = {};
	for (;;) {
		const { done, value } = await run.next();
		if (done) break;
		outcomes[value.source] = value.state;
	}
	const { syncProcessPid } = lib('ingest/process/process');
	const vector = await fast.embedQuery(question);
	const [hit] = await index.search({ mode: 'hybrid', text: question, vector, limit: 1 });
	const accurate = await builtinEmbedder({ tier: 'multilingual' }).embedQuery(question);
	const temporary = require('node:os').tmpdir();
	const ownProcess = syncProcessPid() !== undefined;
	console.log(JSON.stringify({ glibc: glibc ?? null, user: process.getuid(), written, outcomes, ownProcess, hit: hit.source ?? hit.point?.source, accurate: accurate.length, temporary }));
	process.exit();
})().catch((error) => { console.error(error); process.exit(1); });
`;

test('embedded index, process that stores, encoder and PDF work on musl with one folder to write to', () => {
	const root = muslRoot();
	const data = path.join(root, 'data');
	rmSync(data, { recursive: true, force: true });
	mkdirSync(data);
	chownSync(data, USER, USER);
	copyFileSync(
		path.join(__dirname, '../../../workflows/samples/employee-handbook.pdf'),
		path.join(root, 'handbook.pdf'),
	);
	writeFileSync(path.join(root, 'program.cjs'), program);
	const { stdout, stderr, status } = spawnSync(
		'unshare',
		[
			// a mount of its own, which ends with it
			...['--mount', 'sh', '-c'],
			`mount -t proc proc ${root}/proc && exec env -i HOME=/data PATH=/usr/bin "$(command -v chroot)" --userspec=${USER}:${USER} ${root} /usr/bin/node /program.cjs`,
		],
		{ encoding: 'utf8' },
	);
	expect([status, stderr]).toEqual([0, '']);
	expect(JSON.parse(stdout)).toEqual({
		glibc: null,
		user: USER,
		written: false,
		outcomes: { 'keys.md': 'added', 'soup.md': 'added', 'handbook.pdf': 'added' },
		ownProcess: true,
		hit: 'keys.md',
		accurate: 384,
		temporary: '/data/local-engine/indexes/.temporary',
	});
});
