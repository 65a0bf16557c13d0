// Stop in n8n: what an operation of its own machine has begun (processes, open files, files that are half written) is gone five
// seconds later, whenever it was stopped. What is kept for the next run (a database, an idle process) was there after a whole run.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, rmSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { docxOf } from '../../../../host/attacks.cjs';
import { children, openFiles, unfinishedFiles } from '../../../support/leftovers';
import { outputOf } from '../../../support/operation';
import { randomSource } from '../../../support/random';
import { folderOf, operations, useFolderForAll } from '../tenants/tenants';
import { bases, prepare } from '../values/bases';

jest.setTimeout(120_000);

const MOST_MS = 5_000;
/** Times at which each operation is stopped. */
const STOPS = 4;

useFolderForAll();
beforeAll(async () => await prepare());

/** A file that takes its reader seconds. */
const LARGE = 'localEngine: text.read, a large file';
const NAMES = [...[...operations.keys()].filter((name) => name in bases), LARGE];
const large = docxOf(400_000);

const random = randomSource(17);

async function run(wanted: string, signal?: AbortSignal): Promise<number> {
	const [name = ''] = wanted.split(',');
	const operation = operations.get(name);
	const base = bases[name];
	if (!operation || !base) throw new Error(`There is no base for "${name}"`);
	const before = performance.now();
	await outputOf(operation, {
		...base,
		...(wanted === LARGE && { fileOf: () => large }),
		parameters: { ...base.parameters, ...('confirm' in base.parameters && { confirm: 'kb' }) },
		node: { credentials: {} },
		...(signal && { signal }),
	}).catch((error: unknown) => error);
	return performance.now() - before;
}

const counts = () => ({
	files: openFiles(folderOf()).length,
	processes: children().length,
	unfinished: unfinishedFiles(folderOf()),
});

const isLinux = process.platform === 'linux';

(isLinux ? it : it.skip)('counts what is open, and what runs', async () => {
	const before = counts();
	const file = openSync(folderOf('a.writing'), 'w');
	const child = spawn(process.execPath, ['--eval', 'setInterval(() => {}, 1000)']);
	const during = counts();
	const ended = once(child, 'exit');
	child.kill();
	await ended;
	closeSync(file);
	rmSync(folderOf('a.writing'));
	expect(during).toEqual({
		files: before.files + 1,
		processes: before.processes + 1,
		unfinished: ['a.writing'],
	});
	expect(counts()).toEqual(before);
});

(isLinux ? it : it.skip).each(NAMES)('%s leaves nothing when it is stopped', async (name) => {
	const ms = Math.max(await run(name), await run(name));
	const kept = counts();
	for (let each = 0; each < STOPS; each++) {
		const stop = new AbortController();
		const work = run(name, stop.signal).then(() => true);
		await sleep(random() * Math.min(ms, 1_000));
		stop.abort();
		expect(await Promise.race([work, sleep(MOST_MS).then(() => false)])).toBe(true);
	}
	let left = counts();
	const isGone = () =>
		left.files <= kept.files && left.processes <= kept.processes && left.unfinished.length === 0;
	for (let waited = 0; !isGone() && waited < MOST_MS; waited += 50) {
		await sleep(50);
		left = counts();
	}
	expect(left.files).toBeLessThanOrEqual(kept.files);
	expect(left.processes).toBeLessThanOrEqual(kept.processes);
	expect(left.unfinished).toEqual([]);
});
