import { parseJson } from '../../support';
import { detectEngine } from '../detect';
import { DIALECTS, type DialectSpec } from '../dialects';
import type { Ask, Limits } from '../dialects/dialect';
import { EngineError } from '../errors';
import type { ExchangeLimits } from '../transport/exchange';
import { type HttpRequest, Transport } from '../transport/transport';
import type { EngineAddress, ModelUse } from '../types/address';
import type { ModelInfo } from '../types/operations';
import type { CallOptions, PoolOptions } from '../types/pool';
import type { Asked } from '../wire/advice';
import { failureOfAnswer, failureOfTransport } from '../wire/failure';
import type { Probe } from './breaker';
import { Breakers, type BreakersOptions } from './breakers';
import { ModelList } from './modelList';
import { findModel, notHeld, sameModel, servesUse } from './names';

/** Limits and queue figures are asked again after this long. */
const LIMITS_FRESH_MS = 60_000;
const QUEUE_FRESH_MS = 2_000;
/** Whoever asks to be left alone for longer is asked again after this: clocks are wrong, and engines are restarted. */
const LONGEST_PAUSE_MS = 300_000;
/** Small questions (models, health, limits) must not hang on a busy engine. */
const ASK_MS = 5_000;

/** How long an engine that is away may take to answer a probe. */
const REACH_PROBE_MS = 2_000;
/** So many questions for its health without an answer, and it hangs: whoever waits for it goes elsewhere. */
const SILENT_CHECKS = 3;
export interface EngineOptions extends PoolOptions, BreakersOptions {
	readonly connectMs: number;
}

interface Cached<T> {
	at: number;
	value: Promise<T>;
}

/** One engine of a pool with everything that is remembered about it between calls. */
export class Engine {
	readonly name: string;
	readonly tier: number;
	readonly transport: Transport;
	inFlight = 0;
	/** Not asked before this time (Retry-After, full queue), on performance.now()'s clock. */
	notBefore = 0;
	/** What it said when it asked for that. */
	askedToWait: EngineError | undefined;
	/** Context the model was last seen loaded with, in tokens. */
	contextSeen: number | undefined;
	/** Goes up whenever it disappears: it may come back with another model. */
	generation = 0;
	/** Whether calls may go to it. */
	readonly breakers: Breakers;
	private spec: DialectSpec | undefined;
	/** What an `auto` engine was before it disappeared. */
	private lastSpec: DialectSpec | undefined;
	private detecting: Promise<DialectSpec> | undefined;
	/** What it holds. */
	readonly list = new ModelList(async (details) => {
		const spec = await this.dialect();
		const rows = await spec.models(this.ask, details);
		return rows.map((row) => ({ engine: this.name, ...row }));
	});
	private limitsCache: Cached<Limits> | undefined;
	private checking: Promise<void> | undefined;
	private silentChecks = 0;
	private queueAt = 0;
	private queueFigures: { running: number; waiting: number } | undefined;

	constructor(
		readonly address: EngineAddress,
		private readonly options: EngineOptions,
	) {
		this.transport = new Transport({
			baseUrl: address.baseUrl,
			apiKey: address.apiKey,
			headers: address.headers,
			connectMs: options.connectMs,
			checkUrl: options.checkUrl,
			lookup: options.lookup,
		});
		this.name = address.name ?? this.transport.place;
		this.tier = address.tier ?? 0;
		if (address.dialect !== 'auto') this.spec = specOf(address.dialect);
		this.breakers = new Breakers(options, this.probeReach);
	}

	/** The dialect, if it is known already. */
	get known(): DialectSpec | undefined {
		return this.spec;
	}

	get remote(): boolean {
		return this.address.remote === true || this.spec?.alwaysRemote === true;
	}

	/**
	 * The dialect; asks the engine the first time where the address says `auto`. The question is everybody's: a caller that
	 * stops waiting does not end it for the others.
	 */
	dialect(): DialectSpec | Promise<DialectSpec> {
		if (this.spec !== undefined) return this.spec;
		this.detecting ??= detectEngine(this.transport, this.asked(undefined))
			.then(({ dialect }) => specOf(dialect))
			.catch((error: unknown) => {
				// Up, but too busy to say what it is: then it is what it was.
				const busy = error instanceof EngineError && error.kind === 'timeout';
				if (busy && this.lastSpec !== undefined) return this.lastSpec;
				throw error;
			})
			.then((spec) => (this.spec = this.lastSpec = spec))
			.finally(() => {
				this.detecting = undefined;
			});
		return this.detecting;
	}

	asked(model: string | undefined): Asked {
		return {
			engine: this.name,
			baseUrl: this.transport.origin,
			model,
			redact: (text) => this.transport.redact(text),
		};
	}

	/** A small question, with errors as EngineError. */
	readonly ask: Ask = async (request: HttpRequest) => await this.askWith(request, {});

	async askWith(request: HttpRequest, call: CallOptions, ms = ASK_MS, model?: string): ReturnType<Ask> {
		return await this.exchange(request, quick(this.options.connectMs, ms), call, model);
	}

	/** A question and its whole answer, with errors as EngineError; `json` is undefined where the answer is not JSON. */
	async exchange(
		request: HttpRequest,
		limits: ExchangeLimits,
		call: CallOptions,
		model?: string,
	): ReturnType<Ask> {
		const asked = this.asked(model);
		try {
			const answer = await this.transport.send(request, { limits, signal: call.signal });
			if (answer.status >= 400) throw failureOfAnswer(answer, answer.text, asked);
			if (isWebPage(answer.text)) throw webPage(asked);
			return { status: answer.status, json: parseJson(answer.text), text: answer.text };
		} catch (error) {
			throw failureOfTransport(error, asked, false);
		}
	}

	/** What it holds, asked anew. `details`: with what costs some engines a question for each model (Ollama). */
	models(details = false): Promise<ModelInfo[]> {
		return this.list.fresh(details);
	}

	async limits(): Promise<Limits> {
		const now = performance.now();
		if (this.limitsCache === undefined || now - this.limitsCache.at > LIMITS_FRESH_MS) {
			const value = Promise.resolve(this.dialect()).then(
				async (spec) => (await spec.limits?.(this.ask)) ?? {},
			);
			this.limitsCache = { at: now, value };
			value.catch(() => {
				this.limitsCache = undefined;
			});
		}
		return await this.limitsCache.value;
	}

	/** How busy it is: what we sent, or what it says of itself if that is more (others use it too). */
	load(now: number): number {
		const figures = this.queueFigures;
		if (figures === undefined || now - this.queueAt > 3 * QUEUE_FRESH_MS) return this.inFlight;
		return Math.max(this.inFlight, figures.running + figures.waiting);
	}

	/**
	 * Whether it hangs: it takes connections and answers nothing. A question for its health without an answer keeps further calls
	 * away, and this many in a row say that it hangs. Anything it sends to anybody meanwhile says that it only works.
	 */
	async hangs(): Promise<boolean> {
		if (this.spec?.healthyWhileBusy !== true) return false;
		this.checking ??= this.checkSilence().finally(() => (this.checking = undefined));
		await this.checking;
		return this.silentChecks >= SILENT_CHECKS;
	}

	private async checkSilence(): Promise<void> {
		const since = performance.now();
		const error = await this.probeReach();
		const silent = error?.kind === 'timeout' && this.transport.heardAt < since;
		this.silentChecks = silent ? this.silentChecks + 1 : 0;
		if (silent) this.breakers.hangs(error);
	}

	/** Refreshes the queue figures in the background; a choice never waits for them. */
	refreshQueue(now: number): void {
		const queue = this.spec?.queue;
		if (queue === undefined || now - this.queueAt < QUEUE_FRESH_MS) return;
		this.queueAt = now;
		// Figures are a help for choosing; an engine that does not give them is chosen by our own count.
		void queue(this.ask).then(
			(figures) => (this.queueFigures = figures),
			(error: unknown) => {
				this.queueFigures = undefined;
				if (error instanceof EngineError && error.kind === 'timeout') void this.hangs();
			},
		);
	}

	/**
	 * What this engine calls the model of a request: its alias; the name as its list has it; with no name the model that the
	 * address sets for the use, else the one it has loaded, else its first that is for this use. `alone`: no other engine
	 * could hold it, so an engine that checks names itself need not be asked for its list first.
	 *
	 * @throws EngineError `modelNotFound`, `unsupported` (nothing set up for this use)
	 */
	model(requested: string | undefined, use: ModelUse, alone: boolean): string | Promise<string> {
		const own = this.address.models?.[use];
		if (requested === undefined || requested === '') return own ?? this.anyModel(use);
		const alias = this.address.aliases?.[requested];
		if (alias !== undefined) return alias;
		if (own !== undefined && sameModel(own, requested)) return own;
		if (alone && this.spec?.checksNames === true) return requested;
		return this.listedModel(requested);
	}

	private listedModel(requested: string): string | Promise<string> {
		const named = (held: ModelInfo | undefined): string => {
			const { last = [] } = this.list;
			// A server that gives no list is asked by the name as it is.
			if (held === undefined && last.length > 0) throw notHeld(this.name, requested, last);
			// Only a file's path is written out: `name:latest` and further names are taken as they are.
			return held?.id.endsWith(`/${requested}`) === true ? held.id : requested;
		};
		const held = this.list.find(requested);
		return held instanceof Promise ? held.then(named) : named(held);
	}

	/** Whether its address names this model (true), another one (false), or none. */
	setUpFor(requested: string, use: ModelUse): boolean | undefined {
		if (this.address.aliases?.[requested] !== undefined) return true;
		const own = this.address.models?.[use];
		return own === undefined ? undefined : sameModel(own, requested);
	}

	/** What the model is called here as far as it is known without asking; for an engine that is away. */
	modelGuess(requested: string | undefined, use: ModelUse): string {
		return this.address.aliases?.[requested ?? ''] ?? (requested || (this.address.models?.[use] ?? ''));
	}

	/** An engine that is away and did not hold the model when it was last asked need not be waited for. */
	lacked(requested: string | undefined, use: ModelUse): EngineError | undefined {
		const { last = [] } = this.list;
		if (requested === undefined || requested === '' || last.length === 0) return undefined;
		if (this.setUpFor(requested, use) === true || findModel(last, requested) !== undefined) return undefined;
		return notHeld(this.name, requested, last);
	}

	/**
	 * Whether the engine hands what is asked of this model on to another machine. A model that is not in its list, or an engine that gives
	 * none, is told by the name.
	 */
	handsOn(model: string): boolean | Promise<boolean> {
		if (this.spec?.handsModelsOn !== true) return false;
		const byName = /[:-]cloud$/.test(model);
		const told = (list: readonly ModelInfo[]): boolean => findModel(list, model)?.remote ?? byName;
		const list = this.list.get();
		return list instanceof Promise ? list.then(told, () => byName) : told(list);
	}

	private async anyModel(use: ModelUse): Promise<string> {
		const others = Object.values(this.address.models ?? {}).some((name) => name !== undefined);
		if (use !== 'chat' && others) throw notSetUp(this.name, use);
		// A server with one model and no list (TEI) needs no name.
		const list = await this.list.orNone(true);
		const able = list.filter((model) => servesUse(model, use));
		// One that runs elsewhere is used only where it is named.
		const here = able.filter(({ remote }) => remote !== true);
		const chosen = here.find(({ loaded }) => loaded === true) ?? here[0] ?? able[0];
		if (chosen === undefined && list.length > 0) throw notSetUp(this.name, use);
		return chosen?.id ?? '';
	}

	/** An answer came: it can be reached, and this model works. */
	succeeded(model: string): void {
		this.breakers.succeeded(model);
	}

	/** `probe`: the small question that shows whether this model works again. */
	failed(error: EngineError, model: string, probe: Probe): void {
		if (error.retryAfterMs !== undefined) {
			this.notBefore = performance.now() + Math.min(error.retryAfterMs, LONGEST_PAUSE_MS);
			this.askedToWait = error;
		}
		this.breakers.failed(error, model, probe);
		if (error.kind !== 'modelNotFound' && error.kind !== 'unreachable') return;
		// What was remembered about its models is no longer so, and another engine may come up at the same address.
		this.list.forget();
		this.limitsCache = undefined;
		if (error.kind !== 'unreachable') return;
		this.generation++;
		if (this.address.dialect === 'auto') this.spec = undefined;
	}

	/** Whether somebody answers again at its address, and who. */
	private readonly probeReach: Probe = async () => {
		const health = (this.spec ?? this.lastSpec)?.health ?? { method: 'GET', path: '/v1/models' };
		try {
			const limits = quick(Math.min(this.options.connectMs, REACH_PROBE_MS), REACH_PROBE_MS);
			const { status } = await this.transport.send(health, { limits });
			if (status === 502 || status === 504) return failureOfAnswer({ status }, '', this.asked(undefined));
			await this.dialect();
			return undefined;
		} catch (thrown) {
			const error = failureOfTransport(thrown, this.asked(undefined), false);
			// Whoever asks for a key or loads its model can be reached.
			return error.kind === 'unauthorized' || error.kind === 'loading' ? undefined : error;
		}
	};

	close(): Promise<void> {
		this.breakers.end();
		return this.transport.close();
	}
}

const isWebPage = (text: string): boolean => /^\s{0,100}<(?:!doctype html|html)\b/i.test(text.slice(0, 200));

function webPage({ engine, baseUrl }: Asked): EngineError {
	return new EngineError(
		'badAnswer',
		`${engine} (${baseUrl}) answers with a web page, such as the login page of a proxy. Enter the engine's own address, or the headers that the proxy asks for.`,
		{ engine },
	);
}

const USES: { readonly [use in ModelUse]: string } = {
	chat: 'chat',
	embedding: 'embedding',
	rerank: 'rerank',
};

function notSetUp(engine: string, use: ModelUse): EngineError {
	return new EngineError(
		'unsupported',
		`${engine} has no ${USES[use]} model. Name one in the credential or in the node.`,
		{ engine },
	);
}

function specOf(dialect: EngineAddress['dialect']): DialectSpec {
	const spec = dialect === 'auto' || dialect === 'builtin' ? undefined : DIALECTS[dialect];
	if (spec === undefined) throw new EngineError('invalidRequest', `There is no engine type "${dialect}".`);
	return spec;
}

/** Less time for the connection than for the whole, so that a machine that is switched off is told as one. */
function quick(connectMs: number, ms: number): ExchangeLimits {
	return {
		connectMs: Math.min(connectMs, 0.75 * ms),
		firstTokenMs: ms,
		betweenTokensMs: ms,
		endAt: performance.now() + ms,
	};
}
