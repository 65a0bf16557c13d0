import { channel } from 'node:diagnostics_channel';
import { type LookupFunction, Socket } from 'node:net';
import type { Agent } from 'undici';
import { messageOf } from './errors';

/** The leave to connect: n8n's egress filter, where the host has one. */
export interface Egress {
	/** Called for each URL before it is asked; throws to refuse. */
	readonly checkUrl?: (url: URL) => void | Promise<void>;
	/** Replaces the look-up of names when connecting, so that the address that was checked is the one that is used. */
	readonly lookup?: LookupFunction;
}

/** Told of each socket that the pack opens to somewhere else; a test compares it with the sockets of the process. */
export const OUTGOING = channel('n8n-nodes-local-engine:outgoing');

/** An address that may not be asked, and why. */
export class EgressError extends Error {}

/** @throws EgressError when the filter refuses the address */
export async function checkAddress({ checkUrl }: Egress, url: URL): Promise<void> {
	try {
		await checkUrl?.(url);
	} catch (cause) {
		throw new EgressError(`${url.host} may not be asked from here: ${messageOf(cause)}`, { cause });
	}
}

/**
 * The connections of HTTP clients. The agent has no time limits of its own but for connecting; undici's 300 s would cut slow answers.
 * undici takes some 50 ms to load: call this at the first request. The process's global dispatcher is left alone.
 */
export async function outgoingAgent({ lookup }: Egress, connectMs: number): Promise<Agent> {
	const undici = await import('undici');
	const connect = undici.buildConnector({ timeout: connectMs, ...(lookup === undefined ? {} : { lookup }) });
	return new undici.Agent({
		headersTimeout: 0,
		bodyTimeout: 0,
		connect: (options, callback) =>
			connect(options, (...result) => {
				const [, socket] = result;
				if (socket) OUTGOING.publish(socket);
				callback(...result);
			}),
	});
}

/** A socket for a client that connects by itself (Postgres). */
export function outgoingSocket({ lookup }: Egress): Socket {
	const socket = new Socket();
	const connect = socket.connect.bind(socket) as (options: object) => Socket;
	socket.connect = (port: unknown, host?: unknown) => {
		OUTGOING.publish(socket);
		if (typeof port !== 'number' && typeof port !== 'string') return connect(port as object);
		// A path is a Unix socket of this machine.
		if (typeof host !== 'string') return connect({ path: String(port) });
		return connect({ port: Number(port), host, ...(lookup === undefined ? {} : { lookup }) });
	};
	return socket;
}
