import { fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { root } from './modules.mjs';

/** The stand-in of a Qdrant server, in a process of its own: its work is not ours. */
export async function startStandIn() {
	const child = fork(join(root, 'bench/lib/qdrantStandIn.cjs'), {
		execArgv: ['-r', join(root, 'test/support/typescript.cjs')],
	});
	const [url] = await once(child, 'message');
	return { url, stop: () => child.kill() };
}
