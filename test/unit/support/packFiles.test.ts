// The pack's files are moved away and replaced while its code runs, as n8n does it when it updates a package.
import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

const root = path.join(__dirname, '..', '..', '..');
const folder = mkdtempSync(path.join(tmpdir(), 'pack-files-'));
const pack = path.join(folder, 'pack');
const install = (version: string) => {
	rmSync(pack, { recursive: true, force: true });
	mkdirSync(path.join(pack, 'lib'), { recursive: true });
	cpSync(path.join(root, 'lib', 'support'), path.join(pack, 'lib', 'support'), { recursive: true });
	writeFileSync(path.join(pack, 'package.json'), JSON.stringify({ name: 'pack', version }));
};

/** Runs a program in a process of its own that has loaded the pack; resolves to what it logged, line for line. */
function run(program: string): unknown[] {
	install('1.0.0');
	const { stdout, stderr } = spawnSync(
		process.execPath,
		[
			...['-r', path.join(root, 'test', 'support', 'typescript.cjs'), '-e'],
			`const fs = require('node:fs');
			const pack = require(${JSON.stringify(path.join(pack, 'lib', 'support', 'packFiles.ts'))});
			const manifest = ${JSON.stringify(path.join(pack, 'package.json'))};
			const log = (value) => console.log(JSON.stringify(value));
			const failure = (work) => { try { return work(); } catch (error) { return [error.kind ?? 'other', error.message]; } };
			(async () => { ${program} })();`,
		],
		{ encoding: 'utf8', cwd: root },
	);
	if (stderr !== '') throw new Error(stderr);
	return stdout
		.trim()
		.split('\n')
		.map((line) => JSON.parse(line) as unknown);
}

afterAll(() => rmSync(folder, { recursive: true, force: true }));

const away = `fs.renameSync(manifest, manifest + '.backup');`;
const back = `fs.renameSync(manifest + '.backup', manifest);`;
const update = `fs.writeFileSync(manifest, JSON.stringify({ name: 'pack', version: '1.1.0' }));`;

describe('the files of the pack', () => {
	it('are ours while nothing happens to them', () => {
		expect(
			run(`log([pack.packFiles(), pack.packNotice() ?? null, pack.withPackNotice('Failed.')]);`),
		).toEqual([['ours', null, 'Failed.']]);
	});

	it('while they are away, nothing is loaded, and the error says: try again', () => {
		const [state, error] = run(
			`${away} log(pack.packFiles()); log(failure(() => pack.loadPart(() => 'loaded')));`,
		);
		expect(state).toBe('missing');
		expect(error).toEqual(['updating', expect.stringMatching(/Try again in a minute\. .*restart n8n/)]);
	});

	it('after an update nothing of the new version is loaded into the old one; every error says so once', () => {
		const [state, error, message, again] = run(
			`${update} log(pack.packFiles()); log(failure(() => pack.loadPart(() => 'loaded')));
			const message = pack.withPackNotice('Failed.'); log(message); log(pack.withPackNotice(message) === message);`,
		);
		expect(state).toBe('replaced');
		expect(error).toEqual(['updating', expect.stringContaining('updated from 1.0.0 to 1.1.0')]);
		expect(message).toMatch(/^Failed\. .*1\.1\.0.*restart n8n\.$/);
		expect(again).toBe(true);
	});

	it('the same version installed again is another installation', () => {
		const again = `fs.utimesSync(manifest, new Date(1e12), new Date(1e12));`;
		expect(run(`${again} log(pack.packFiles());`)).toEqual(['replaced']);
	});

	it('a part that could not be loaded is tried again; one that was is there without its files', () => {
		const lines = run(
			`let calls = 0; const part = pack.lazyPart(() => { calls++; if (calls === 1) throw new Error('not yet'); return calls; });
			log(await part().catch((error) => error.message));
			log(await part());
			${away} log(await part());`,
		);
		expect(lines).toEqual(['not yet', 2, 2]);
	});

	const ticking = `
		const real = global.setInterval;
		let tick; global.setInterval = (work) => { tick = work; return { unref: () => 1 }; };
		pack.whenUnloaded(log);
		pack.whenUnloaded(() => log('taken back'))();
		const forgetModules = () => { for (const file of Object.keys(require.cache)) delete require.cache[file]; };`;

	it('who waits until the code is unloaded is told of the removal when n8n has forgotten the modules too', () => {
		const lines = run(
			`${ticking}
			${away} tick(); log('moved away');
			${back} forgetModules(); tick(); log('forgotten');
			${away} tick();
			global.setInterval = real;`,
		);
		expect(lines).toEqual(['moved away', 'forgotten', 'removed']);
	});

	it('who waits until the code is unloaded is told of an update when n8n has loaded the new files', () => {
		const lines = run(
			`${ticking}
			${away} tick(); log('moved away');
			${back} ${update} tick(); log('new files');
			forgetModules(); tick(); log('forgotten');
			require(${JSON.stringify(path.join(pack, 'lib', 'support', 'packFiles.ts'))}); tick();
			global.setInterval = real;`,
		);
		expect(lines).toEqual(['moved away', 'new files', 'forgotten', 'updated']);
	});
});
