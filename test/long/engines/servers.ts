// The engines of `npm test -- engines` as they are installed by scripts/lib/engines.mjs, started on free ports of this machine.
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { freePort } from '../../support/listen';

/** vLLM loads PyTorch and compiles nothing; on a machine that does other things too it takes minutes. */
const READY_MS = 900_000;
const FIXTURES = path.join(__dirname, '../../fixtures/gguf');

export interface EngineServer {
	readonly url: string;
	freeze(): void;
	thaw(): void;
	/** SIGKILL to it and the processes it started: gone at once, as after a crash. */
	kill(): void;
	/** SIGKILL to the processes it started, and not to itself. */
	killChildren(): void;
	stop(): Promise<void>;
}

/** The `llama-server` program: one model, or with `models` (a folder) as a router. */
export async function startLlamaServer(
	of: { readonly model: string } | { readonly models: string },
	...args: readonly string[]
): Promise<EngineServer> {
	const program = process.env.LOCAL_ENGINE_LLAMA_SERVER ?? '';
	const file = 'model' in of ? ['-m', path.join(FIXTURES, `${of.model}.gguf`)] : ['--models-dir', of.models];
	return await start(program, [...file, '--offline', '--no-webui', '-t', '1', ...args], {});
}

/** vLLM with one of the models of python/tiny_models.py. */
export async function startVllm(model: string, ...args: readonly string[]): Promise<EngineServer> {
	const python = process.env.LOCAL_ENGINE_PYTHON_VLLM ?? '';
	const name = path.basename(model);
	return await start(
		python,
		[
			...['-m', 'vllm.entrypoints.openai.api_server', '--model', model, '--served-model-name', name],
			...['--dtype', 'float32', '--enforce-eager', ...args],
		],
		{
			HF_HUB_OFFLINE: '1',
			VLLM_NO_USAGE_STATS: '1',
			VLLM_CPU_KVCACHE_SPACE: '1',
			OMP_NUM_THREADS: '1',
		},
	);
}

/** Writes the models of python/tiny_models.py into a folder. */
export function writeTinyModels(folder: string): void {
	const python = process.env.LOCAL_ENGINE_PYTHON_VLLM ?? '';
	const { status, stderr } = spawnSync(python, [path.join(__dirname, 'python/tiny_models.py'), folder], {
		encoding: 'utf8',
	});
	if (status !== 0) throw new Error(`tiny_models.py ended with ${status}:\n${stderr.slice(-2_000)}`);
}

async function start(
	program: string,
	args: readonly string[],
	env: { readonly [name: string]: string },
): Promise<EngineServer> {
	const port = await freePort();
	// A group of its own, so that nothing it starts outlives it.
	const child = spawn(program, [...args, '--host', '127.0.0.1', '--port', String(port)], {
		detached: true,
		env: { ...process.env, ...env },
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
		freeze: () => signal('SIGSTOP'),
		thaw: () => signal('SIGCONT'),
		kill: () => signal('SIGKILL'),
		killChildren: () => childrenOf(child.pid).forEach((pid) => process.kill(pid, 'SIGKILL')),
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

function childrenOf(parent: number | undefined): number[] {
	return readdirSync('/proc').flatMap((name) => {
		if (!/^\d+$/.test(name)) return [];
		try {
			// "PID (NAME) STATE PARENT …"; a name may hold blanks and brackets.
			const [, ppid] = readFileSync(`/proc/${name}/stat`, 'utf8').split(') ').at(-1)?.split(' ') ?? [];
			return Number(ppid) === parent ? [Number(name)] : [];
		} catch {
			// It ended meanwhile.
			return [];
		}
	});
}
