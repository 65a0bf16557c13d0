import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePort } from '../../host/ports.cjs';

export interface TestRedis {
	readonly port: number;
	stop(): Promise<void>;
}

/** A real Redis in a temporary folder on a free port, or the reason why there is none; with CI=true that is an error. */
export async function startRedis(): Promise<TestRedis | string> {
	const binary = [
		'/usr/bin/redis-server',
		'/usr/local/bin/redis-server',
		'/opt/homebrew/bin/redis-server',
	].find(existsSync);
	if (!binary) {
		const reason = 'Redis is not installed (Debian: apt-get install redis-server)';
		if (process.env.CI === 'true') throw new Error(reason);
		return reason;
	}
	const folder = mkdtempSync(path.join(tmpdir(), 'redis-'));
	const port = await freePort();
	const server = spawn(
		binary,
		['--port', String(port), '--bind', '127.0.0.1', '--dir', folder, '--save', '', '--daemonize', 'no'],
		{ stdio: 'ignore' },
	);
	const exited = new Promise((resolve) => server.once('exit', resolve));
	for (let attempt = 0; !(await answers(port)); attempt++) {
		if (attempt > 100) throw new Error('Redis did not start');
		await sleep(50);
	}
	return {
		port,
		stop: async () => {
			server.kill();
			await exited;
			rmSync(folder, { recursive: true, force: true });
		},
	};
}

const answers = async (port: number): Promise<boolean> =>
	await new Promise((resolve) => {
		const socket = connect(port, '127.0.0.1', () => {
			socket.end();
			resolve(true);
		});
		socket.once('error', () => resolve(false));
	});
