// Starts the n8n of host/ on 127.0.0.1 with its data in a folder of its own. The one place that does: the demo
// (scripts/start.mjs), all tests (test/support/n8n.ts) and the benchmarks use it.
const { spawn } = require('node:child_process');
const { once } = require('node:events');
const { existsSync } = require('node:fs');
const path = require('node:path');
const { freePort } = require('./ports.cjs');

const ownModules = path.join(__dirname, 'node_modules');

/**
 * @typedef {object} StartOptions
 * @property {string} home      N8N_USER_FOLDER: database, encryption key and community nodes live in its `.n8n`
 * @property {string} [node]    the Node (≥ 24) to run it; default: the one running this
 * @property {string} [modules] node_modules with the n8n to start; default: those of host/
 * @property {number} [port]    default: a free one
 * @property {'start' | 'worker' | 'webhook'} [command]  which of n8n's processes; default `start`
 * @property {Record<string, string>} [env]  further environment
 * @property {string[]} [preload]  files handed to `node --require`
 * @property {number} [timeoutMs]  how long a start may take; default 180 s
 *
 * @typedef {object} N8nProcess
 * @property {string} url
 * @property {number} port
 * @property {number} pid
 * @property {number} startMs           from the spawn to the line that says the editor is up
 * @property {import('node:child_process').ChildProcess} child
 * @property {() => string} output      the last 200 kB of what it wrote
 * @property {() => Promise<void>} stop asks it to end, and ends it after 20 s
 * @property {() => Promise<void>} kill SIGKILL, as a power cut would
 * @property {Promise<number | null>} exited
 */

/** What n8n is told so that it is quiet, private and quick. @param {StartOptions & { port: number, brokerPort: number }} options */
function environment({ home, port, brokerPort, env, modules = ownModules }) {
	// It asks api.n8n.io at every start. Older n8n does not know it, and refuses to start when told of it.
	const registry = 'mcp-registry';
	const hasRegistry = existsSync(path.join(modules, 'n8n', 'dist', 'modules', registry));
	// nothing of an outer n8n, npm or jest (NODE_ENV=test) may leak in
	const inherited = Object.fromEntries(
		Object.entries(process.env).filter(
			([key]) => !/^(N8N_|npm_|DB_|JEST_|NODE_ENV$|NODE_OPTIONS$)/.test(key),
		),
	);
	return {
		...inherited,
		N8N_USER_FOLDER: home,
		N8N_LISTEN_ADDRESS: '127.0.0.1',
		N8N_HOST: '127.0.0.1',
		N8N_PORT: String(port),
		N8N_RUNNERS_BROKER_PORT: String(brokerPort),
		N8N_SECURE_COOKIE: 'false',
		N8N_DIAGNOSTICS_ENABLED: 'false',
		N8N_VERSION_NOTIFICATIONS_ENABLED: 'false',
		N8N_VERSION_NOTIFICATIONS_WHATS_NEW_ENABLED: 'false',
		N8N_DYNAMIC_BANNERS_ENABLED: 'false',
		N8N_TEMPLATES_ENABLED: 'false',
		N8N_PERSONALIZATION_ENABLED: 'false',
		N8N_HIRING_BANNER_ENABLED: 'false',
		N8N_LICENSE_AUTO_RENEW_ENABLED: 'false',
		N8N_UNVERIFIED_PACKAGES_ENABLED: 'true',
		N8N_PYTHON_ENABLED: 'false',
		...(hasRegistry && { N8N_DISABLED_MODULES: registry }),
		// Above this, n8n itself answers 500 with a stack; below, the nodes answer with a sentence of their own.
		N8N_PAYLOAD_SIZE_MAX: '64',
		// tens of milliseconds a webhook call (docs: sizing)
		N8N_EXPRESSION_ENGINE_LAZY_ACQUIRE: 'true',
		EXECUTIONS_DATA_PRUNE: 'true',
		NO_UPDATE_NOTIFIER: '1',
		...env,
	};
}

/** @param {StartOptions} options @returns {Promise<N8nProcess>} */
async function startN8n(options) {
	const port = options.port ?? (await freePort());
	const brokerPort = await freePort();
	const binary = path.join(options.modules ?? ownModules, 'n8n', 'bin', 'n8n');
	const preload = [path.join(__dirname, 'leaveWithParent.cjs'), ...(options.preload ?? [])];
	const started = Date.now();
	const child = spawn(
		options.node ?? process.execPath,
		[...preload.flatMap((file) => ['--require', file]), binary, options.command ?? 'start'],
		{
			cwd: options.home,
			env: environment({ ...options, port, brokerPort }),
			stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
			// a group of its own: a Ctrl-C reaches only the starter, and kill() reaches n8n's own children
			detached: process.platform !== 'win32',
		},
	);
	/** @type {Promise<number | null>} */
	const exited = new Promise((resolve) => child.once('exit', (code) => resolve(code)));
	let written = '';
	let up = () => {};
	/** @type {Promise<void>} */
	const ready = new Promise((resolve) => (up = resolve));
	for (const stream of [child.stdout, child.stderr]) {
		stream?.setEncoding('utf8').on('data', (/** @type {string} */ text) => {
			written = (written + text).slice(-200_000);
			if (
				/Editor is now accessible|n8n worker is now ready|Webhook listener waiting for requests/.test(written)
			)
				up();
		});
	}
	/** @param {NodeJS.Signals} signal */
	const signalAll = (signal) => {
		try {
			if (process.platform === 'win32' || !child.pid) child.kill(signal);
			else process.kill(-child.pid, signal);
		} catch {
			// the group is gone already, which is what was wanted
		}
	};
	const kill = async () => {
		signalAll('SIGKILL');
		await exited;
	};
	const stop = async () => {
		if (child.exitCode !== null || child.signalCode !== null) return;
		child.kill('SIGTERM');
		const timer = setTimeout(() => signalAll('SIGKILL'), 20_000);
		await exited;
		clearTimeout(timer);
		signalAll('SIGKILL');
	};
	const timeoutMs = options.timeoutMs ?? 180_000;
	/** @type {NodeJS.Timeout | undefined} */
	let timer;
	const outcome = await Promise.race([
		ready.then(() => 'ready'),
		exited.then((code) => `n8n ended with ${code} while starting`),
		once(child, 'error').then(([error]) => `n8n could not be started: ${error}`),
		new Promise((resolve) => {
			timer = setTimeout(() => resolve(`n8n was not up after ${timeoutMs / 1000} s`), timeoutMs);
		}),
	]);
	clearTimeout(timer);
	if (outcome !== 'ready') {
		await kill();
		throw new Error(`${outcome}. Its last words:\n${written.slice(-3000)}`);
	}
	return {
		url: `http://127.0.0.1:${port}`,
		port,
		pid: child.pid ?? 0,
		startMs: Date.now() - started,
		child,
		output: () => written,
		stop,
		kill,
		exited,
	};
}

module.exports = { startN8n };
