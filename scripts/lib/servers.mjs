import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';

const FOLDERS = ['/usr/bin', '/usr/local/bin', '/usr/sbin', '/opt/homebrew/bin'];
const postgresFolders = () =>
	existsSync('/usr/lib/postgresql')
		? readdirSync('/usr/lib/postgresql').map((version) => `/usr/lib/postgresql/${version}/bin`)
		: [];
const isThere = (program, where) => where.some((folder) => existsSync(`${folder}/${program}`));

const SERVERS = [
	{
		name: 'Postgres',
		package: 'postgresql',
		found: () => isThere('initdb', [...postgresFolders(), ...FOLDERS]),
	},
	{ name: 'Redis', package: 'redis-server', found: () => isThere('redis-server', FOLDERS) },
];

/**
 * The servers that some integration tests start for themselves, installed by apt where this runs as root on Debian or
 * Ubuntu. Returns a sentence for each that is missing.
 */
export function ensureServers() {
	const missing = () => SERVERS.filter(({ found }) => !found());
	if (missing().length > 0 && process.platform === 'linux' && process.getuid?.() === 0) {
		console.error(
			`Installing ${missing()
				.map(({ name }) => name)
				.join(' and ')} with apt …`,
		);
		const apt = (...args) =>
			spawnSync('apt-get', args, {
				encoding: 'utf8',
				// nothing is to be started now: the tests start their own
				env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive', RUNLEVEL: '1' },
			});
		apt('update');
		apt('install', '-y', '--no-install-recommends', ...missing().map((server) => server.package));
	}
	return missing().map(
		({ name, package: debian }) => `${name} is not installed (Debian: apt-get install ${debian})`,
	);
}
