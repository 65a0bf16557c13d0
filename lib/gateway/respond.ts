import type { ServerResponse } from 'node:http';
import type { WireError } from './errors';

/** A client that does not read its answer for so long is dropped: it holds a connection and the answer's memory. */
export const UNREAD_MS = 60_000;

/** Drops the connection of an answer that has been given out and is not read. */
export function dropUnread(response: ServerResponse, unreadMs: number): void {
	if (response.writableFinished || response.destroyed) return;
	const timer = setTimeout(() => response.destroy(), unreadMs).unref();
	response.once('close', () => clearTimeout(timer)).once('finish', () => clearTimeout(timer));
}

export function sendJson(
	response: ServerResponse,
	status: number,
	body: object,
	headers: Readonly<Record<string, string>> = {},
): void {
	sendWhole(response, status, JSON.stringify(body), {
		'content-type': 'application/json; charset=utf-8',
		...headers,
	});
}

/** Headers and text leave in one packet: Node joins them where the text is a string. */
function sendWhole(
	response: ServerResponse,
	status: number,
	text: string,
	headers: Readonly<Record<string, string>>,
): void {
	response.writeHead(status, { 'content-length': Buffer.byteLength(text), ...headers });
	response.end(text);
}

/** What an answer says about itself besides its body: who gave it, and which fields of the request were not used. */
export function answerHeaders(ignored: readonly string[], engine?: string): Record<string, string> {
	return {
		...(ignored.length > 0 ? { 'x-gateway-ignored': headerText(ignored.join(', ')) } : {}),
		...(engine === undefined ? {} : { 'x-engine': headerText(engine) }),
	};
}

/** Names are people's; a header holds printable ASCII only. */
const headerText = (name: string): string => name.replace(/[^\x20-\x7e]/g, '?').slice(0, 200);

export function sendText(
	response: ServerResponse,
	text: string,
	type: string,
	headers: Readonly<Record<string, string>> = {},
): void {
	sendWhole(response, 200, text, { 'content-type': `${type}; charset=utf-8`, ...headers });
}

/** Answers with an error, in OpenAI's shape unless the protocol has another; nothing if the headers are out already. */
export function sendError(
	response: ServerResponse,
	error: WireError,
	shape: (error: WireError) => object = ({ body }) => body,
): void {
	const { status, body, retryAfterMs, retryable } = error;
	if (response.headersSent || response.destroyed) return;
	sendJson(response, status, shape(error), {
		// Both as OpenAI's clients read them; the second is not rounded to seconds.
		...(retryAfterMs === undefined
			? {}
			: {
					'retry-after': String(Math.ceil(retryAfterMs / 1000)),
					'retry-after-ms': String(Math.ceil(retryAfterMs)),
				}),
		...(retryable === undefined ? {} : { 'x-should-retry': String(retryable) }),
		// What is left of an unread body would be taken for the next request.
		...(['request_too_large', 'request_timeout', 'stopping'].includes(body.error.code ?? '')
			? { connection: 'close' }
			: {}),
	});
}
