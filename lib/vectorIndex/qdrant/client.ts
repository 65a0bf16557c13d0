import type * as Qdrant from '@qdrant/js-client-rest';
import { setTimeout as sleep } from 'node:timers/promises';
import { hasAny, messageOf, trimEndOf } from '../../support';
import { IndexError, type IndexErrorKind } from '../errors';

export interface Server {
	readonly url: string;
	readonly apiKey?: string;
}

const REQUEST_TIMEOUT_MS = 60_000;
const ATTEMPTS = 5;
/** A server that wants more patience than this is not going to answer within a flow. */
const MAX_WAIT_MS = 30_000;
const MAX_CLIENTS = 64;

const clients = new Map<string, Promise<Qdrant.QdrantClient>>();

/** One client a server and key, loaded at first use. Throws `invalidSettings`, `unsupported`. */
export async function clientOf(server: Server): Promise<Qdrant.QdrantClient> {
	const key = JSON.stringify([server.url, server.apiKey]);
	let client = clients.get(key);
	if (!client) {
		if (clients.size >= MAX_CLIENTS) clients.delete(clients.keys().next().value ?? '');
		client = makeClient(server);
		clients.set(key, client);
		client.catch(() => clients.delete(key));
	}
	return await client;
}

async function makeClient({ url, apiKey }: Server): Promise<Qdrant.QdrantClient> {
	const address = URL.parse(url);
	if (!address || !/^https?:$/.test(address.protocol)) {
		throw new IndexError(
			'invalidSettings',
			'The address of the Qdrant server must be a URL beginning with http:// or https://.',
		);
	}
	const library = await import('@qdrant/js-client-rest');
	const secure = address.protocol === 'https:';
	return new library.QdrantClient({
		host: address.hostname,
		// The client would take 6333 for a URL without a port, also behind a proxy that serves https on 443.
		port: address.port === '' ? (secure ? 443 : 80) : Number(address.port),
		https: secure,
		...(address.pathname !== '/' && { prefix: trimEndOf(address.pathname, '/') }),
		// As a header, because given as `apiKey` the client warns on the console about plain http each time.
		...(apiKey !== undefined && apiKey !== '' && { headers: { 'api-key': apiKey } }),
		timeout: REQUEST_TIMEOUT_MS,
		checkCompatibility: false,
	});
}

/** Carries out one request, again when that may help (the client itself never does). `doing` completes "… failed". */
export async function request<T>(doing: string, send: () => Promise<T>): Promise<T> {
	for (let attempt = 1; ; attempt++) {
		try {
			return await send();
		} catch (thrown) {
			const failure = toFailure(thrown, doing);
			const wait = Math.max(failure.retryAfterMs ?? 0, 100 * 2 ** attempt * (0.5 + Math.random()));
			if (!failure.retry || attempt === ATTEMPTS || wait > MAX_WAIT_MS) throw failure.error;
			await sleep(wait);
		}
	}
}

const isTooLarge = (words: string): boolean =>
	hasAny(words, ['larger than', '33554432']) ||
	(words.includes('payload') && hasAny(words, ['limit', 'overflow']));

/** The request was larger than the server takes: it can be sent again in halves. */
export class TooLargeError extends IndexError {}

interface FailedRequest {
	readonly error: IndexError;
	readonly retry: boolean;
	readonly retryAfterMs?: number;
}

function toFailure(thrown: unknown, doing: string): FailedRequest {
	if (thrown instanceof IndexError) return { error: thrown, retry: false };
	const make = (kind: IndexErrorKind, explanation: string, retry = false): FailedRequest => ({
		error: new IndexError(kind, `${doing} failed: ${explanation}`, { cause: thrown }),
		retry,
	});
	const { status, words, retryAfterMs } = partsOf(thrown);
	if (status === undefined) {
		if (retryAfterMs !== undefined)
			return {
				...make('overloaded', `the Qdrant server limits the rate of requests. (${words})`, true),
				retryAfterMs,
			};
		if (/abort|timeout/i.test(`${nameOf(thrown)} ${words}`))
			return make('timeout', 'the Qdrant server did not answer in time.', false);
		return make(
			'unreachable',
			`the Qdrant server cannot be reached; check its address and that it runs, then run it again: what is stored stays. (${words})`,
			true,
		);
	}
	if (status === 413 || (status === 400 && isTooLarge(words.toLowerCase()))) {
		return {
			error: new TooLargeError(
				'backend',
				`${doing} failed: the request was larger than the Qdrant server takes. (${words})`,
				{ cause: thrown },
			),
			retry: false,
		};
	}
	if (status === 401 || status === 403)
		return make('unauthorized', `the Qdrant server refused the API key, or it may only read. (${words})`);
	if (status === 404)
		return make('notFound', `it is not there; it may have been dropped meanwhile. (${words})`);
	if (status === 409) return make('alreadyExists', words);
	// Without retry-after a request is larger than the limit itself allows: repeating it is useless.
	if (status === 429) return make('overloaded', `the Qdrant server limits requests like this. (${words})`);
	if (/timed out|Timeout error/i.test(words))
		return make('timeout', `the Qdrant server took too long. (${words})`, true);
	if (status >= 502 && status <= 504)
		return make('unreachable', `the Qdrant server is not ready (status ${status}).`, true);
	if (status === 507 || /no space|disk/i.test(words))
		return make('storage', `the storage of the Qdrant server refused it. (${words})`);
	return make('backend', `the Qdrant server answered ${status}: ${words}`);
}

function nameOf(thrown: unknown): string {
	return thrown instanceof Error ? thrown.name : '';
}

/** The client throws an object with `status` and `data` for answers, its own classes for 429 and time-outs, fetch's errors otherwise. */
function partsOf(thrown: unknown): { status?: number; words: string; retryAfterMs?: number } {
	if (typeof thrown !== 'object' || thrown === null) return { words: String(thrown) };
	// Version 1.19 of the client reads the first digit of the header only (30 becomes 3); the attempts are bounded anyway.
	if ('retry_after' in thrown && typeof thrown.retry_after === 'number') {
		return { words: messageOf(thrown), retryAfterMs: thrown.retry_after * 1_000 };
	}
	const status = 'status' in thrown && typeof thrown.status === 'number' ? thrown.status : undefined;
	const own = 'data' in thrown ? ownWords(thrown.data) : undefined;
	const cause = thrown instanceof Error && thrown.cause !== undefined ? ` ${messageOf(thrown.cause)}` : '';
	return {
		...(status !== undefined && { status }),
		words: (own ?? `${messageOf(thrown)}${cause}`).slice(0, 400),
	};
}

function ownWords(data: unknown): string | undefined {
	if (typeof data === 'string' && data !== '') return data;
	if (typeof data !== 'object' || data === null || !('status' in data)) return undefined;
	const { status } = data;
	return typeof status === 'object' && status !== null && 'error' in status
		? String(status.error)
		: undefined;
}
