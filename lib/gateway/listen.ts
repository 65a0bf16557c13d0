import { createServer, type Server, type ServerResponse } from 'node:http';
import { isIP } from 'node:net';
import { GatewayError } from './errors';
import { Gateway, isOfThisMachine } from './gateway';
import type { GatewayOptions } from './types';

export interface ListenOptions {
	/** Default 127.0.0.1. Any other address needs keys. */
	readonly host?: string;
	/** 0 takes any free one. */
	readonly port: number;
}

export interface Listener {
	readonly gateway: Gateway;
	readonly host: string;
	readonly port: number;
	/** Stops listening, lets requests in flight end for `graceMs` (default 10,000), then cancels them. */
	close(graceMs?: number): Promise<void>;
}

/**
 * The gateway on a port of its own.
 *
 * @throws GatewayError `insecure` when asked to open anything but a loopback address without keys; the system's error when the
 * port is taken
 */
export async function listen(
	options: GatewayOptions,
	{ host = '127.0.0.1', port }: ListenOptions,
): Promise<Listener> {
	if (options.keys.length === 0 && !isLoopback(host))
		throw new GatewayError(
			'insecure',
			`The gateway would be open to everybody on ${host}. Give it API keys, or let it listen on 127.0.0.1.`,
		);
	const gateway = new Gateway(options);
	const open = options.anonymous === true && options.keys.length === 0;
	const server = createServer({ noDelay: true }, (request, response) => {
		// Pages of other origins may ask with a key, as at n8n's webhook URL; an open gateway takes only those of this machine.
		const { origin } = request.headers;
		const allowed = open ? (isOfThisMachine(origin) ? origin : undefined) : '*';
		const isPreflight = request.method === 'OPTIONS' && allowed !== undefined;
		// Browsers name the page that asks; other programs need no such headers.
		if (allowed !== undefined && (origin !== undefined || isPreflight)) allowPage(response, allowed);
		if (isPreflight) answerPreflight(response);
		else void gateway.handle(request, response);
	});
	await opened(server, host, port);
	const address = server.address();
	return {
		gateway,
		host,
		port: typeof address === 'object' && address ? address.port : port,
		async close(graceMs) {
			const closed = new Promise<void>((resolve) => server.close(() => resolve()));
			server.closeIdleConnections();
			await gateway.close(graceMs);
			server.closeAllConnections();
			await closed;
		},
	};
}

function allowPage(response: ServerResponse, origin: string): void {
	response.setHeader('access-control-allow-origin', origin);
	if (origin !== '*') response.setHeader('vary', 'origin');
	response.setHeader('access-control-expose-headers', 'x-engine, x-gateway-ignored, retry-after');
}

function answerPreflight(response: ServerResponse): void {
	response.writeHead(204, {
		'access-control-allow-headers': '*, authorization',
		'access-control-allow-methods': 'GET, POST, OPTIONS',
		// Chrome asks for it before a page on the internet may call an address in a private network.
		'access-control-allow-private-network': 'true',
		'access-control-max-age': '86400',
	});
	response.end();
}

function opened(server: Server, host: string, port: number): Promise<void> {
	return new Promise((resolve, reject) => {
		server.once('error', reject);
		server.listen(port, host, () => {
			server.off('error', reject);
			resolve();
		});
	});
}

function isLoopback(host: string): boolean {
	return host === 'localhost' || host === '::1' || (isIP(host) === 4 && host.startsWith('127.'));
}
