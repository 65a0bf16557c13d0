import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Collection } from './collection';
import { loadSpecification } from './openapi';
import { checkStrict } from './strict';
import { asList, asObject, inNoOrder, isObject, Refusal, type Json, type JsonObject, textOf } from './values';

const MAX_BODY = 32 * 1024 * 1024;

export interface Exchange {
	readonly method: string;
	readonly path: string;
	readonly body: Json | undefined;
}

/** An answer in place of the real one; `drop` closes the connection, `hang` keeps it open and says nothing. */
export type Fault =
	| { readonly status: number; readonly message: string; readonly headers?: Record<string, string> }
	| 'drop'
	| 'hang';

/**
 * A stand-in for a Qdrant 1.18 server: checks every request against Qdrant's own description, computes real answers in
 * memory, and makes the same errors. What it knows was checked against recordings of a real one.
 */
export class QdrantStandIn {
	/** Requests with fields or values that Qdrant's description does not know (the real server ignores some silently). */
	readonly violations: string[] = [];
	readonly requests: Exchange[] = [];
	/** Makes the next requests fail, for tests. */
	fault: ((exchange: Exchange) => Fault | undefined) | undefined;
	/** Which requests are carried out although they are answered with a fault. */
	done: ((exchange: Exchange) => boolean) | undefined;
	/** Strict mode of collections that are made from now on, as a server can be set up. */
	strictMode: JsonObject = { enabled: false };
	/** What is said of the nodes: a server by itself, or a cluster of so many. */
	cluster: JsonObject = { status: 'disabled' };
	private readonly specification = loadSpecification();
	private readonly collections: Map<string, Collection>;
	private readonly aliases: Map<string, string>;
	private server: Server | undefined;

	/** @param other a node of the same cluster: what is stored is one */
	constructor(
		private readonly apiKey?: string,
		other?: QdrantStandIn,
	) {
		this.collections = other?.collections ?? new Map<string, Collection>();
		this.aliases = other?.aliases ?? new Map<string, string>();
	}

	collectionNames(): string[] {
		return [...this.collections.keys()];
	}

	/** @param port that of a former start, to come back under the same address with what was stored */
	async start(port = 0): Promise<string> {
		const server = createServer((request, response) => void this.handle(request, response));
		this.server = server;
		await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
		return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
	}

	async stop(): Promise<void> {
		this.server?.closeAllConnections();
		await new Promise((resolve) => this.server?.close(resolve));
	}

	private async handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
		// The real one does not wait for the rest, and its answer is lost with the connection.
		if (Number(request.headers['content-length']) > MAX_BODY) {
			request.socket.destroy();
			return;
		}
		const chunks: Buffer[] = [];
		for await (const chunk of request) chunks.push(chunk as Buffer);
		const text = Buffer.concat(chunks).toString('utf8');
		const address = new URL(request.url ?? '/', 'http://localhost');
		const answer = (status: number, body: JsonObject, headers: Record<string, string> = {}): void => {
			response.writeHead(status, { 'content-type': 'application/json', ...headers });
			response.end(JSON.stringify({ ...body, time: 0 }));
		};
		if (this.apiKey !== undefined && request.headers['api-key'] !== this.apiKey) {
			response.writeHead(401).end('Must provide an API key or an Authorization bearer token');
			return;
		}
		try {
			const body = text === '' ? undefined : parse(text);
			const exchange = { method: request.method ?? 'GET', path: decodeURIComponent(address.pathname), body };
			this.requests.push(exchange);
			const fault = this.fault?.(exchange);
			if (fault === 'drop') {
				request.socket.destroy();
				return;
			}
			if (fault === 'hang') return;
			if (fault) {
				if (this.done?.(exchange)) this.answer(exchange);
				answer(fault.status, { status: { error: fault.message } }, fault.headers);
				return;
			}
			answer(200, { result: this.answer(exchange), status: 'ok' });
		} catch (thrown) {
			const refusal =
				thrown instanceof Refusal ? thrown : new Refusal(599, `the stand-in broke: ${String(thrown)}`);
			answer(refusal.status, { status: { error: refusal.message } });
		}
	}

	/** The `result` of a request. Throws a Refusal for what the real server refuses. */
	answer({ method, path, body }: Exchange): Json {
		if (method !== 'GET' && method !== 'DELETE' && body === undefined)
			throw new Refusal(400, 'Format error in JSON body: EOF while parsing a value at line 1 column 0');
		const limit = asObject(body).limit;
		if (limit === 0 && path.endsWith('/scroll')) {
			throw new Refusal(
				422,
				'Validation error in JSON body: [scroll_request.limit: value 0 invalid, must be 1 or larger]',
			);
		}
		const problem = this.specification.problem(method, path, body, 'allowed');
		if (problem !== undefined) throw new Refusal(400, `Format error in JSON body: ${problem}`);
		const unknown = this.specification.problem(method, path, body, 'refused');
		if (unknown !== undefined) this.violations.push(`${method} ${path}: ${unknown}`);
		const fields = asObject(body);
		const [, first, name = '', third, fourth] = path.split('/');
		if (path === '/collections')
			return { collections: inNoOrder(this.collections.keys()).map((each) => ({ name: each })) };
		if (path === '/aliases') return this.listAliases(() => true);
		if (path === '/collections/aliases') return this.changeAliases(asList(fields.actions));
		if (path === '/cluster') return this.cluster;
		if (first !== 'collections') throw new Refusal(404, '');
		if (third === undefined) return this.whole(method, name, fields);
		if (third === 'exists') return { exists: this.find(name) !== undefined };
		if (third === 'aliases') return this.listAliases((target) => target === name);
		const collection = this.find(name);
		if (!collection) throw missing(name);
		if (third === 'cluster') return collection.placement(this.peers());
		return within(
			collection,
			`${method} ${[third, fourth].filter(Boolean).join('/')}`,
			fields,
			path.split('/')[5],
		);
	}

	private whole(method: string, name: string, fields: JsonObject): Json {
		if (method === 'PUT') {
			if (this.collections.has(name))
				throw new Refusal(409, `Wrong input: Collection \`${name}\` already exists!`);
			if (this.aliases.has(name))
				throw new Refusal(
					400,
					`Wrong input: Can't create collection with name ${name}. Alias with the same name already exists`,
				);
			this.collections.set(name, new Collection({ strict_mode_config: this.strictMode, ...fields }));
			return true;
		}
		if (method === 'DELETE') {
			for (const [alias, target] of this.aliases) if (target === name) this.aliases.delete(alias);
			return this.collections.delete(name);
		}
		const collection = this.find(name);
		if (!collection) throw missing(name);
		if (method === 'GET') return collection.info();
		collection.mergeMetadata(fields.metadata);
		if (isObject(fields.strict_mode_config)) collection.strictMode = fields.strict_mode_config;
		return true;
	}

	/** One after another; those before a failing one stay. */
	private changeAliases(actions: readonly Json[]): Json {
		for (const action of actions) {
			const { create_alias: create, delete_alias: remove, rename_alias: rename } = asObject(action);
			if (isObject(remove)) this.aliases.delete(textOf(remove.alias_name));
			if (isObject(create)) {
				const [alias, target] = [textOf(create.alias_name), textOf(create.collection_name)];
				if (!this.collections.has(target)) throw missing(target);
				if (this.collections.has(alias))
					throw new Refusal(409, `Wrong input: Collection \`${alias}\` already exists!`);
				this.aliases.set(alias, target);
			}
			if (isObject(rename)) {
				const [from, to] = [textOf(rename.old_alias_name), textOf(rename.new_alias_name)];
				const target = this.aliases.get(from);
				if (target === undefined) throw new Refusal(404, `Not found: Alias ${from} does not exists!`);
				this.aliases.delete(from);
				this.aliases.set(to, target);
			}
		}
		return true;
	}

	private listAliases(wanted: (target: string) => boolean): Json {
		const listed = inNoOrder(this.aliases).filter(([, target]) => wanted(target));
		return { aliases: listed.map(([alias_name, collection_name]) => ({ alias_name, collection_name })) };
	}

	/** States of a collection's replicas other than "Active", by "shard/peer". */
	replicaStates(name: string, states: Record<string, string>): void {
		const found = this.find(name)?.replicaStates;
		found?.clear();
		for (const [replica, state] of Object.entries(states)) found?.set(replica, state);
	}

	private peers(): number[] {
		const peers = Object.keys(asObject(this.cluster.peers)).map(Number);
		return peers.length > 0 ? peers : [1];
	}

	private find(name: string): Collection | undefined {
		return this.collections.get(this.aliases.get(name) ?? name);
	}
}

function within(
	collection: Collection,
	operation: string,
	fields: JsonObject,
	rest: string | undefined,
): Json {
	checkStrict(collection.strictMode, collection.indexes, operation, fields);
	switch (operation) {
		case 'PUT index':
			return collection.createIndex(textOf(fields.field_name), fields.field_schema ?? null);
		case 'PUT points':
			return collection.upsert(fields);
		case 'POST points':
			return collection.retrieve(fields);
		case 'POST points/scroll':
			return collection.scroll(fields);
		case 'POST points/count':
			return collection.count(fields.filter);
		case 'POST points/delete':
			return collection.delete(fields);
		case 'POST facet':
			return collection.facet(fields);
		case 'POST points/query':
			if (rest === undefined) return collection.query(fields);
			return asList(fields.searches).map((search) => collection.query(asObject(search)));
		default:
			throw new Error(`it does not know ${operation}`);
	}
}

function parse(text: string): Json {
	try {
		return JSON.parse(text) as Json;
	} catch {
		throw new Refusal(400, 'Format error in JSON body: not JSON');
	}
}

function missing(name: string): Refusal {
	return new Refusal(404, `Not found: Collection \`${name}\` doesn't exist!`);
}
