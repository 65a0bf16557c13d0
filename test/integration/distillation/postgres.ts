import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { chownSync, existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { StoreAddress } from '../../../lib/distillation';

/** Folder with initdb and postgres: Debian keeps them out of the PATH. */
function findBinaries(): string | undefined {
	const debian = '/usr/lib/postgresql';
	const folders = existsSync(debian)
		? readdirSync(debian).map((version) => join(debian, version, 'bin'))
		: [];
	return [...folders.reverse(), '/usr/local/bin', '/usr/bin'].find((folder) =>
		existsSync(join(folder, 'initdb')),
	);
}

export interface TestPostgres {
	readonly address: Extract<StoreAddress, { backend: 'postgres' }>;
	/** Kills the server as a power cut would. */
	readonly crash: () => Promise<void>;
	readonly start: () => Promise<void>;
	readonly stop: () => Promise<void>;
}

/**
 * A real Postgres in a temporary folder on a free port, or the reason why there is none. Postgres refuses to run as
 * root, so there it runs as the user `postgres` that its package made. With CI=true a missing one is an error.
 */
export async function startPostgres(): Promise<TestPostgres | string> {
	const binaries = findBinaries();
	if (binaries === undefined) {
		const reason = 'Postgres is not installed (Debian: apt-get install postgresql)';
		if (process.env.CI === 'true') throw new Error(reason);
		return reason;
	}
	const folder = mkdtempSync(join(tmpdir(), 'postgres-'));
	const identity = userInfo().uid === 0 ? { uid: idOf('-u'), gid: idOf('-g') } : {};
	if (identity.uid !== undefined) chownSync(folder, identity.uid, identity.gid);
	const password = 'p@ss word';
	const options = { ...identity, cwd: folder };
	const passwordFile = join(folder, 'password');
	execFileSync('sh', ['-c', `printf %s "$0" > "$1"`, password, passwordFile], options);
	execFileSync(
		join(binaries, 'initdb'),
		[
			'-D',
			'data',
			'-U',
			'n8n',
			'-A',
			'scram-sha-256',
			`--pwfile=${passwordFile}`,
			'-E',
			'UTF8',
			'--no-locale',
		],
		{ ...options, stdio: 'pipe' },
	);
	const port = await freePort();
	let server: ChildProcess | undefined;

	const exited = (child: ChildProcess) =>
		new Promise<void>((resolve) =>
			child.exitCode === null && child.signalCode === null ? child.once('exit', () => resolve()) : resolve(),
		);
	const start = async () => {
		server = spawn(
			join(binaries, 'postgres'),
			['-D', 'data', '-p', String(port), '-h', '127.0.0.1', '-k', folder],
			{ ...options, stdio: 'ignore' },
		);
		for (let attempt = 0; ; attempt++) {
			try {
				execFileSync(join(binaries, 'pg_isready'), ['-h', '127.0.0.1', '-p', String(port)], {
					stdio: 'ignore',
				});
				return;
			} catch (thrown) {
				if (attempt > 100) throw thrown;
				await sleep(100);
			}
		}
	};
	const end = async (signal: NodeJS.Signals) => {
		if (server === undefined) return;
		server.kill(signal);
		await exited(server);
		server = undefined;
	};
	await start();
	return {
		address: { backend: 'postgres', host: '127.0.0.1', port, database: 'postgres', user: 'n8n', password },
		// SIGQUIT is Postgres' immediate shutdown: no checkpoint, recovery from the log at the next start.
		crash: () => end('SIGQUIT'),
		start,
		stop: async () => {
			await end('SIGINT');
			rmSync(folder, { recursive: true, force: true });
		},
	};
}

function idOf(flag: '-u' | '-g'): number {
	return Number(execFileSync('id', [flag, 'postgres'], { encoding: 'utf8' }));
}

function freePort(): Promise<number> {
	return new Promise((resolve, reject) => {
		const server = createServer();
		server.once('error', reject);
		server.listen(0, '127.0.0.1', () => {
			const address = server.address();
			server.close(() =>
				address !== null && typeof address === 'object'
					? resolve(address.port)
					: reject(new Error('no port')),
			);
		});
	});
}
