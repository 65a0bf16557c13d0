import type { IncomingMessage, ServerResponse } from 'node:http';
import { checkObject, readBody, readJsonBody } from './body';
import { BodyLimits, type BodyShare } from './bodyLimits';
import { answerChat, chatCompletions } from './chat';
import { completions } from './completions';
import { FAULT_OF_OURS, GatewayError, toWireError, type WireError } from './errors';
import { ExchangeLog, type RouteContext } from './exchange';
import { carriesKey, findKey, hashKeys, type KnownKey } from './keys';
import { KeyLimits } from './limits';
import { messageError, messages } from './messages';
import { readForm } from './multipart';
import type { ChatProtocol } from './protocol';
import { answerHeaders, dropUnread, sendError, sendJson, UNREAD_MS } from './respond';
import { responsesProtocol } from './responses';
import { answerTranscription } from './speech';
import { answerCountTokens, answerEmbeddings, answerModels, answerRerank, toHealth } from './routes';
import { routeOf } from './paths';
import type { ChatApi, Exchange, GatewayOptions, Route } from './types';
import { WorkflowModels } from './workflow';

/** What a host that has read the request already (n8n's webhook) hands over. */
export interface GivenRequest {
	readonly route?: Route;
	/** The parsed JSON body. */
	readonly body?: unknown;
}

/**
 * The protocols of OpenAI and Anthropic over engines, as a plain Node request handler (see paths.ts), each path also below any
 * prefix (`/v1/…`). It owns no socket; see {@link listen} for its own port.
 *
 * @example
 * const gateway = new Gateway({ engines: pool, keys: [{ name: 'team', key }] });
 * createServer((request, response) => void gateway.handle(request, response)).listen(9100, '127.0.0.1');
 */
export class Gateway {
	private keys: readonly KnownKey[];
	private readonly limits = new KeyLimits();
	private readonly bodies: BodyLimits;
	private readonly running = new Set<AbortController>();
	private readonly aliases: ReadonlyMap<string, string>;
	private readonly protocols: { readonly [api in ChatApi]: ChatProtocol } = {
		chat: chatCompletions,
		responses: responsesProtocol(),
		messages,
		completions,
	};
	private readonly workflow?: WorkflowModels;
	private stopping = false;
	private idle?: () => void;

	/** @throws GatewayError `invalidRequest` for keys that are too short or share a name */
	constructor(private readonly options: GatewayOptions) {
		this.keys = hashKeys(options.keys);
		const { maxInFlight = 1000, maxBodyBytesInFlight = 256 * 1024 * 1024 } = options;
		this.bodies = new BodyLimits({ arriving: Math.ceil(maxInFlight / 10), bytes: maxBodyBytesInFlight });
		this.aliases = new Map(Object.entries(options.aliases ?? {}));
		if (options.workflow) this.workflow = new WorkflowModels(options.workflow);
	}

	get inFlight(): number {
		return this.running.size;
	}

	/**
	 * From now on these keys are let in and no others; requests in flight end as they began. Without any, nobody is let in
	 * (but where `anonymous` says so).
	 *
	 * @throws GatewayError `invalidRequest` as the constructor does, and the old keys stay
	 */
	replaceKeys(keys: GatewayOptions['keys']): void {
		this.keys = hashKeys(keys);
	}

	/**
	 * Answers one request. Never rejects: what goes wrong is told to the client, and faults of ours to `onFault`. Resolves to the
	 * exchange (after `onExchange` was told) where the request was one for an engine.
	 */
	async handle(
		request: IncomingMessage,
		response: ServerResponse,
		given: GivenRequest = {},
	): Promise<Exchange | undefined> {
		const abort = new AbortController();
		// 'close' also follows a complete answer: only an early one is a client that left.
		const left = () => {
			if (!response.writableFinished) abort.abort();
		};
		response.once('close', left);
		let leave = () => {};
		let share: BodyShare | undefined;
		let log: ExchangeLog | undefined;
		let holder: Holder = { name: 'anonymous' };
		let status: number;
		let route = given.route;
		this.running.add(abort);
		try {
			const target = given.route ? { route: given.route } : routeOf(request);
			({ route } = target);
			if (this.stopping && target.route !== 'health')
				throw new GatewayError('stopping', 'The gateway is stopping; ask again in a moment.', {
					retryAfterMs: 1000,
				});
			if (target.route === 'health') {
				status = await this.answerHealth(request, response, abort.signal);
			} else {
				const key = this.admit(request);
				holder = key ?? holder;
				leave = this.limits.enter(holder);
				if (target.route === 'models') {
					const { allowRemote = false, engines } = this.options;
					const { aliases, workflow } = this;
					const call = { signal: abort.signal, allowRemote };
					sendJson(response, 200, await answerModels(target.id, engines, { aliases, workflow }, call));
					status = 200;
				} else {
					if (target.route !== 'countTokens') log = logOf(target.route, key?.name);
					share = this.bodies.enter(holder.name);
					const call = this.callFor(abort.signal, `gateway ${holder.name}`);
					status =
						log?.route === 'transcriptions'
							? await this.answerSpeech(request, response, share, { log, call })
							: await this.answerBody(await this.bodyOf(request, given, share), response, call, log);
					if (abort.signal.aborted && !this.stopping) status = 499;
				}
			}
		} catch (thrown) {
			const error = toWireError(thrown) ?? FAULT_OF_OURS;
			status = abort.signal.aborted && !this.stopping ? 499 : error.status;
			if (error === FAULT_OF_OURS && status !== 499) this.fault(thrown);
			log?.failed(thrown, error);
			sendError(response, error, errorShapeOf(route));
		} finally {
			leave();
			share?.release();
			dropUnread(response, this.options.unreadMs ?? UNREAD_MS);
			response.off('close', left);
			this.running.delete(abort);
			if (this.running.size === 0) this.idle?.();
		}
		if (!log) return undefined;
		const exchange = this.spent(log.finish(status), holder);
		this.tell(exchange);
		return exchange;
	}

	/**
	 * Takes no more requests, lets those in flight end for `graceMs`, then cancels what is left. Resolves when nothing runs any more,
	 * at the latest a second after cancelling.
	 */
	async close(graceMs = 10_000): Promise<void> {
		this.stopping = true;
		if (this.running.size === 0) return;
		const timers: NodeJS.Timeout[] = [];
		await new Promise<void>((resolve) => {
			this.idle = resolve;
			const cancel = () => {
				for (const abort of this.running) abort.abort();
				timers.push(setTimeout(resolve, 1000));
			};
			timers.push(setTimeout(cancel, graceMs));
		});
		for (const timer of timers) clearTimeout(timer);
	}

	private callFor(signal: AbortSignal, caller: string): RouteContext['call'] {
		return { signal, allowRemote: this.options.allowRemote ?? false, caller };
	}

	/** The key of a request that may come in; undefined for an anonymous one where that is allowed. */
	private admit(request: IncomingMessage): KnownKey | undefined {
		const { anonymous = false, maxInFlight = 1000 } = this.options;
		if (this.running.size > maxInFlight && !this.bodies.giveUpSlowest())
			throw new GatewayError(
				'overloaded',
				`The gateway has ${maxInFlight} requests in flight, which is its limit.`,
				{
					retryAfterMs: 1000,
				},
			);
		if (this.keys.length > 0 || !anonymous) return findKey(request.headers, this.keys);
		refuseForeignPages(request);
		return undefined;
	}

	private async bodyOf(request: IncomingMessage, given: GivenRequest, share: BodyShare): Promise<object> {
		const { maxBodyBytes = 10 * 1024 * 1024, bodyMs = 60_000 } = this.options;
		if (given.body !== undefined) return checkObject(given.body);
		return await readJsonBody(request, { maxBytes: maxBodyBytes, ms: bodyMs, share });
	}

	private async answerBody(
		body: object,
		response: ServerResponse,
		call: RouteContext['call'],
		log: ExchangeLog | undefined,
	): Promise<number> {
		if (log === undefined) return await this.answerCount(body, response, call);
		return await this.answerExchange(body, response, { log, call, workflow: this.workflow });
	}

	private async answerSpeech(
		request: IncomingMessage,
		response: ServerResponse,
		share: BodyShare,
		context: RouteContext,
	): Promise<number> {
		const { maxAudioBytes = 25 * 1024 * 1024, bodyMs = 60_000, engines } = this.options;
		const bytes = await readBody(request, { maxBytes: maxAudioBytes, ms: bodyMs, share });
		const form = await readForm(bytes, request.headers['content-type'], 'file');
		await answerTranscription(form, response, engines, this.aliases, context);
		return 200;
	}

	private async answerExchange(
		body: object,
		response: ServerResponse,
		context: RouteContext,
	): Promise<number> {
		const { log } = context;
		if (log.route === 'chat')
			return await answerChat(this.protocols[log.api], body, response, this.options, this.aliases, context);
		const answerOf = log.route === 'rerank' ? answerRerank : answerEmbeddings;
		const answer = await answerOf(body, this.options.engines, this.aliases, context);
		sendJson(response, 200, answer.body, answerHeaders(answer.ignored, answer.engine));
		return 200;
	}

	private async answerCount(
		body: object,
		response: ServerResponse,
		call: RouteContext['call'],
	): Promise<number> {
		const { aliases, workflow } = this;
		sendJson(response, 200, await answerCountTokens(body, this.options.engines, { aliases, workflow }, call));
		return 200;
	}

	private async answerHealth(
		request: IncomingMessage,
		response: ServerResponse,
		signal: AbortSignal,
	): Promise<number> {
		if (this.stopping) {
			sendJson(response, 503, { status: 'stopping' });
			return 503;
		}
		const known = this.keys.length > 0 && carriesKey(request.headers);
		if (known) findKey(request.headers, this.keys);
		sendJson(response, 200, toHealth(known ? await this.options.engines.health({ signal }) : undefined));
		return 200;
	}

	/** The exchange with what it left of its key's tokens. */
	private spent(exchange: Exchange, holder: Holder): Exchange {
		const { promptTokens = 0, completionTokens = 0 } = exchange.usage ?? {};
		const tokensLeft = this.limits.spend(holder, promptTokens + completionTokens);
		return tokensLeft === undefined ? exchange : { ...exchange, tokensLeft };
	}

	private tell(exchange: Exchange): void {
		try {
			this.options.onExchange?.(exchange);
		} catch (thrown) {
			this.fault(thrown);
		}
	}

	private fault(thrown: unknown): void {
		const { onFault = (fault) => process.emitWarning(fault instanceof Error ? fault : String(fault)) } =
			this.options;
		onFault(thrown);
	}
}

type Holder = Parameters<KeyLimits['spend']>[0];

/** Errors are told in the shape of the route's clients. */
function errorShapeOf(route: Route | undefined): ((error: WireError) => object) | undefined {
	return route === 'messages' || route === 'countTokens' ? messageError : undefined;
}

const PREFIXES: { readonly [api in ChatApi]: string } = {
	chat: 'chatcmpl-',
	responses: 'resp_',
	messages: 'msg_',
	completions: 'cmpl-',
};

function logOf(
	route: Exclude<Route, 'models' | 'health' | 'countTokens'>,
	key: string | undefined,
): ExchangeLog {
	if (route === 'embeddings') return new ExchangeLog(route, 'embd-', key);
	if (route === 'rerank') return new ExchangeLog(route, 'rerank-', key);
	if (route === 'transcriptions') return new ExchangeLog(route, 'transcr-', key);
	return new ExchangeLog('chat', PREFIXES[route], key, route);
}

/**
 * An open gateway on 127.0.0.1 can be reached by any web page the user opens. Browsers name the page in `Origin`, and a page that
 * had its name resolved to 127.0.0.1 (DNS rebinding) still shows it in `Host`.
 */
function refuseForeignPages({ headers }: IncomingMessage): void {
	const { origin, host } = headers;
	if ((origin !== undefined && !isOfThisMachine(origin)) || !isOfThisMachine(host))
		throw new GatewayError(
			'forbidden',
			'Without API keys this gateway answers programs on this machine only, no web pages.',
		);
}

/** Whether an `Origin` or a `Host` names this machine itself. */
export function isOfThisMachine(named: string | undefined): boolean {
	return /^(?:https?:\/\/)?(?:localhost|127\.\d+\.\d+\.\d+|\[::1\])(?::\d+)?$/i.test(named ?? '');
}
