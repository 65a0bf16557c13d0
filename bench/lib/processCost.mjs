// What work costs processes: CPU time and memory, on Linux; and how long the event loop of this one is held.
import { readFileSync } from 'node:fs';

/** CPU seconds that processes take for some work; where they are not known, seconds. */
export async function spent(work, ...pids) {
	const before = pids.map(cpuSecondsOf);
	const started = performance.now();
	await work();
	const wall = (performance.now() - started) / 1000;
	const after = pids.map(cpuSecondsOf);
	return before.includes(undefined) ? wall : after.reduce((sum, cpu, i) => sum + cpu - before[i], 0);
}

/** User and system time of a process in seconds (proc_pid_stat(5): fields 14 and 15, in hundredths). */
export function cpuSecondsOf(pid) {
	try {
		const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
			.replace(/^.*\) /, '')
			.split(' ');
		return (Number(fields[11]) + Number(fields[12])) / 100;
	} catch {
		return undefined;
	}
}

/** Resident memory of a process in MB. */
export function residentMegabytes(pid) {
	try {
		const [, kilobytes] = /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
		return kilobytes === undefined ? undefined : Number(kilobytes) / 1000;
	} catch {
		return undefined;
	}
}

/** The longest time between two turns of the event loop (timers of 1 ms), in milliseconds: by the clock, and of CPU. */
export function watchTurns() {
	const most = { cpu: 0, wall: 0 };
	let wall = performance.now();
	let cpu = process.cpuUsage();
	const timer = setInterval(() => {
		const { user, system } = process.cpuUsage(cpu);
		most.cpu = Math.max(most.cpu, (user + system) / 1000);
		most.wall = Math.max(most.wall, performance.now() - wall);
		wall = performance.now();
		cpu = process.cpuUsage();
	}, 1);
	return {
		stop: () => {
			clearInterval(timer);
			return most;
		},
	};
}
