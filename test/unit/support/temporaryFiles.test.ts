import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

const root = path.join(__dirname, '..', '..', '..');
const data = mkdtempSync(path.join(tmpdir(), 'local-engine-data-'));
afterAll(() => rmSync(data, { recursive: true, force: true }));

/** In a process of its own: a test runner has a copy of the environment, which the system does not look at. */
function foldersWith(temporary: string): unknown {
	const { stdout, stderr } = spawnSync(
		process.execPath,
		[
			...['-r', path.join(root, 'test', 'support', 'typescript.cjs'), '-e'],
			`const { temporaryFilesIn } = require(${JSON.stringify(path.join(root, 'lib', 'support', 'temporaryFiles.ts'))});
			const data = ${JSON.stringify(data)};
			(async () => {
				const first = await temporaryFilesIn(data);
				console.log(JSON.stringify([first, await temporaryFilesIn(data), process.env.TMPDIR, require('node:os').tmpdir()]));
			})();`,
		],
		{ encoding: 'utf8', cwd: root, env: { ...process.env, TMPDIR: temporary } },
	);
	if (stderr !== '') throw new Error(stderr);
	return JSON.parse(stdout);
}

describe('temporary files', () => {
	it('are where the system has them', () => {
		expect(foldersWith(tmpdir())).toEqual(Array(4).fill(tmpdir()));
	});

	it('are in the data folder where the system has none, for everything that asks for TMPDIR', () => {
		const folder = path.join(data, '.temporary');
		expect(foldersWith(path.join(data, 'not-there'))).toEqual(Array(4).fill(folder));
		expect(statSync(folder).isDirectory()).toBe(true);
	});
});
