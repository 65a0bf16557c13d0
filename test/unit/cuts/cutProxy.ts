import { createServer, request, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Cutter } from './faults';

/** Stands before a Qdrant server (a real one or the stand-in) and takes its writes through a cutter. */
export class CutProxy {
	private readonly server: Server;

	constructor(
		private readonly target: string,
		private readonly cutter: Cutter,
	) {
		this.server = createServer((incoming, outgoing) => {
			// A server that is gone: whoever asked loses the connection, as without a proxy.
			this.handle(incoming, outgoing).catch(() => outgoing.destroy());
		});
	}

	async start(): Promise<string> {
		await new Promise<void>((resolve) => this.server.listen(0, '127.0.0.1', resolve));
		return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
	}

	async stop(): Promise<void> {
		this.server.closeAllConnections();
		await new Promise((resolve) => this.server.close(resolve));
	}

	private async handle(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
		const parts: Buffer[] = [];
		for await (const part of incoming) parts.push(part as Buffer);
		const fate = isWrite(incoming) ? this.cutter.next() : 'do';
		if (fate === 'hang') await this.cutter.released;
		const answer =
			fate === 'fail' || fate === 'hang' ? undefined : await this.forward(incoming, Buffer.concat(parts));
		if (fate === 'swallow') {
			this.cutter.swallowed();
			await this.cutter.released;
		}
		if (fate === 'do' && answer)
			outgoing.writeHead(answer.status, { 'content-type': 'application/json' }).end(answer.body);
		else
			outgoing
				.writeHead(500, { 'content-type': 'application/json' })
				.end(JSON.stringify({ status: { error: 'Service internal error: cut off by the test' } }));
	}

	private async forward(
		{ method, url, headers }: IncomingMessage,
		body: Buffer,
	): Promise<{ status: number; body: Buffer }> {
		return await new Promise((resolve, reject) => {
			const asked = request(new URL(url ?? '/', this.target), { method, headers }, (answer) => {
				const parts: Buffer[] = [];
				answer.on('data', (part: Buffer) => parts.push(part));
				answer.on('end', () => resolve({ status: answer.statusCode ?? 0, body: Buffer.concat(parts) }));
				answer.on('error', reject);
			});
			asked.on('error', reject);
			asked.end(body);
		});
	}
}

function isWrite({ method, url = '' }: IncomingMessage): boolean {
	if (method !== 'POST') return method !== 'GET';
	const [path = ''] = url.split('?');
	return path.endsWith('/points/delete') || path.endsWith('/collections/aliases');
}
