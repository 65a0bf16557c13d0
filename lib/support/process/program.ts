import { PING, PONG } from './heartbeat';

/**
 * To be called by the program of a process of ours (see ownProcess.ts) before anything else: receives what the parent
 * sends, answers its heartbeats, and ends with it.
 *
 * @param receive called with each message of the parent
 * @returns sends a message to the parent; resolves when it is on its way
 */
export function connectToParent<Received, Sent>(
	receive: (message: Received) => void,
): (message: Sent) => Promise<void> {
	// What it writes is private text: for this user alone (see privateFiles.ts).
	process.umask(0o077);
	const post = (message: unknown): Promise<void> =>
		// A failure to send is a parent that has ended: `disconnect` tells.
		new Promise((resolve) => {
			if (!process.send?.(message, undefined, {}, () => resolve())) resolve();
		});
	process.once('disconnect', () => process.exit(0));
	// Ctrl-C and service managers signal all processes at once. n8n may let its executions finish first, and needs us for it.
	for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => undefined);
	process.on('message', (message: Received | typeof PING) => {
		if (message === PING) void post(PONG);
		else receive(message);
	});
	void post(PONG);
	return post;
}
