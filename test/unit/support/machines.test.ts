// Whether other machines use a folder: containers with new names, restarts and moves are no reason for an alarm.
import { mkdtempSync, readdirSync, rmSync, utimesSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { MachineWatch, thisMachine } from '../../../lib/support';

let folder = '';
let clock = 0;
beforeEach(() => {
	folder = mkdtempSync(path.join(tmpdir(), 'machines-'));
	clock = 0;
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const watchOf = (id: string, name = id): MachineWatch =>
	new MachineWatch(folder, Promise.resolve({ id: id.repeat(16).slice(0, 16), name }));
/** Each looks in turn, long enough apart for the times of files to differ. */
async function turn(...watches: MachineWatch[]): Promise<void> {
	for (const watch of watches) await watch.look((clock += 30_000));
	await sleep(20);
}

it('sees another machine that works at the same time, and forgets it when it has stopped', async () => {
	const [one, two] = [watchOf('a', 'n8n-a'), watchOf('b', 'n8n-b')];
	await turn(one, two);
	expect([one.others(clock), two.others(clock)]).toEqual([[], []]);
	await turn(one, two);
	await turn(one, two);
	expect([one.others(clock), two.others(clock)]).toEqual([['n8n-b'], ['n8n-a']]);
	expect(one.others(clock + 11 * 60_000)).toEqual([]);
});

it('says nothing of a machine that is gone: a restart under another name, a pod that moved to another host', async () => {
	await turn(watchOf('a', 'before'));
	const after = watchOf('b', 'after');
	for (let round = 0; round < 5; round++) await turn(after);
	expect(after.others(clock)).toEqual([]);
});

it('counts all containers of a machine as one, whatever they are called', async () => {
	const [one, two] = [watchOf('a', 'web-1'), watchOf('a', 'web-2')];
	for (let round = 0; round < 3; round++) await turn(one, two);
	expect([one.others(clock), two.others(clock)]).toEqual([[], []]);
	expect(await thisMachine()).toEqual(await thisMachine());
});

it('removes what machines of long ago have left', async () => {
	await turn(watchOf('a'));
	const [file = ''] = readdirSync(path.join(folder, 'machines'));
	utimesSync(path.join(folder, 'machines', file), new Date(0), new Date(0));
	await turn(watchOf('b'));
	expect(readdirSync(path.join(folder, 'machines'))).not.toContain(file);
});
