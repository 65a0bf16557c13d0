import type * as Qdrant from '@qdrant/js-client-rest';
import type { Agent } from 'undici';
import {
	asObject,
	callSignal,
	checkAddress,
	createSecretRedactor,
	type Egress,
	outgoingAgent,
	retryAfterMs,
	type SecretRedactor,
	STARS,
	trimEndOf,
	shortened,
} from '../../support';
import { IndexError } from '../errors';

export interface Server {
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
	| 'facet'
	| 'collectionClusterInfo'
>;

const CONNECT_MS = 10_000;
/** One request; a server that has not answered by then hangs. */
const REQUEST_MS = 60_000;
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
	private readonly base: URL;
	private readonly egress: Egress;
	private readonly headers: { readonly [name: string]: string };
	private readonly redactor: SecretRedactor;
	private agent: Promise<Agent> | undefined;

	/** @throws IndexError `invalidSettings` for an address that is none */
	constructor({ url, apiKey, egress = {} }: Server) {
		if (!URL.canParse(url) || !/^https?:$/.test(new URL(url).protocol)) {
			throw new IndexError(
				'invalidSettings',
				'The address of the Qdrant server must be a URL beginning with http:// or https://.',
			);
		}
		this.base = new URL(url);
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

	getCollections: QdrantClient['getCollections'] = () => this.ask('GET', '/collections');
	getCollection: QdrantClient['getCollection'] = (name) => this.ask('GET', at(name));
	createCollection: QdrantClient['createCollection'] = (name, body) => this.ask('PUT', at(name), body);
	updateCollection: QdrantClient['updateCollection'] = (name, body) => this.ask('PATCH', at(name), body);
	deleteCollection: QdrantClient['deleteCollection'] = (name) => this.ask('DELETE', at(name));
	createPayloadIndex: QdrantClient['createPayloadIndex'] = (name, { wait, ...body }) =>
		this.ask('PUT', at(name, '/index', wait), body);
	getAliases: QdrantClient['getAliases'] = () => this.ask('GET', '/aliases');
	updateCollectionAliases: QdrantClient['updateCollectionAliases'] = (body) =>
		this.ask('POST', '/collections/aliases', body);
	upsert: QdrantClient['upsert'] = (name, { wait, ...body }) =>
		this.ask('PUT', at(name, '/points', wait), body);
	delete: QdrantClient['delete'] = (name, { wait, ...body }) =>
		this.ask('POST', at(name, '/points/delete', wait), body);
	retrieve: QdrantClient['retrieve'] = (name, body) => this.ask('POST', at(name, '/points'), body);
	scroll: QdrantClient['scroll'] = (name, body) => this.ask('POST', at(name, '/points/scroll'), body);
	count: QdrantClient['count'] = (name, body) => this.ask('POST', at(name, '/points/count'), body);
	query: QdrantClient['query'] = (name, body) => this.ask('POST', at(name, '/points/query'), body);
	clusterStatus: QdrantClient['clusterStatus'] = () => this.ask('GET', '/cluster');
	collectionClusterInfo: QdrantClient['collectionClusterInfo'] = (name) =>
		this.ask('GET', at(name, '/cluster'));
	facet: QdrantClient['facet'] = (name, body) => this.ask('POST', at(name, '/facet'), body);

	/** @throws RefusedError, SilentError, EgressError, or what the connection failed with */
	private async ask<T>(
		method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE',
		path: string,
		body?: object,
	): Promise<T> {
		await checkAddress(this.egress, this.base);
		const agent = await (this.agent ??= outgoingAgent(this.egress, CONNECT_MS));
		const late = AbortSignal.timeout(REQUEST_MS);
		const cancelled = callSignal();
		const signal = cancelled === undefined ? late : AbortSignal.any([late, cancelled]);
		let status: number;
		let retryAfter: string | string[] | undefined;
		let text: string;
		try {
			const answer = await agent.request({
				origin: this.base.origin,
				path: trimEndOf(this.base.pathname, '/') + path,
				method,
				headers: body === undefined ? this.headers : { ...this.headers, 'content-type': 'application/json' },
				body: body === undefined ? null : JSON.stringify(body),
				signal,
			});
			status = answer.statusCode;
			retryAfter = answer.headers['retry-after'];
			text = await readBounded(answer.body);
		} catch (thrown) {
			if (cancelled?.aborted === true) throw new IndexError('cancelled', 'The call was cancelled.');
			if (late.aborted) throw new SilentError(`no answer within ${REQUEST_MS / 1000} seconds`);
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
