import { validateHeaderName, validateHeaderValue } from 'node:http';
import type { LookupFunction } from 'node:net';
import type { Agent } from 'undici';
import {
	outgoingAgent,
	createSecretRedactor,
	messageOf,
	partsOfHeader,
	type SecretRedactor,
	shortened,
	STARS,
} from '../../support';
import { EngineError } from '../errors';
import type { Form } from '../wire/multipart';
import { type BodyReader, Exchange, type ExchangeLimits, type HttpAnswer } from './exchange';
import { parseBaseUrl } from './url';

export interface HttpRequest {
	readonly method: 'GET' | 'POST' | 'DELETE';
	/** Below the engine's base URL, beginning with a slash. */
	readonly path: string;
	/** Sent as JSON. */
	readonly body?: unknown;
	/** Sent as it is, in the place of `body`. */
	readonly form?: Form;
}

export interface TransportOptions {
	readonly baseUrl: string;
	readonly apiKey?: string;
	readonly headers?: { readonly [name: string]: string };
	readonly connectMs: number;
	readonly checkUrl?: (url: URL) => void | Promise<void>;
	readonly lookup?: LookupFunction;
}

export interface SendOptions {
	readonly limits: ExchangeLimits;
	readonly signal?: AbortSignal;
	readonly reader?: BodyReader;
	/** Told the exchange before anything is sent: the reader reports tokens to it. */
	readonly onExchange?: (exchange: Exchange) => void;
}

/** A body as it goes out, with its content type. */
interface Written {
	readonly type: string;
	readonly bytes: string | Buffer;
}

const MAX_REDIRECTS = 3;

/**
 * The connection to one engine. Its undici Agent has no time limits of its own (undici's 300 s cut slow generations);
 * deadlines are the exchange's. Never touches the process's global dispatcher.
 */
export class Transport {
	readonly origin: string;
	/** Host, port and path, without what is secret: tells two engines behind one proxy apart. */
	readonly place: string;
	/** When anything last came from it, on performance.now()'s clock; 0 = never. */
	heardAt = 0;
	private readonly prefix: string;
	private readonly headers: { readonly [name: string]: string };
	/** The name of one that cannot be sent. */
	private readonly wrongHeader: string | undefined;
	private agent: Agent | undefined;
	private opening: Promise<Agent> | undefined;
	private closed = false;
	private readonly redactor: SecretRedactor;

	constructor(private readonly options: TransportOptions) {
		const base = parseBaseUrl(options.baseUrl);
		this.origin = base.origin;
		this.prefix = base.prefix;
		this.place = `${new URL(base.origin).host}${base.prefix}`;
		const key = options.apiKey === undefined || options.apiKey === '' ? undefined : options.apiKey;
		this.headers = {
			accept: 'application/json, text/event-stream, application/x-ndjson',
			...base.headers,
			...(key === undefined ? {} : { authorization: `Bearer ${key}` }),
			...lowerCased(options.headers ?? {}),
		};
		this.wrongHeader = Object.entries(this.headers).find(([name, value]) => !isSendable(name, value))?.[0];
		const secrets = [key, ...base.secrets, ...Object.values(options.headers ?? {}).flatMap(partsOfHeader)];
		this.redactor = createSecretRedactor(
			secrets.filter((secret) => secret !== undefined),
			STARS,
		);
	}

	/** Sends and waits for the whole answer; a 2xx body goes to `options.reader` if there is one. Rejects with TransportError. */
	async send(request: HttpRequest, options: SendOptions): Promise<HttpAnswer> {
		if (this.wrongHeader !== undefined) {
			const name =
				this.wrongHeader === 'authorization' ? 'key' : `header "${shortened(this.wrongHeader, 100)}"`;
			throw new EngineError(
				'unauthorized',
				`The ${name} for ${this.place} cannot be sent: HTTP does not allow it, or one of its characters, such as a line break. Correct it in the credential.`,
			);
		}
		const { checkUrl } = this.options;
		const path = this.prefix + request.path;
		const body = request.form ?? (request.body === undefined ? undefined : written(request.body));
		if (checkUrl === undefined)
			return await this.dispatch(this.origin, path, request.method, body, true, options, 0);
		return await this.checked(new URL(path, this.origin), request.method, body, true, options, 0);
	}

	/** Takes keys and header values of this engine out of a text that is going to be shown. */
	redact(text: string): string {
		return this.redactor.text(text);
	}

	async close(): Promise<void> {
		this.closed = true;
		await (this.agent ?? (await this.opening))?.destroy();
	}

	private async open(): Promise<Agent> {
		this.agent ??= await outgoingAgent(this.options, this.options.connectMs);
		return this.agent;
	}

	private async checked(
		url: URL,
		method: HttpRequest['method'],
		body: Written | undefined,
		trusted: boolean,
		options: SendOptions,
		redirects: number,
	): Promise<HttpAnswer> {
		try {
			await this.options.checkUrl?.(url);
		} catch (cause) {
			throw new EngineError('unauthorized', `${url.origin} may not be asked from here: ${messageOf(cause)}`, {
				cause,
			});
		}
		return await this.dispatch(
			url.origin,
			url.pathname + url.search,
			method,
			body,
			trusted,
			options,
			redirects,
		);
	}

	private dispatch(
		origin: string,
		path: string,
		method: HttpRequest['method'],
		body: Written | undefined,
		trusted: boolean,
		options: SendOptions,
		redirects: number,
	): Promise<HttpAnswer> {
		const own = trusted ? this.headers : { accept: 'application/json' };
		const headers = body === undefined ? own : { ...own, 'content-type': body.type };
		return new Promise<HttpAnswer>((resolve, reject) => {
			const done = (answer: HttpAnswer): void => {
				const redirect = answer.status >= 300 && answer.status < 400;
				resolve(
					redirect ? this.follow(answer, origin + path, method, body, trusted, options, redirects) : answer,
				);
			};
			const heard = (): void => {
				this.heardAt = performance.now();
			};
			const exchange = new Exchange(options.limits, options.signal, options.reader, done, reject, heard);
			options.onExchange?.(exchange);
			if (options.signal?.aborted === true) {
				exchange.fail(new EngineError('cancelled', 'The call was cancelled before it was sent.'));
				return;
			}
			const send = (agent: Agent): void => {
				if (!exchange.over)
					agent.dispatch({ origin, path, method, body: body?.bytes ?? null, headers }, exchange);
			};
			if (this.closed)
				exchange.fail(new EngineError('cancelled', 'The connection to this engine was closed.'));
			else if (this.agent !== undefined) send(this.agent);
			else
				(this.opening ??= this.open().finally(() => (this.opening = undefined)))
					.then(send)
					.catch((error: unknown) =>
						exchange.fail(error instanceof Error ? error : new Error(String(error))),
					);
		});
	}

	/** Engines do not redirect, proxies in front of them do. Only within the same origin: another one gets nothing. */
	private async follow(
		answer: HttpAnswer,
		from: string,
		method: HttpRequest['method'],
		body: Written | undefined,
		trusted: boolean,
		options: SendOptions,
		redirects: number,
	): Promise<HttpAnswer> {
		const { location } = answer.headers;
		const repeatable = method === 'GET' || answer.status === 307 || answer.status === 308;
		if (
			typeof location !== 'string' ||
			!repeatable ||
			redirects >= MAX_REDIRECTS ||
			!URL.canParse(location, from)
		) {
			throw new EngineError(
				'badAnswer',
				`${this.origin} redirects (${answer.status}) instead of answering. Enter the address it redirects to as the base URL.`,
				{ status: answer.status },
			);
		}
		const target = new URL(location, from);
		if (target.origin !== this.origin) {
			throw new EngineError(
				'badAnswer',
				`${this.origin} redirects (${answer.status}) to ${target.origin}, which gets neither key nor text. If that is your engine, enter it as the base URL.`,
				{ status: answer.status },
			);
		}
		return await this.checked(target, method, body, trusted, options, redirects + 1);
	}
}

/** A body that cannot be written is the caller's fault: no engine was asked, and none has failed. */
function written(body: unknown): Written {
	try {
		return { type: 'application/json', bytes: JSON.stringify(body) };
	} catch (cause) {
		throw new EngineError('invalidRequest', `The request cannot be written as JSON: ${messageOf(cause)}`, {
			cause,
		});
	}
}

/** Headers by which HTTP itself tells where a message ends. */
const FRAMING = new Set(['content-length', 'transfer-encoding']);

function isSendable(name: string, value: string): boolean {
	if (FRAMING.has(name)) return false;
	try {
		validateHeaderName(name);
		validateHeaderValue(name, value);
		return true;
	} catch {
		return false;
	}
}

function lowerCased(headers: { readonly [name: string]: string }): { [name: string]: string } {
	return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
}
