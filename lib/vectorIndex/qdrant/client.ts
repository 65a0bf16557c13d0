import { setTimeout as sleep } from 'node:timers/promises';
import { callSignal, EgressError, hasAny, messageOf, shortened } from '../../support';
import { IndexError, type IndexErrorKind, UnknownOutcomeError } from '../errors';
import { clusterFailure } from './clusterErrors';
import { type QdrantClient, RefusedError, RestClient, type Server, SilentError } from './rest';

export type { QdrantClient, Server } from './rest';

const ATTEMPTS = 5;
/** A server that wants more patience than this is not going to answer within a flow. */
const MAX_WAIT_MS = 30_000;
const MAX_CLIENTS = 64;

const clients = new Map<string, QdrantClient>();

/** One client a server and key. Throws `invalidSettings`. */
export function clientOf(server: Server): QdrantClient {
	const key = JSON.stringify([server.url, server.apiKey]);
	let client = clients.get(key);
	if (!client) {
		if (clients.size >= MAX_CLIENTS) clients.delete(clients.keys().next().value ?? '');
		client = new RestClient(server);
		clients.set(key, client);
	}
	return client;
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
			await pause(wait);
		}
	}
}

/** Looks so often, a second apart, whether a change was made that the cluster did not confirm. */
const LOOKS = 5;
const LOOK_MS = 1_000;

/**
 * Carries out a change of collections or aliases, which the nodes of a cluster have to agree on. Where they did not say what became of
 * it, looks.
 *
 * @param isDone whether the change is there
 * @returns whether the server said that it was done; false where that was seen only afterwards
 */
export async function change(
	doing: string,
	send: () => Promise<unknown>,
	isDone: () => Promise<boolean>,
): Promise<boolean> {
	try {
		await request(doing, send);
		return true;
	} catch (thrown) {
		if (!(thrown instanceof UnknownOutcomeError || thrown instanceof NoAnswerError)) throw thrown;
		for (let look = 0; look < LOOKS; look++) {
			if (look > 0) await pause(LOOK_MS);
			if (await isDone()) return false;
		}
		if (thrown instanceof UnknownOutcomeError) throw thrown;
		throw new UnknownOutcomeError(
			thrown.kind,
			`${thrown.message} It is not known whether it was done. Run this again when the server answers.`,
		);
	}
}

const isTooLarge = (words: string): boolean =>
	hasAny(words, ['larger than', '33554432']) ||
	(words.includes('payload') && hasAny(words, ['limit', 'overflow']));

async function pause(ms: number): Promise<void> {
	try {
		await sleep(ms, undefined, { signal: callSignal() });
	} catch {
		throw new IndexError('cancelled', 'The call was cancelled.');
	}
}

/** The server did not answer at all: a smaller request would not be answered either. */
export class NoAnswerError extends IndexError {}

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
		// Without the cause: it could hold what the server or a proxy sent back, and with it the key.
		error: new IndexError(kind, `${doing} failed: ${explanation}`),
		retry,
	});
	if (thrown instanceof EgressError) return make('unauthorized', thrown.message);
	if (thrown instanceof SilentError) {
		const words = `${doing} failed: the Qdrant server accepted the connection and gave ${thrown.message}.`;
		return { error: new NoAnswerError('timeout', words), retry: false };
	}
	if (!(thrown instanceof RefusedError)) {
		const cause = thrown instanceof Error && thrown.cause !== undefined ? ` ${messageOf(thrown.cause)}` : '';
		return make(
			'unreachable',
			`the Qdrant server cannot be reached; check its address and that it runs, then run it again: what is stored stays. (${shortened(`${messageOf(thrown)}${cause}`, 400)})`,
			true,
		);
	}
	const { status, message: words, retryAfterMs } = thrown;
	if (status === 429 && retryAfterMs !== undefined)
		return {
			...make('overloaded', `the Qdrant server limits the rate of requests. (${words})`, true),
			retryAfterMs,
		};
	const isSplit = status === 429 && words.includes('split your request');
	if (status === 413 || isSplit || (status === 400 && isTooLarge(words.toLowerCase()))) {
		return {
			error: new TooLargeError(
				'backend',
				`${doing} failed: the request was larger than the Qdrant server takes. (${words})`,
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
	const ofCluster = status === 500 ? clusterFailure(words) : undefined;
	if (ofCluster) {
		const failure = make('unreachable', `${ofCluster.words} (${words})`, ofCluster.retry);
		if (!ofCluster.unknown) return failure;
		return { ...failure, error: new UnknownOutcomeError('unreachable', failure.error.message) };
	}
	if (/timed out|Timeout error/i.test(words))
		return make('timeout', `the Qdrant server took too long. (${words})`, true);
	if (status >= 502 && status <= 504)
		return make('unreachable', `the Qdrant server is not ready (status ${status}).`, true);
	if (status === 507 || /no space|disk/i.test(words))
		return make('storage', `the storage of the Qdrant server refused it. (${words})`);
	return make('backend', `the Qdrant server answered ${status}: ${words}`);
}
