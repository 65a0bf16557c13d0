import type { IncomingMessage } from 'node:http';
import { isObject, jsonProblem } from '../support';
import { GatewayError } from './errors';

/**
 * The JSON body of a request.
 *
 * @throws GatewayError `tooLarge` beyond `maxBytes` (the rest is not read), `invalidRequest` for what is not a JSON object
 */
export async function readJsonBody(request: IncomingMessage, maxBytes: number): Promise<object> {
	const tooLarge = () =>
		new GatewayError(
			'tooLarge',
			`The request body is larger than ${maxBytes} bytes, the limit of this gateway.`,
		);
	if (Number(request.headers['content-length']) > maxBytes) throw tooLarge();
	const parts: Buffer[] = [];
	let length = 0;
	// Destroying the stream would close the socket before the refusal is read.
	const stream: AsyncIterable<Buffer> = request.iterator({ destroyOnReturn: false });
	for await (const part of stream) {
		length += part.length;
		if (length > maxBytes) throw tooLarge();
		parts.push(part);
	}
	let body: unknown;
	try {
		body = JSON.parse(Buffer.concat(parts, length).toString('utf8'));
	} catch {
		throw new GatewayError('invalidRequest', 'The request body is not valid JSON.');
	}
	return checkObject(body);
}

export function checkObject(body: unknown): object {
	if (!isObject(body)) throw new GatewayError('invalidRequest', 'The request body must be a JSON object.');
	const problem = jsonProblem(body);
	if (problem !== undefined) throw new GatewayError('invalidRequest', `The request body ${problem}.`);
	return body;
}
