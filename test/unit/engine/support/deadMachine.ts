// The port of a machine that is switched off: it takes no connection and refuses none.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect } from 'node:net';

const LISTEN = `const s = require('node:net').createServer();
s.listen({ port: 0, host: '127.0.0.1', backlog: 1 }, () => console.log(s.address().port));`;

/** A process that listens with the shortest queue there is and is stopped; the queue is filled, so further connections wait. */
export async function deadMachine(): Promise<{ readonly url: string; close(): Promise<void> }> {
	const child = spawn(process.execPath, ['-e', LISTEN], { stdio: ['ignore', 'pipe', 'inherit'] });
	const [line] = (await once(child.stdout, 'data')) as [Buffer];
	const port = Number(line.toString());
	child.kill('SIGSTOP');
	const full = Array.from({ length: 8 }, () =>
		connect({ host: '127.0.0.1', port }).on('error', () => undefined),
	);
	await new Promise((resolve) => setTimeout(resolve, 200));
	return {
		url: `http://127.0.0.1:${port}`,
		close: async () => {
			for (const socket of full) socket.destroy();
			const gone = once(child, 'exit');
			child.kill('SIGKILL');
			await gone;
		},
	};
}
