import { fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { root } from './modules.mjs';

/** The stand-in of a Qdrant server, in a process of its own: its work is not ours. */
export const startStandIn = async () => await start('qdrantStandIn.cjs');

/** The program at QDRANT_BIN: one node, or a cluster of so many. `url` has the addresses of all, separated by commas. */
export const startNodes = async (count) => await start('qdrantNodes.cjs', String(count));

async function start(script, ...args) {
	const child = fork(join(root, 'bench/lib', script), args, {
		execArgv: ['-r', join(root, 'test/support/typescript.cjs')],
	});
	const [url] = await Promise.race([
		once(child, 'message'),
		once(child, 'exit').then(() => Promise.reject(new Error(`${script} has ended before it was ready.`))),
	]);
	return {
		url,
		stop: async () => {
			const ended = once(child, 'exit');
			child.send('stop');
			await ended;
		},
	};
}
