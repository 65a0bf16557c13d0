import type { IncomingMessage } from 'node:http';
import { isNestedTooDeep, isObject, jsonProblem, MAX_NESTING } from '../support';
import type { BodyShare } from './bodyLimits';
import { GatewayError } from './errors';

export interface BodyOptions {
	readonly maxBytes: number;
	/** How long it may take to arrive. */
	readonly ms: number;
	readonly share: BodyShare;
}

/**
 * The body of a request.
 *
 * @throws GatewayError `tooLarge` beyond `maxBytes` (the rest is not read), `slowBody` when it comes too slowly or has to give way to others
 */
export async function readBody(request: IncomingMessage, options: BodyOptions): Promise<Buffer> {
	const { maxBytes, ms, share } = options;
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
	let timer: NodeJS.Timeout | undefined;
	const late = new Promise<never>((_, reject) => {
		const refuse = () =>
			reject(new GatewayError('slowBody', `The request body did not arrive within ${ms / 1000} seconds.`));
		timer = setTimeout(refuse, ms);
	});
	const givenUp = share.givenUp.then((): never => {
		throw new GatewayError(
			'slowBody',
			'The request body arrived too slowly, and others were waiting. Send it again, faster.',
		);
	});
	// Where the body is here by then, nobody listens any more.
	givenUp.catch(() => undefined);
	try {
		const read = (async () => {
			for await (const part of stream) {
				length += part.length;
				if (length > maxBytes) throw tooLarge();
				share.grow(part.length);
				parts.push(part);
			}
		})();
		await Promise.race([read, late, givenUp]);
	} finally {
		clearTimeout(timer);
		share.arrived();
	}
	return Buffer.concat(parts, length);
}

/**
 * The JSON body of a request.
 *
 * @throws GatewayError what {@link readBody} throws; `invalidRequest` for what is not a JSON object
 */
export async function readJsonBody(request: IncomingMessage, options: BodyOptions): Promise<object> {
	const text = (await readBody(request, options)).toString('utf8');
	if (isNestedTooDeep(text)) throw tooDeep();
	let body: unknown;
	try {
		body = JSON.parse(text);
	} catch {
		throw new GatewayError('invalidRequest', 'The request body is not JSON.');
	}
	return checkObject(body);
}

const tooDeep = () =>
	new GatewayError('invalidRequest', `The request body is nested deeper than ${MAX_NESTING} levels.`);

export function checkObject(body: unknown): object {
	if (!isObject(body)) throw new GatewayError('invalidRequest', 'The request body must be a JSON object.');
	const problem = jsonProblem(body);
	if (problem !== undefined) throw new GatewayError('invalidRequest', `The request body ${problem}.`);
	return body;
}
