import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

/** Makes a server listen on 127.0.0.1, on a free port where none is given; `close` ends it with every connection it has. */
export async function listenLocally(
	server: Server,
	port = 0,
): Promise<{ url: string; close: () => Promise<void> }> {
	await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
	return {
		url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
		close: async () => {
			server.closeAllConnections();
			await new Promise((resolve) => server.close(resolve));
		},
	};
}

/** A port that was free a moment ago. */
export async function freePort(): Promise<number> {
	const { url, close } = await listenLocally(createServer());
	await close();
	return Number(new URL(url).port);
}
