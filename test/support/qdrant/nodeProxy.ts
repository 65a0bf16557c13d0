import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';

/** Requests that change something, by their first line. One connection carries one request at a time. */
const WRITE = /^(?:PUT|PATCH|DELETE) |^POST \S+(?:\/points\/delete|\/collections\/aliases)/;

/**
 * Stands before a node of a cluster: passes everything on, and says before each write that it is coming. When the node closes a
 * connection or refuses it, so does this.
 */
export class NodeProxy {
	/** Asked before a write is passed on. */
	beforeWrite: (() => Promise<void>) | undefined;
	private readonly server: Server;
	private readonly open = new Set<Socket>();

	constructor(target: string) {
		const { port } = new URL(target);
		this.server = createServer((client) => this.join(client, connect(Number(port), '127.0.0.1')));
	}

	async start(): Promise<string> {
		await new Promise<void>((resolve) => this.server.listen(0, '127.0.0.1', resolve));
		return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
	}

	async stop(): Promise<void> {
		for (const socket of this.open) socket.destroy();
		await new Promise((resolve) => this.server.close(resolve));
	}

	private join(client: Socket, node: Socket): void {
		let before = Promise.resolve();
		for (const [socket, other] of [
			[client, node],
			[node, client],
		] as const) {
			this.open.add(socket);
			socket.on('error', () => other.destroy());
			socket.on('close', () => {
				this.open.delete(socket);
				other.destroy();
			});
		}
		node.on('data', (part) => client.write(part));
		client.on('data', (part) => {
			const isWrite = WRITE.test(part.subarray(0, 1_000).toString('latin1'));
			before = before
				.then(async () => {
					if (isWrite) await this.beforeWrite?.();
				})
				.then(() => void node.write(part));
		});
	}
}
