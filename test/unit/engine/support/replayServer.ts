import { createServer, type Server, type Socket } from 'node:net';
import { seededRandom } from '../../../../lib/support';
import { bodyOf, type Transcript } from './transcripts';

export interface ReplayRequest {
	readonly method: string;
	readonly path: string;
	readonly headers: { readonly [name: string]: string };
	readonly body: unknown;
}

/** What a replayed request is answered with. */
export type Reply =
	| { readonly transcript: Transcript; readonly cut?: (body: Buffer) => Buffer[]; readonly gapMs?: number }
	| {
			readonly status: number;
			readonly headers?: { readonly [name: string]: string };
			readonly body: unknown;
			readonly delayMs?: number;
	  }
	/** Chunks with times; `end` says how it ends. */
	| {
			readonly chunks: readonly string[];
			readonly type?: string;
			readonly end: 'complete' | 'fin' | 'hang';
			readonly gapMs?: number;
	  }
	| 'fin'
	| 'hang';

export interface ReplayServer {
	readonly url: string;
	readonly requests: ReplayRequest[];
	/** Connections that were closed before their answer was complete. */
	readonly aborted: () => number;
	close(): Promise<void>;
}

/**
 * A server on raw sockets, so that every recorded way of ending (terminating chunk, bare FIN, silence) goes over the wire as it
 * was recorded. `cut` moves the chunk boundaries. `unlisted`: it has no list of models, and the question for one is not recorded.
 */
export async function replayServer(
	reply: (request: ReplayRequest, count: number) => Reply | Promise<Reply>,
	options: { readonly unlisted?: boolean } = {},
): Promise<ReplayServer> {
	const sockets = new Set<Socket>();
	const requests: ReplayRequest[] = [];
	let aborted = 0;
	const server: Server = createServer((socket) => {
		sockets.add(socket);
		let received = Buffer.alloc(0);
		let busy = false;
		socket.on('close', () => {
			if (busy) aborted++;
			sockets.delete(socket);
		});
		socket.on('error', () => socket.destroy());
		socket.on('data', (chunk) => {
			received = Buffer.concat([received, chunk]);
			for (let parsed = parse(received); parsed !== undefined; parsed = parse(received)) {
				received = received.subarray(parsed.length);
				const { request } = parsed;
				if (options.unlisted === true && request.path === '/v1/models') {
					void send(socket, { status: 404, body: { error: { message: 'Not Found' } } });
					continue;
				}
				requests.push(request);
				busy = true;
				void Promise.resolve(reply(request, requests.length)).then(async (answer) => {
					const finished = await send(socket, answer);
					if (finished) busy = false;
				});
			}
		});
	});
	await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
	const address = server.address();
	const port = typeof address === 'object' && address !== null ? address.port : 0;
	return {
		url: `http://127.0.0.1:${port}`,
		requests,
		aborted: () => aborted,
		close: async () => {
			for (const socket of sockets) socket.destroy();
			await new Promise((resolve) => server.close(resolve));
		},
	};
}

function parse(data: Buffer): { request: ReplayRequest; length: number } | undefined {
	const end = data.indexOf('\r\n\r\n');
	if (end === -1) return undefined;
	const [first = '', ...lines] = data.subarray(0, end).toString('latin1').split('\r\n');
	const headers = Object.fromEntries(
		lines.map((line) => [
			line.slice(0, line.indexOf(':')).toLowerCase(),
			line.slice(line.indexOf(':') + 1).trim(),
		]),
	);
	const length = end + 4 + Number(headers['content-length'] ?? 0);
	if (data.length < length) return undefined;
	const text = data.subarray(end + 4, length).toString('utf8');
	const [method = '', path = ''] = first.split(' ');
	const body: unknown = text === '' ? undefined : JSON.parse(text);
	return { length, request: { method, path, headers, body } };
}

async function send(socket: Socket, reply: Reply): Promise<boolean> {
	if (reply === 'hang') return false;
	if (reply === 'fin') {
		socket.end();
		return true;
	}
	if ('status' in reply) {
		if (reply.delayMs !== undefined) await sleep(reply.delayMs);
		const body = typeof reply.body === 'string' ? reply.body : JSON.stringify(reply.body);
		socket.write(
			head(reply.status, {
				'content-type': 'application/json',
				...reply.headers,
				'content-length': String(Buffer.byteLength(body)),
			}) + body,
		);
		return true;
	}
	if ('chunks' in reply) {
		socket.write(
			head(200, { 'content-type': reply.type ?? 'text/event-stream', 'transfer-encoding': 'chunked' }),
		);
		await sendChunks(
			socket,
			reply.chunks.map((text) => Buffer.from(text)),
			reply.gapMs ?? 0,
		);
		if (reply.end === 'complete') socket.write('0\r\n\r\n');
		if (reply.end === 'fin') socket.end();
		return reply.end !== 'hang';
	}
	return await sendTranscript(socket, reply.transcript, reply.cut, reply.gapMs ?? 0);
}

async function sendTranscript(
	socket: Socket,
	recorded: Transcript,
	cut: ((body: Buffer) => Buffer[]) | undefined,
	gapMs: number,
): Promise<boolean> {
	const { status, headers, chunks, end } = recorded.response;
	if (status === null) {
		socket.end();
		return true;
	}
	const kept = Object.fromEntries(
		Object.entries(headers ?? {}).filter(
			([name]) => !['content-length', 'transfer-encoding', 'connection'].includes(name),
		),
	);
	if (chunks === undefined) {
		const body = bodyOf(recorded);
		socket.write(head(status, { ...kept, 'content-length': String(Buffer.byteLength(body)) }) + body);
		return true;
	}
	socket.write(head(status, { ...kept, 'transfer-encoding': 'chunked' }));
	const whole = Buffer.from(bodyOf(recorded));
	await sendChunks(
		socket,
		cut === undefined ? chunks.map(({ data }) => Buffer.from(data)) : cut(whole),
		gapMs,
	);
	if (end.startsWith('complete')) socket.write('0\r\n\r\n');
	else if (end.startsWith('PREMATURE')) socket.end();
	return !end.startsWith('client');
}

async function sendChunks(socket: Socket, chunks: readonly Buffer[], gapMs: number): Promise<void> {
	for (const chunk of chunks) {
		if (socket.destroyed) return;
		if (chunk.length === 0) continue;
		socket.write(
			Buffer.concat([Buffer.from(`${chunk.length.toString(16)}\r\n`), chunk, Buffer.from('\r\n')]),
		);
		// A turn between the chunks lets the client see them apart.
		if (gapMs > 0) await sleep(gapMs);
	}
}

function head(status: number, headers: { readonly [name: string]: string }): string {
	return `HTTP/1.1 ${status} Replayed\r\n${Object.entries(headers)
		.map(([name, value]) => `${name}: ${value}\r\n`)
		.join('')}\r\n`;
}

function sleep(ms: number): Promise<void> {
	return new Promise((resolve) => setTimeout(resolve, ms));
}

/** Cuts a body at random places; the same seed gives the same cuts. */
export function randomCuts(seed: number): (body: Buffer) => Buffer[] {
	const random = seededRandom(seed);
	return (body) => {
		const pieces: Buffer[] = [];
		for (let start = 0; start < body.length; ) {
			const end = Math.min(body.length, start + 1 + Math.floor(random() ** 3 * 400));
			pieces.push(body.subarray(start, end));
			start = end;
		}
		return pieces;
	};
}
