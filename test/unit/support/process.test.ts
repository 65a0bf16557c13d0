import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { getPriority } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { OwnProcess, ProcessPool, type Ending, type PoolSettings } from '../../../lib/support';
import type { Order } from '../../fixtures/processes/echo';

jest.setTimeout(60_000);

const program = path.join(__dirname, '../../fixtures/processes/echo');
const SLOW = 60_000;

const isRunning = (pid: number): boolean => {
	try {
		return process.kill(pid, 0);
	} catch {
		return false;
	}
};
async function until(condition: () => boolean): Promise<void> {
	while (!condition()) await sleep(10);
}

const ending = (child: OwnProcess<Order, unknown>): Promise<Ending> =>
	new Promise((resolve) => child.once('end', resolve));
const answer = (child: OwnProcess<Order, unknown>): Promise<unknown> =>
	new Promise((resolve) => child.once('message', resolve));

describe('a process of our own', () => {
	const started: Array<OwnProcess<Order, unknown>> = [];
	const start = (settings: Partial<PoolSettings> = {}): OwnProcess<Order, unknown> => {
		const child = new OwnProcess<Order, unknown>({ program, ...settings });
		started.push(child);
		child.setBusy(true);
		return child;
	};
	afterEach(() => started.splice(0).forEach((child) => child.kill()));

	it('answers, gives way to us, and knows nothing of our secrets', async () => {
		process.env.SOME_API_KEY = 'secret';
		const child = start({ nice: 7 });
		delete process.env.SOME_API_KEY;
		const big = new Uint8Array(1000).fill(7);
		void child.send({ do: 'echo', value: { big } });
		expect(await answer(child)).toEqual({ big });
		// We may have a low priority ourselves.
		const lower = Math.min(getPriority() + 7, 19);
		expect(getPriority(child.pid ?? 0)).toBe(lower);
		// Each thread of Linux has a priority of its own.
		const threads = execFileSync('ps', ['-L', '-o', 'ni=', '-p', String(child.pid)], { encoding: 'utf8' });
		expect(new Set(threads.trim().split(/\s+/))).toEqual(new Set([String(lower)]));
		void child.send({ do: 'environment' });
		expect(Object.keys((await answer(child)) as object)).not.toContain('SOME_API_KEY');
	});

	it('that is stopped is ended while it has work, and its end says why', async () => {
		const child = start({ silentMs: 2_000 });
		void child.send({ do: 'echo', value: 1 });
		await answer(child);
		process.kill(child.pid ?? 0, 'SIGSTOP');
		expect(await ending(child)).toEqual({
			cause: 'hung',
			reason: 'it did not react for 2 s and was ended',
		});
		expect(isRunning(child.pid ?? 0)).toBe(false);
	});

	it('whose native code never returns is ended too', async () => {
		const child = start({ silentMs: 2_000 });
		void child.send({ do: 'block' });
		expect(await ending(child)).toMatchObject({ cause: 'hung' });
	});

	it('that works in silence and reacts is left alone', async () => {
		const child = start({ silentMs: 1_000 });
		const ended = jest.fn();
		child.once('end', ended);
		void child.send({ do: 'nothing' });
		await sleep(4_000);
		expect(ended).not.toHaveBeenCalled();
	});

	it('ends when it has no work for a while, and takes none from then on', async () => {
		const child = start({ idleMs: 100 });
		void child.send({ do: 'echo', value: 1 });
		await answer(child);
		child.setBusy(false);
		await ending(child);
		expect(child.usable).toBe(false);
	});

	it('tells how it ended: killed, by its own code with its last words, without memory, or never started', async () => {
		const killed = start();
		void killed.send({ do: 'echo', value: 1 });
		await answer(killed);
		process.kill(killed.pid ?? 0, 'SIGKILL');
		expect(await ending(killed)).toEqual({ cause: 'ended', reason: 'it was ended by SIGKILL' });

		const failed = start();
		void failed.send({ do: 'exit' });
		expect(await ending(failed)).toEqual({
			cause: 'ended',
			reason: 'it ended with code 3: I have had enough',
		});

		const full = start({ heapBytes: 30 * 2 ** 20 });
		void full.send({ do: 'fill' });
		expect(await ending(full)).toEqual({ cause: 'memory', reason: 'its memory was full' });

		const missing = start({ program: path.join(__dirname, 'nothing here') });
		expect(await ending(missing)).toMatchObject({
			cause: 'ended',
			reason: expect.stringContaining('nothing here'),
		});
	});

	it('does not outlive us, even when it is stopped', async () => {
		const parent = path.join(__dirname, '../../fixtures/processes/parent.ts');
		const loader = path.join(__dirname, '../../support/typescript.cjs');
		const output = execFileSync(process.execPath, ['-r', loader, parent], { encoding: 'utf8' });
		const [free = 0, stopped = 0] = output.trim().split(' ').map(Number);
		expect(free * stopped).toBeGreaterThan(0);
		await until(() => !isAlive(free) && !isAlive(stopped));
	});
});

/** A process whose parent is gone may stay as a zombie where nobody collects them. */
function isAlive(pid: number): boolean {
	if (!isRunning(pid)) return false;
	if (process.platform !== 'linux') return true;
	return !/\) Z /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
}

describe('a pool of processes', () => {
	const pools: Array<ProcessPool<Order, unknown>> = [];
	const pool = (settings: Partial<PoolSettings> = {}): ProcessPool<Order, unknown> => {
		const made = new ProcessPool<Order, unknown>({ program, limit: 2, idleMs: 500, ...settings });
		pools.push(made);
		return made;
	};
	const echo = async (
		processes: ProcessPool<Order, unknown>,
		value: unknown,
		settings: { deadlineMs?: number; signal?: AbortSignal; hold?: Promise<unknown> } = {},
	): Promise<unknown> =>
		await processes.use(
			async (child) => {
				const answered = answer(child);
				await child.send({ do: 'echo', value });
				const result = await answered;
				await settings.hold;
				return { result };
			},
			{ deadlineMs: SLOW, ...settings },
		);
	const order = (processes: ProcessPool<Order, unknown>, what: Order['do'], deadlineMs = SLOW) =>
		processes.use(
			async (child) => {
				await child.send({ do: what });
				return { result: await answer(child) };
			},
			{ deadlineMs },
		);
	afterEach(async () => await until(() => pools.every(({ pids }) => pids.length === 0)));

	it('starts none before there is work, never more than its limit, keeps them for the next, ends them when idle', async () => {
		const processes = pool({ idleMs: 1_000 });
		expect(processes.pids).toEqual([]);
		const seen = new Set<number>();
		const answers = Array.from({ length: 12 }, async (_, at) => {
			const result = await echo(processes, at);
			for (const pid of processes.pids) seen.add(pid);
			expect(processes.pids.length).toBeLessThanOrEqual(2);
			return result;
		});
		expect(await Promise.all(answers)).toEqual(Array.from({ length: 12 }, (_, at) => at));
		expect(seen.size).toBe(2);
		await until(() => processes.pids.length === 0);
		expect(await echo(processes, 'again')).toBe('again');
	});

	it('replaces a process after its last use, and one that is not to be kept', async () => {
		const processes = pool({ limit: 1, maxUses: 2 });
		const pids: number[] = [];
		for (let at = 0; at < 4; at++) {
			await processes.use(
				async (child) => {
					pids.push(child.pid ?? 0);
					return { result: undefined, keep: at !== 2 };
				},
				{ deadlineMs: SLOW },
			);
		}
		const [a, b, c, d] = pids;
		expect(a).toBe(b);
		expect(new Set([b, c, d]).size).toBe(3);
	});

	it('fails the work of a process that dies, hangs or takes too long, and no other', async () => {
		const processes = pool({ silentMs: 2_000 });
		const outcomes = await Promise.allSettled([
			order(processes, 'exit'),
			order(processes, 'block'),
			order(processes, 'nothing', 1_500),
			echo(processes, 'fine'),
			echo(processes, 'too'),
		]);
		expect(outcomes).toMatchObject([
			{ reason: { kind: 'ended', message: 'it ended with code 3: I have had enough' } },
			{ reason: { kind: 'hung' } },
			{ reason: { kind: 'deadline', message: 'it was not done within 2 s' } },
			{ value: 'fine' },
			{ value: 'too' },
		]);
	});

	it('ends the process of work that is cancelled, and lets cancelled work not wait', async () => {
		const processes = pool({ limit: 1 });
		const controller = new AbortController();
		const { signal } = controller;
		const never = new Promise(() => undefined);
		const first = echo(processes, 1, { signal, hold: never });
		const second = echo(processes, 2, { signal });
		const third = echo(processes, 3);
		await until(() => processes.pids.length === 1);
		const [pid = 0] = processes.pids;
		controller.abort(new Error('enough'));
		await expect(first).rejects.toThrow('enough');
		await expect(second).rejects.toThrow('enough');
		expect(await third).toBe(3);
		expect(processes.pids).not.toContain(pid);
	});

	it('leaves a process to others: of two pieces of long work one gives way, and is done again after the other', async () => {
		const processes = pool();
		const began: string[] = [];
		const holds = new Map(['a', 'b'].map((name) => [name, Promise.withResolvers<void>()]));
		const long = (name: string): Promise<string> =>
			processes.use(
				async () => {
					began.push(name);
					await holds.get(name)?.promise;
					return { result: name };
				},
				{ deadlineMs: SLOW, longAfterMs: 100 },
			);
		const done: string[] = [];
		const results = ['a', 'b'].map(async (name) => done.push(await long(name)));
		await sleep(400);
		// Nobody waits: both go on.
		expect(began).toEqual(['a', 'b']);
		for (const value of [1, 2, 3]) expect(await echo(processes, value)).toBe(value);
		expect({ began, done }).toEqual({ began: ['a', 'b'], done: [] });
		holds.get('a')?.resolve();
		await until(() => began.length === 3);
		expect({ began, done }).toEqual({ began: ['a', 'b', 'b'], done: ['a'] });
		expect(await echo(processes, 4)).toBe(4);
		holds.get('b')?.resolve();
		await Promise.all(results);
		expect(done).toEqual(['a', 'b']);
	});

	it('makes room at once where others wait already when work becomes long, and lets it be cancelled in its line', async () => {
		const processes = pool();
		const never = new Promise(() => undefined);
		const controllers = [new AbortController(), new AbortController()];
		const long = controllers.map(({ signal }) =>
			processes.use(async () => ({ result: await never }), { deadlineMs: SLOW, longAfterMs: 200, signal }),
		);
		const ends = Promise.allSettled(long);
		expect(await Promise.all([1, 2].map((value) => echo(processes, value)))).toEqual([1, 2]);
		controllers[1]?.abort(new Error('enough'));
		await expect(long[1]).rejects.toThrow('enough');
		controllers[0]?.abort(new Error('enough too'));
		await expect(long[0]).rejects.toThrow('enough too');
		await ends;
		expect(await Promise.all([1, 2, 3].map((value) => echo(processes, value)))).toEqual([1, 2, 3]);
	});

	it('refuses more work than may wait', async () => {
		const processes = pool({ limit: 1, maxWaiting: 2 });
		const taken = [1, 2, 3].map((value) => echo(processes, value));
		await expect(echo(processes, 4)).rejects.toMatchObject({ kind: 'overloaded' });
		expect(await Promise.all(taken)).toEqual([1, 2, 3]);
	});

	it('gives work whose process was just told to end for idleness a new one', async () => {
		const processes = pool({ limit: 1, idleMs: 0 });
		for (let at = 0; at < 20; at++) {
			expect(await echo(processes, at)).toBe(at);
			await sleep(at % 3);
		}
	});
});
