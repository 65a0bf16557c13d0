// A real llama.cpp server (PyPI wheel xllamacpp) on a free port of 127.0.0.1.
import { spawn, spawnSync } from 'node:child_process';
import { createServer } from 'node:net';
import { existsSync } from 'node:fs';
import { root } from './modules.mjs';

const script = `${root}test/support/llama_server.py`;
/** Made by `npm test` for the same purpose. */
const prepared = `${root}.cache/python/bin/python`;

/**
 * @returns {Promise<{ url: string, pid: number, close(): Promise<void>, kill(): Promise<void> } | undefined>} undefined when it
 * is not installed
 */
export async function startLlamaServer({ model, arguments: extra = [], port: wanted }) {
	const python = process.env.LLAMA_PYTHON ?? (existsSync(prepared) ? prepared : 'python3');
	if (!existsSync(script) || spawnSync(python, ['-c', 'import xllamacpp']).status !== 0) return undefined;
	const port = wanted ?? (await freePort());
	const child = spawn(python, [script, '--model', model, '--port', String(port), ...extra], {
		stdio: 'ignore',
	});
	const ended = new Promise((resolve) => child.once('exit', resolve));
	const url = `http://127.0.0.1:${port}`;
	for (const deadline = Date.now() + 60_000; ; ) {
		const up = await fetch(`${url}/health`).then(
			({ ok }) => ok,
			() => false,
		);
		if (up) break;
		if (child.exitCode !== null || Date.now() > deadline) {
			child.kill('SIGKILL');
			throw new Error(`The llama.cpp server did not start with ${model} (exit code ${child.exitCode}).`);
		}
		await new Promise((resolve) => setTimeout(resolve, 100));
	}
	const end = (signal) => async () => {
		child.kill(signal);
		await ended;
	};
	return { url, pid: child.pid, close: end('SIGTERM'), kill: end('SIGKILL') };
}

const freePort = () =>
	new Promise((resolve, reject) => {
		const probe = createServer();
		probe.once('error', reject);
		probe.listen(0, '127.0.0.1', () => {
			const { port } = probe.address();
			probe.close(() => resolve(port));
		});
	});
