// Small things several benches need.
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/** Starts a bench process that sends `{ port }` when it is up. */
export async function startProcess(file, args = []) {
	const child = fork(file, args, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
	const [{ port }] = await once(child, 'message');
	return {
		child,
		port,
		url: `http://127.0.0.1:${port}`,
		stop: async () => {
			if (child.exitCode !== null || child.signalCode !== null) return;
			const gone = once(child, 'exit');
			child.kill('SIGKILL');
			await gone;
		},
	};
}

export function quantile(values, q) {
	const sorted = [...values].sort((a, b) => a - b);
	const position = (sorted.length - 1) * q;
	const low = sorted[Math.floor(position)] ?? 0;
	const high = sorted[Math.ceil(position)] ?? 0;
	return low + (high - low) * (position - Math.floor(position));
}

export const median = (values) => quantile(values, 0.5);

/** Runs `work(i)` for i in 0…count-1, `lanes` at a time. */
export async function inLanes(count, lanes, work) {
	let next = 0;
	const lane = async () => {
		for (let i = next++; i < count; i = next++) await work(i);
	};
	await Promise.all(Array.from({ length: Math.min(lanes, count) }, lane));
}

/** CPU seconds of this process that `work` took, and wall seconds. */
export async function timed(work) {
	const cpu = process.cpuUsage();
	const started = performance.now();
	const value = await work();
	const used = process.cpuUsage(cpu);
	return {
		value,
		cpuSeconds: (used.user + used.system) / 1e6,
		wallSeconds: (performance.now() - started) / 1e3,
	};
}

setFlagsFromString('--expose-gc');
const gc = runInNewContext('gc');

/** Bytes of live JavaScript objects and their buffers. */
export function liveBytes() {
	gc();
	gc();
	const { heapUsed, external } = process.memoryUsage();
	return heapUsed + external;
}
