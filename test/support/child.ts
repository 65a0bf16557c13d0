import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';

/**
 * Runs one of our TypeScript files in a process of its own. `killAfter` milliseconds after its first output that
 * process is killed (SIGKILL). Rejects when it fails by itself.
 */
export async function runChild(
	file: string,
	parameters: readonly string[],
	killAfter?: number,
): Promise<{ killed: boolean; ms: number }> {
	const child = spawn(process.execPath, ['-r', join(__dirname, 'typescript.cjs'), file, ...parameters], {
		stdio: ['ignore', 'pipe', 'pipe'],
	});
	const exited = once(child, 'exit');
	let errors = '';
	child.stderr.on('data', (data: Buffer) => (errors += data.toString()));
	await Promise.race([once(child.stdout, 'data'), exited]);
	const started = performance.now();
	const timer = killAfter === undefined ? undefined : setTimeout(() => child.kill('SIGKILL'), killAfter);
	const [code, signal]: unknown[] = await exited;
	clearTimeout(timer);
	if (signal !== 'SIGKILL' && code !== 0) throw new Error(`The child failed: ${errors}`);
	return { killed: signal === 'SIGKILL', ms: performance.now() - started };
}
