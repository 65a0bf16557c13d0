import type * as Qdrant from '@qdrant/js-client-rest';
import type { Agent } from 'undici';
import {
	asObject,
	callSignal,
	checkAddress,
	createSecretRedactor,
	type Egress,
	EgressError,
	isObject,
	outgoingAgent,
	retryAfterMs,
	type SecretRedactor,
	STARS,
	trimEndOf,
	shortened,
} from '../../support';
import { IndexError } from '../errors';
import { Addresses } from './addresses';
import { clusterFailure } from './clusterErrors';

export interface Server {
	/** Its address, or those of a cluster's nodes, separated by commas. */
	readonly url: string;
	readonly apiKey?: string;
	readonly egress?: Egress;
}

/** The part of Qdrant's API that is used, as its own client types it. */
export type QdrantClient = ClusterCalls & CollectionCalls;

interface ClusterCalls {
	/** The nodes, as the asked one knows them; `disabled` for a server that is by itself. */
	clusterStatus(): Promise<Qdrant.Schemas['ClusterStatus']>;
}

type CollectionCalls = Pick<
	Qdrant.QdrantClient,
	| 'getCollections'
	| 'getCollection'
	| 'createCollection'
	| 'updateCollection'
	| 'deleteCollection'
	| 'createPayloadIndex'
	| 'getAliases'
	| 'updateCollectionAliases'
	| 'upsert'
	| 'delete'
	| 'retrieve'
	| 'scroll'
	| 'count'
	| 'query'
	| 'queryBatch'
	| 'facet'
	| 'collectionClusterInfo'
>;

const CONNECT_MS = 10_000;
/** The same where another node can be asked. */
const CONNECT_ONE_OF_SEVERAL_MS = 3_000;
/** A read that a node has not answered by then is asked of the next one: a frozen node accepts connections and says nothing. */
const READ_MS = 10_000;
/** One request; a server that has not answered by then hangs. */
const REQUEST_MS = 60_000;
/** What the server takes in one request, unless it is set up otherwise. It cuts off what is longer, and its answer is lost. */
const MAX_REQUEST = 32 * 1024 * 1024;
/** A page of 256 rows with vectors of 4,096 numbers is some 25 MB. */
const MAX_ANSWER = 128 * 1024 * 1024;

/** An answer that is no success: what the server says, without its key. */
export class RefusedError extends Error {
	constructor(
		readonly status: number,
		words: string,
		readonly retryAfterMs?: number,
	) {
		super(words);
	}
}

/** The server accepted the connection and said nothing. */
export class SilentError extends Error {}

/**
 * Qdrant's REST API over the pack's own connections. Its client follows redirects with the key, cannot be cancelled and asks no egress
 * filter; of it only the types are used.
 */
export class RestClient implements QdrantClient {
	private readonly addresses: Addresses;
	private readonly egress: Egress;
	private readonly headers: { readonly [name: string]: string };
	private readonly redactor: SecretRedactor;
	private agent: Promise<Agent> | undefined;

	/** @throws IndexError `invalidSettings` for an address that is none */
	constructor({ url, apiKey, egress = {} }: Server) {
		this.addresses = new Addresses(url);
		this.egress = egress;
		const key = apiKey === undefined || apiKey === '' ? undefined : apiKey;
		// Compressed answers come in small pieces, of which the last one waits 40 ms for an acknowledgement.
		this.headers = {
			accept: 'application/json',
			'accept-encoding': 'identity',
			...(key !== undefined && { 'api-key': key }),
		};
		this.redactor = createSecretRedactor(key === undefined ? [] : [key], STARS);
	}

	getCollections: QdrantClient['getCollections'] = () => this.read('GET', '/collections');
	getCollection: QdrantClient['getCollection'] = (name) => this.read('GET', at(name));
	createCollection: QdrantClient['createCollection'] = (name, body) => this.write('PUT', at(name), body);
	updateCollection: QdrantClient['updateCollection'] = (name, body) => this.write('PATCH', at(name), body);
	deleteCollection: QdrantClient['deleteCollection'] = (name) => this.write('DELETE', at(name));
	createPayloadIndex: QdrantClient['createPayloadIndex'] = (name, { wait, ...body }) =>
		this.write('PUT', at(name, '/index', wait), body);
	getAliases: QdrantClient['getAliases'] = () => this.read('GET', '/aliases');
	updateCollectionAliases: QdrantClient['updateCollectionAliases'] = (body) =>
		this.write('POST', '/collections/aliases', body);
	upsert: QdrantClient['upsert'] = (name, { wait, ...body }) =>
		this.write('PUT', at(name, '/points', wait), body);
	delete: QdrantClient['delete'] = (name, { wait, ...body }) =>
		this.write('POST', at(name, '/points/delete', wait), body);
	retrieve: QdrantClient['retrieve'] = (name, body) => this.read('POST', at(name, '/points'), body);
	scroll: QdrantClient['scroll'] = (name, body) => this.read('POST', at(name, '/points/scroll'), body);
	count: QdrantClient['count'] = (name, body) => this.read('POST', at(name, '/points/count'), body);
	query: QdrantClient['query'] = (name, body) => this.read('POST', at(name, '/points/query'), body);
	clusterStatus: QdrantClient['clusterStatus'] = () => this.read('GET', '/cluster');
	collectionClusterInfo: QdrantClient['collectionClusterInfo'] = (name) =>
		this.read('GET', at(name, '/cluster'));
	queryBatch: QdrantClient['queryBatch'] = (name, body) =>
		this.read('POST', at(name, '/points/query/batch'), body);
	facet: QdrantClient['facet'] = (name, body) => this.read('POST', at(name, '/facet'), body);

	/** Asks for something that changes nothing, so that any node may be asked, and again. */
	private async read<T>(method: Method, path: string, body?: object): Promise<T> {
		return await this.askNodes(method, path, body, READ_MS);
	}

	/**
	 * Every write is the same when it is done twice, so that it goes to the next node when one is gone. Not after silence: a frozen
	 * node would do it when it goes on, after what was written since.
	 */
	private async write<T>(method: Method, path: string, body?: object): Promise<T> {
		return await this.askNodes(method, path, body, undefined);
	}

	/**
	 * @param patienceMs how long a node may take where another one can be asked; undefined: silence is for the caller
	 * @throws RefusedError, SilentError, EgressError, or what the connection failed with
	 */
	private async askNodes<T>(
		method: Method,
		path: string,
		body: object | undefined,
		patienceMs: number | undefined,
	): Promise<T> {
		const nodes = this.addresses.list();
		for (const [i, node] of nodes.entries()) {
			const isLast = i === nodes.length - 1;
			try {
				return await this.ask(node, method, path, body, isLast ? REQUEST_MS : (patienceMs ?? REQUEST_MS));
			} catch (thrown) {
				const isGone = isOfNode(thrown);
				const isSilent = thrown instanceof SilentError;
				if (nodes.length > 1 && (isGone || isSilent || isAboutOthers(thrown))) this.addresses.postpone(node);
				if (!isLast && (isGone || (isSilent && patienceMs !== undefined))) continue;
				if (nodes.length === 1 || !isGone || thrown instanceof RefusedError) throw thrown;
				throw new Error(`none of the ${nodes.length} nodes answers`, { cause: thrown });
			}
		}
		throw new Error('a server has at least one address');
	}

	private async ask<T>(
		node: URL,
		method: Method,
		path: string,
		body: object | undefined,
		limitMs: number,
	): Promise<T> {
		await checkAddress(this.egress, node);
		const connectMs = this.addresses.count > 1 ? CONNECT_ONE_OF_SEVERAL_MS : CONNECT_MS;
		const agent = await (this.agent ??= outgoingAgent(this.egress, connectMs));
		const late = AbortSignal.timeout(limitMs);
		const cancelled = callSignal();
		const signal = cancelled === undefined ? late : AbortSignal.any([late, cancelled]);
		let status: number;
		let retryAfter: string | string[] | undefined;
		let text: string;
		const sent = body === undefined ? null : Buffer.from(JSON.stringify(body));
		try {
			const answer = await agent.request({
				origin: node.origin,
				path: trimEndOf(node.pathname, '/') + path,
				method,
				headers: body === undefined ? this.headers : { ...this.headers, 'content-type': 'application/json' },
				body: sent,
				signal,
			});
			status = answer.statusCode;
			retryAfter = answer.headers['retry-after'];
			text = await readBounded(answer.body);
		} catch (thrown) {
			if (cancelled?.aborted === true) throw new IndexError('cancelled', 'The call was cancelled.');
			if (late.aborted) throw new SilentError(`no answer within ${limitMs / 1000} seconds`);
			if (sent && sent.length > MAX_REQUEST && wasCut(thrown))
				throw new RefusedError(413, `it cut off a request of ${Math.ceil(sent.length / 1024 / 1024)} MB`);
			throw thrown;
		}
		if (status >= 300 && status < 400) {
			throw new RefusedError(status, 'it redirects. Enter the address it redirects to in the credential');
		}
		const answer = parsed(text);
		if (status === 200 || status === 201) return answer?.result as T;
		const words = shortened(this.redactor.text(wordsOf(answer) ?? text), 400);
		throw new RefusedError(status, words, retryAfterMs(retryAfter));
	}
}

type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

/** Whether the node itself is gone or not ready, so that another one may do what was asked. */
function isOfNode(thrown: unknown): boolean {
	if (thrown instanceof RefusedError) return thrown.status === 502 || thrown.status === 503;
	return !(thrown instanceof IndexError || thrown instanceof EgressError || thrown instanceof SilentError);
}

/** Whether a node could not reach others: another one may. */
const isAboutOthers = (thrown: unknown): boolean =>
	thrown instanceof RefusedError && thrown.status === 500 && clusterFailure(thrown.message) !== undefined;

const wasCut = (thrown: unknown): boolean =>
	isObject(thrown) && ['EPIPE', 'ECONNRESET', 'UND_ERR_SOCKET'].includes(String(thrown.code));

function at(collection: string, path = '', wait?: boolean): string {
	return `/collections/${encodeURIComponent(collection)}${path}${wait === undefined ? '' : `?wait=${wait}`}`;
}

async function readBounded(body: AsyncIterable<Buffer>): Promise<string> {
	const parts: Buffer[] = [];
	let size = 0;
	for await (const part of body) {
		size += part.length;
		if (size > MAX_ANSWER)
			throw new RefusedError(500, 'its answer is larger than any answer to this should be');
		parts.push(part);
	}
	return Buffer.concat(parts, size).toString('utf8');
}

function parsed(text: string) {
	try {
		return asObject(JSON.parse(text));
	} catch {
		return undefined;
	}
}

function wordsOf(answer: ReturnType<typeof asObject>): string | undefined {
	const error = asObject(answer?.status)?.error;
	return typeof error === 'string' ? error : undefined;
}
