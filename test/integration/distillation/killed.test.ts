// Curation and export are killed at twenty moments: what stands under the set's name is always a whole set, and the same one.
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import { recordStore, toRecord, type Manifest } from '../../../lib/distillation';
import { seededRandom } from '../../../lib/support';
import { cacheFolder, compileDistillation } from './compiled';

jest.setTimeout(300_000);

const ROWS = 1500;
const KILLS = 20;

let folder: string;
let entryPoint: string;
let database: string;
beforeAll(async () => {
	mkdirSync(cacheFolder, { recursive: true });
	folder = mkdtempSync(join(cacheFolder, 'killed-'));
	entryPoint = compileDistillation(folder);
	database = join(folder, 'records.sqlite');
	const store = await recordStore({ backend: 'sqlite', file: database });
	const random = seededRandom(8);
	const words = (count: number) =>
		Array.from({ length: count }, () => `w${Math.floor(random() * 9000)}`).join(' ');
	const records = Array.from({ length: ROWS }, (_, number) =>
		toRecord({
			id: `r${number}`,
			prompt: `${words(10)}?`,
			answer: words(50),
			conversation: `c${number % 500}`,
		}),
	);
	await store.append(records);
	await store.close();
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Runs the child; kills it so many milliseconds after it began to work. */
async function run(
	workspace: string,
	killAfter?: number,
): Promise<{ readonly output: string; readonly ms: number }> {
	const child = spawn(process.execPath, [
		join(__dirname, 'curator.cjs'),
		entryPoint,
		database,
		workspace,
		join(workspace, 'set'),
	]);
	let output = '';
	let errors = '';
	let started = 0;
	child.stderr.on('data', (data) => (errors += String(data)));
	child.stdout.on('data', (data) => {
		output += String(data);
		if (started > 0) return;
		started = performance.now();
		if (killAfter !== undefined) setTimeout(() => child.kill('SIGKILL'), killAfter);
	});
	await new Promise((resolve) => child.once('close', resolve));
	expect(errors).toBe('');
	return { output, ms: performance.now() - started };
}

/** The files of the set that stands under its name, each checked against the manifest. */
function hashes(workspace: string): string[] {
	const set = join(workspace, 'set');
	const manifest = JSON.parse(readFileSync(join(set, 'manifest.json'), 'utf8')) as Manifest;
	return manifest.files.map(({ path, sha256 }) => {
		expect(
			createHash('sha256')
				.update(readFileSync(join(set, path)))
				.digest('hex'),
		).toBe(sha256);
		return `${path} ${sha256}`;
	});
}

test('killed at any moment, a run leaves the whole set of before or none, and the next run makes the same set', async () => {
	const calm = mkdtempSync(join(folder, 'calm-'));
	const whole = await run(calm);
	const expected = hashes(calm);
	expect(expected.length).toBeGreaterThan(3);
	const random = seededRandom(20);
	let interrupted = 0;
	// The first half meets an empty place, the second a set that stands.
	for (const standing of [false, true]) {
		const workspace = mkdtempSync(join(folder, 'killed-'));
		if (standing) await run(workspace);
		// Replacing a set has moments of its own: the kills fall over the time that it takes.
		const { ms } = standing ? await run(workspace) : whole;
		for (let kill = 0; kill < KILLS / 2; kill++) {
			const { output } = await run(workspace, random() * ms);
			if (output.split('\n').length < 3) interrupted++;
			if (existsSync(join(workspace, 'set'))) expect(hashes(workspace)).toEqual(expected);
			else expect(readdirSync(workspace).some((name) => name.includes('.previous-'))).toBe(standing);
		}
		await run(workspace);
		expect(hashes(workspace)).toEqual(expected);
		expect(readdirSync(workspace).filter((name) => name.includes('.previous-'))).toEqual([]);

		// What the killed runs left is swept up once it is a day old.
		const day = Date.now() / 1000 - 25 * 3600;
		const left = readdirSync(workspace).filter((name) => name !== 'set');
		for (const name of left) {
			for (const inner of readdirSync(join(workspace, name), { recursive: true, encoding: 'utf8' }))
				utimesSync(join(workspace, name, inner), day, day);
			utimesSync(join(workspace, name), day, day);
		}
		await run(workspace);
		expect(readdirSync(workspace)).toEqual(['set']);
	}
	expect(interrupted).toBeGreaterThan(KILLS / 2);
});
