// The engines of `npm test -- engines` as they are installed by scripts/lib/engines.mjs, started on free ports of this machine.
import { type ChildProcess, spawn } from 'node:child_process';
import path from 'node:path';
import { freePort } from '../../support/listen';

const READY_MS = 120_000;
const FIXTURES = path.join(__dirname, '../../fixtures/gguf');

export interface EngineServer {
	readonly url: string;
	stop(): Promise<void>;
}

/** The `llama-server` program: one model, or with `models` (a folder) as a router. */
export async function startLlamaServer(
	of: { readonly model: string } | { readonly models: string },
	...args: readonly string[]
): Promise<EngineServer> {
	const program = process.env.LOCAL_ENGINE_LLAMA_SERVER ?? '';
	const file = 'model' in of ? ['-m', path.join(FIXTURES, `${of.model}.gguf`)] : ['--models-dir', of.models];
	return await start(program, [...file, '--offline', '--no-webui', '-t', '1', ...args]);
}

async function start(program: string, args: readonly string[]): Promise<EngineServer> {
	const port = await freePort();
	// A group of its own, so that nothing it starts outlives it.
	const child = spawn(program, [...args, '--host', '127.0.0.1', '--port', String(port)], {
		detached: true,
		stdio: ['ignore', 'pipe', 'pipe'],
	});
	const url = `http://127.0.0.1:${port}`;
	const signal = (name: NodeJS.Signals): void => {
		if (child.pid !== undefined && child.exitCode === null && child.signalCode === null)
			process.kill(-child.pid, name);
	};
	try {
		await ready(child, url);
	} catch (error) {
		signal('SIGKILL');
		throw error;
	}
	return {
		url,
		stop: async () => {
			if (child.exitCode !== null || child.signalCode !== null) return;
			const gone = new Promise<void>((resolve) => child.once('exit', () => resolve()));
			signal('SIGKILL');
			await gone;
		},
	};
}

/** The log goes on being read, or a full pipe would stop the server. */
async function ready(child: ChildProcess, url: string): Promise<void> {
	let log = '';
	let failure: Error | undefined;
	const keep = (chunk: Buffer): void => void (log = (log + chunk.toString()).slice(-6_000));
	child.stdout?.on('data', keep);
	child.stderr?.on('data', keep);
	child.once('error', (error) => (failure = error));
	child.once('exit', (code) => (failure ??= new Error(`The server ended with ${code}:\n${log}`)));
	const endAt = performance.now() + READY_MS;
	for (;;) {
		if (failure !== undefined) throw failure;
		const ok = await fetch(`${url}/health`).then(
			(answer) => answer.ok,
			() => false,
		);
		if (ok) return;
		if (performance.now() > endAt) throw new Error(`The server was not ready in time:\n${log}`);
		await new Promise((resolve) => setTimeout(resolve, 100));
	}
}
