/** LiteLLM's proxy as a peer of the gateway, from PyPI into .cache/litellm; needs Python 3.10. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { inRoot } from '../../scripts/lib/paths.mjs';
import { ensureVenv } from '../../scripts/lib/python.mjs';

const START_MS = 120_000;

/**
 * @param {{ engineUrl: string, key: string, models: string[] }} setup
 * @returns {Promise<{ url: string, stop: () => Promise<void> } | { reason: string }>}
 */
export async function startLiteLlm({ engineUrl, key, models }) {
	const folder = inRoot('.cache', 'litellm');
	const { file, reason } = ensureVenv(
		folder,
		inRoot('bench', 'python', 'litellm.txt'),
		'comparison with LiteLLM',
	);
	if (!file) return { reason };
	const home = await mkdtemp(path.join(tmpdir(), 'bench-litellm-'));
	const config = path.join(home, 'config.json');
	await writeFile(
		config,
		JSON.stringify({
			model_list: models.map((name) => ({
				model_name: name,
				litellm_params: { model: `openai/${name}`, api_base: `${engineUrl}/v1`, api_key: 'none' },
			})),
			general_settings: { master_key: key },
			litellm_settings: { telemetry: false },
		}),
	);
	const port = await freePort();
	const args = ['--config', config, '--host', '127.0.0.1', '--port', String(port), '--num_workers', '1'];
	const child = spawn(path.join(path.dirname(file), 'litellm'), args, {
		cwd: home,
		stdio: ['ignore', 'ignore', 'pipe'],
		env: { ...process.env, LITELLM_LOCAL_MODEL_COST_MAP: 'True', LITELLM_LOG: 'ERROR', HOME: home },
	});
	let said = '';
	child.stderr.setEncoding('utf8').on('data', (text) => (said = (said + text).slice(-2000)));
	const stop = async () => {
		if (child.exitCode === null && child.signalCode === null) {
			const gone = once(child, 'exit');
			child.kill('SIGKILL');
			await gone;
		}
		await rm(home, { recursive: true, force: true });
	};
	const url = `http://127.0.0.1:${port}`;
	for (const until = Date.now() + START_MS; ; ) {
		const answer = await fetch(`${url}/health/liveliness`).catch(() => undefined);
		if (answer?.ok) return { url, stop };
		if (child.exitCode !== null || Date.now() > until) {
			await stop();
			return { reason: `LiteLLM did not start: ${said.trim().split('\n').at(-1) ?? ''}` };
		}
		await new Promise((resolve) => setTimeout(resolve, 200));
	}
}

async function freePort() {
	const server = createServer().listen(0, '127.0.0.1');
	await once(server, 'listening');
	const { port } = server.address();
	server.close();
	await once(server, 'close');
	return port;
}
