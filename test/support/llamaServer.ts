// Starts the real llama.cpp HTTP server (PyPI wheel xllamacpp) for tests; see test/fixtures/gguf/README.md for its models.
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { createServer } from 'node:net';
import path from 'node:path';

const root = path.join(__dirname, '..', '..');

export type GgufModel = 'ci-text' | 'ci-tool' | 'tiny-rerank';

export interface LlamaOptions {
	readonly ctx?: number;
	readonly parallel?: number;
	readonly embedding?: boolean;
	readonly pooling?: 'none' | 'mean' | 'cls' | 'rank';
	readonly reranking?: boolean;
	readonly apiKey?: string;
	readonly alias?: string;
	readonly metrics?: boolean;
	readonly temp?: number;
	readonly port?: number;
}

export interface LlamaServer {
	readonly url: string;
	readonly port: number;
	/** SIGKILL: gone at once, as after a crash. */
	kill(): Promise<void>;
	/** SIGSTOP: the socket stays open and nothing comes any more. */
	freeze(): void;
	thaw(): void;
	stop(): Promise<void>;
}

const hasLlama = (python: string): boolean =>
	spawnSync(python, ['-c', 'import xllamacpp'], { stdio: 'ignore' }).status === 0;

/** A Python that has the server, or why there is none. `npm test` prepares one; otherwise it is made here, once. */
function findPython(): { readonly file?: string; readonly reason?: string } {
	const named = process.env.LOCAL_ENGINE_PYTHON;
	if (named !== undefined && hasLlama(named)) return { file: named };
	const script = `import { ensurePython } from ${JSON.stringify(path.join(root, 'scripts/lib/python.mjs'))}; console.log = () => {}; process.stdout.write(JSON.stringify(ensurePython()));`;
	const { stdout } = spawnSync(process.execPath, ['--input-type=module', '-e', script], {
		encoding: 'utf8',
		cwd: root,
	});
	const found: unknown = stdout.startsWith('{') ? JSON.parse(stdout) : {};
	const field = (name: string): string | undefined => {
		const value: unknown = typeof found === 'object' && found !== null ? Reflect.get(found, name) : undefined;
		return typeof value === 'string' ? value : undefined;
	};
	return { file: field('file'), reason: field('reason') ?? 'no Python 3.10 or newer was found' };
}

const python = findPython();

/**
 * `describe` for suites that need the real server. Without a Python for it they are skipped with one line that says so;
 * with CI=true they fail instead.
 */
export const describeLlama: jest.Describe = (() => {
	if (python.file !== undefined) return describe;
	if (/^(1|true)$/i.test(process.env.CI ?? ''))
		throw new Error(`The real llama.cpp server cannot run here: ${python.reason ?? ''}`);
	console.log(`Skipped the tests against a real llama.cpp server: ${python.reason ?? ''}`);
	return describe.skip;
})();

/** Starts a server and waits until it answers. Stop it in `afterAll`. */
export async function startLlama(model: GgufModel, options: LlamaOptions = {}): Promise<LlamaServer> {
	if (python.file === undefined) throw new Error(python.reason);
	const port = options.port ?? (await freePort());
	const args = [
		path.join(__dirname, 'llama_server.py'),
		...['--model', path.join(root, 'test/fixtures/gguf', `${model}.gguf`), '--port', String(port)],
		...(options.ctx === undefined ? [] : ['--ctx', String(options.ctx)]),
		...(options.parallel === undefined ? [] : ['--parallel', String(options.parallel)]),
		...(options.embedding === true ? ['--embedding'] : []),
		...(options.pooling === undefined ? [] : ['--pooling', options.pooling]),
		...(options.reranking === true ? ['--reranking'] : []),
		...(options.apiKey === undefined ? [] : ['--api-key', options.apiKey]),
		...(options.metrics === true ? ['--metrics'] : []),
		...(options.temp === undefined ? [] : ['--temp', String(options.temp)]),
		...['--alias', options.alias ?? model],
	];
	const child = spawn(python.file, args, { stdio: ['ignore', 'pipe', 'pipe'] });
	await listening(child);
	const url = `http://127.0.0.1:${port}`;
	await healthy(url);
	const end = async (signal: NodeJS.Signals): Promise<void> => {
		if (child.exitCode !== null || child.signalCode !== null) return;
		const gone = new Promise<void>((resolve) => child.once('exit', () => resolve()));
		child.kill(signal);
		await gone;
	};
	return {
		url,
		port,
		kill: () => end('SIGKILL'),
		freeze: () => void child.kill('SIGSTOP'),
		thaw: () => void child.kill('SIGCONT'),
		stop: () => end('SIGKILL'),
	};
}

/** The log goes on being read, or a full pipe would stop the server. */
function listening(child: ChildProcess): Promise<void> {
	return new Promise((resolve, reject) => {
		let log = '';
		child.stderr?.on('data', (chunk: Buffer) => (log = (log + chunk.toString()).slice(-4_000)));
		child.stdout?.on('data', (chunk: Buffer) => {
			if (chunk.toString().includes('listening')) resolve();
		});
		child.once('error', reject);
		child.once('exit', (code) => reject(new Error(`llama.cpp ended with ${code ?? 'a signal'}:\n${log}`)));
	});
}

async function healthy(url: string): Promise<void> {
	for (let i = 0; i < 200; i++) {
		const ok = await fetch(`${url}/health`).then(
			(answer) => answer.ok,
			() => false,
		);
		if (ok) return;
		await new Promise((resolve) => setTimeout(resolve, 50));
	}
	throw new Error(`llama.cpp at ${url} did not become healthy within 10 s.`);
}

export function freePort(): Promise<number> {
	return new Promise((resolve, reject) => {
		const server = createServer();
		server.once('error', reject);
		server.listen(0, '127.0.0.1', () => {
			const address = server.address();
			const port = typeof address === 'object' && address !== null ? address.port : 0;
			server.close(() => resolve(port));
		});
	});
}
