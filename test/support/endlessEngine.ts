import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** An engine that goes on writing as long as anybody takes it. */
export async function endlessEngine() {
	const open = new Set<ServerResponse>();
	const server = createServer((_request, response) => {
		open.add(response);
		response.on('close', () => open.delete(response));
		response.writeHead(200, { 'content-type': 'text/event-stream' });
		const delta = { choices: [{ index: 0, delta: { content: 'x'.repeat(8_192) } }] };
		const write = (): void => {
			while (!response.destroyed && response.write(`data: ${JSON.stringify(delta)}\n\n`));
			response.once('drain', write);
		};
		write();
	});
	await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
	return {
		url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
		open,
		close: () => {
			server.closeAllConnections();
			server.close();
		},
	};
}
