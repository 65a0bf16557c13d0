import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';

export interface ChildOptions {
	/** Milliseconds after its first output until the process is killed (SIGKILL). */
	readonly killAfter?: number;
	/** The process is killed when this resolves. */
	readonly killWhen?: Promise<void>;
	/** No file may grow beyond this (a shell's `ulimit -f`): stands for a full disk, for anybody. */
	readonly fileKilobytes?: number;
}

/** Runs one of our TypeScript files in a process of its own. Rejects when it fails by itself. */
export async function runChild(
	file: string,
	parameters: readonly string[],
	{ killAfter, killWhen, fileKilobytes }: ChildOptions = {},
): Promise<{ killed: boolean; ms: number }> {
	const command = [process.execPath, '-r', join(__dirname, 'typescript.cjs'), file, ...parameters];
	const limited =
		fileKilobytes === undefined ? [] : ['bash', '-c', `ulimit -f ${fileKilobytes}; exec "$@"`, 'bash'];
	const [program = '', ...args] = [...limited, ...command];
	const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'] });
	const exited = once(child, 'exit');
	let errors = '';
	child.stderr.on('data', (data: Buffer) => (errors += data.toString()));
	await Promise.race([once(child.stdout, 'data'), exited]);
	const started = performance.now();
	const timer = killAfter === undefined ? undefined : setTimeout(() => child.kill('SIGKILL'), killAfter);
	void killWhen?.then(() => child.kill('SIGKILL'));
	const [code, signal]: unknown[] = await exited;
	clearTimeout(timer);
	if (signal !== 'SIGKILL' && code !== 0) throw new Error(`The child failed: ${errors}`);
	return { killed: signal === 'SIGKILL', ms: performance.now() - started };
}
