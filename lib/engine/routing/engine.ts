import { parseJson } from '../../support';
import { detectEngine } from '../detect';
import { DIALECTS, type DialectSpec } from '../dialects';
import type { Ask, Limits } from '../dialects/dialect';
import { EngineError, type EngineErrorKind } from '../errors';
import type { ExchangeLimits } from '../transport/exchange';
import { type HttpRequest, Transport } from '../transport/transport';
import type { EngineAddress, ModelUse } from '../types/address';
import type { ModelInfo } from '../types/operations';
import type { CallOptions, PoolOptions } from '../types/pool';
import type { Asked } from '../wire/advice';
import { failureOfAnswer, failureOfTransport } from '../wire/failure';
import { Breaker } from './breaker';

/** Lists and queue figures are asked again after this long. */
const MODELS_FRESH_MS = 60_000;
const QUEUE_FRESH_MS = 2_000;
/** Whoever asks to be left alone for longer is asked again after this: clocks are wrong, and engines are restarted. */
const LONGEST_PAUSE_MS = 300_000;
/** Small questions (models, health, limits) must not hang on a busy engine. */
const ASK_MS = 5_000;

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
	private spec: DialectSpec | undefined;
	/** What an `auto` engine was before it disappeared. */
	private lastSpec: DialectSpec | undefined;
	private detecting: Promise<DialectSpec> | undefined;
	private readonly breakers = new Map<string, Breaker>();
	/** What names of requests turned out to mean here: `modelGuess` goes by it. */
	private readonly meant = new Map<string, string>();
	private modelList: (Cached<ModelInfo[]> & { readonly details: boolean }) | undefined;
	private limitsCache: Cached<Limits> | undefined;
	private queueAt = 0;
	private queueFigures: { running: number; waiting: number } | undefined;

	constructor(
		readonly address: EngineAddress,
		private readonly options: PoolOptions & { readonly connectMs: number },
	) {
		this.transport = new Transport({
			baseUrl: address.baseUrl,
			apiKey: address.apiKey,
			headers: address.headers,
			connectMs: options.connectMs,
			checkUrl: options.checkUrl,
			lookup: options.lookup,
		});
		this.name = address.name ?? new URL(this.transport.origin).host;
		this.tier = address.tier ?? 0;
		if (address.dialect !== 'auto') this.spec = specOf(address.dialect);
	}

	/** The dialect, if it is known already. */
	get known(): DialectSpec | undefined {
		return this.spec;
	}

	get remote(): boolean {
		return this.address.remote === true || this.spec?.alwaysRemote === true;
	}

	/** The dialect; asks the engine the first time where the address says `auto`. */
	dialect(call: CallOptions = {}): DialectSpec | Promise<DialectSpec> {
		if (this.spec !== undefined) return this.spec;
		this.detecting ??= detectEngine(this.transport, this.asked(undefined), call.signal)
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
			return { status: answer.status, json: parseJson(answer.text), text: answer.text };
		} catch (error) {
			throw failureOfTransport(error, asked, false);
		}
	}

	/**
	 * What it holds, at most a minute old. `details`: with what costs some engines a question a model (Ollama: context and
	 * capabilities of models that are not loaded).
	 */
	async models(fresh = false, details = false): Promise<ModelInfo[]> {
		const now = performance.now();
		const { modelList: known } = this;
		if (fresh || known === undefined || now - known.at > MODELS_FRESH_MS || (details && !known.details)) {
			const value = Promise.resolve(this.dialect()).then(async (spec) => {
				const rows = await spec.models(this.ask, details);
				return rows.map((row) => ({ engine: this.name, ...row }));
			});
			this.modelList = { at: now, value, details };
			value.catch(() => {
				this.modelList = undefined;
			});
			return await value;
		}
		return await known.value;
	}

	async limits(): Promise<Limits> {
		const now = performance.now();
		if (this.limitsCache === undefined || now - this.limitsCache.at > MODELS_FRESH_MS) {
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

	/** Refreshes the queue figures in the background; a choice never waits for them. */
	refreshQueue(now: number): void {
		const queue = this.spec?.queue;
		if (queue === undefined || now - this.queueAt < QUEUE_FRESH_MS) return;
		this.queueAt = now;
		// Figures are a help for choosing; an engine that does not give them is chosen by our own count.
		void queue(this.ask).then(
			(figures) => (this.queueFigures = figures),
			() => (this.queueFigures = undefined),
		);
	}

	breaker(model: string): Breaker {
		let breaker = this.breakers.get(model);
		if (breaker === undefined) {
			breaker = new Breaker(this.options.breakerThreshold ?? 3, this.options.breakerPauseMs ?? 5_000);
			remember(this.breakers, model, breaker, (old) => old.state(performance.now()) === 'closed');
		}
		return breaker;
	}

	breakerStates(now: number): { [model: string]: 'closed' | 'open' | 'halfOpen' } {
		return Object.fromEntries([...this.breakers].map(([model, breaker]) => [model, breaker.state(now)]));
	}

	/**
	 * What this engine calls the model of a request: its alias; the name as it is, where the engine holds it or has no
	 * model of its own for the use; that model; and with no name at all the model it has loaded, or its first.
	 */
	model(requested: string | undefined, use: ModelUse): string | Promise<string> {
		const model = this.lookUpModel(requested, use);
		if (!(model instanceof Promise)) return model;
		return model.then((name) => {
			remember(this.meant, `${use} ${requested ?? ''}`, name);
			return name;
		});
	}

	private lookUpModel(requested: string | undefined, use: ModelUse): string | Promise<string> {
		const own = this.address.models?.[use];
		if (requested === undefined || requested === '') return own ?? this.anyModel(use);
		const alias = this.address.aliases?.[requested];
		if (alias !== undefined) return alias;
		if (own === undefined || own === requested) return requested;
		return this.models().then(
			(list) => (list.some(({ id }) => sameModel(id, requested)) ? requested : own),
			() => own,
		);
	}

	/** Whether its address names this model (true), another one (false), or none. */
	setUpFor(requested: string, use: ModelUse): boolean | undefined {
		if (this.address.aliases?.[requested] !== undefined) return true;
		const own = this.address.models?.[use];
		return own === undefined ? undefined : sameModel(own, requested) || sameModel(requested, own);
	}

	/** What the breaker and the pool's choice go by before the engine's own name for the model is known. */
	modelGuess(requested: string | undefined, use: ModelUse): string {
		return (
			this.address.aliases?.[requested ?? ''] ??
			this.meant.get(`${use} ${requested ?? ''}`) ??
			this.address.models?.[use] ??
			requested ??
			''
		);
	}

	/**
	 * Whether the engine hands what is asked of this model on to another machine. A model that is not in its list, or an engine that gives
	 * none, is told by the name.
	 */
	handsOn(model: string): boolean | Promise<boolean> {
		if (this.spec?.handsModelsOn !== true) return false;
		const byName = /[:-]cloud$/.test(model);
		return this.models().then(
			(list) => list.find(({ id }) => sameModel(id, model))?.remote ?? byName,
			() => byName,
		);
	}

	private async anyModel(use: ModelUse): Promise<string> {
		const list = await this.models(false, true).catch((error: unknown) => {
			// A server with one model and no list (TEI) needs no name.
			if (error instanceof EngineError && error.kind === 'unsupported') return [];
			throw error;
		});
		const able = list.filter(
			({ capabilities }) => capabilities === undefined || !excludes(capabilities, use),
		);
		// One that runs elsewhere is used only where it is named.
		const here = able.filter(({ remote }) => remote !== true);
		return (here.find(({ loaded }) => loaded === true) ?? here[0] ?? able[0] ?? list[0])?.id ?? '';
	}

	note(outcome: 'ok' | EngineErrorKind, model: string, error: EngineError | undefined, probe: boolean): void {
		const now = performance.now();
		this.breaker(model).end(outcome, now, probe, error?.status !== undefined);
		if (error?.retryAfterMs !== undefined) {
			this.notBefore = now + Math.min(error.retryAfterMs, LONGEST_PAUSE_MS);
			this.askedToWait = error;
		}
		// Loaded, unloaded, gone: what was remembered about its models is no longer so.
		if (outcome !== 'modelNotFound' && outcome !== 'unreachable') return;
		this.modelList = undefined;
		this.limitsCache = undefined;
		this.generation++;
		// Another engine may come up at the same address.
		if (outcome === 'unreachable' && this.address.dialect === 'auto') this.spec = undefined;
	}

	close(): Promise<void> {
		return this.transport.close();
	}
}

/** Callers may name any model: of what is kept for each name, only so much is. */
const MOST_NAMES = 256;

/** Puts an entry into a map and takes the oldest that may go out of it when it is full. */
function remember<T>(
	map: Map<string, T>,
	key: string,
	value: T,
	mayGo: (old: T) => boolean = () => true,
): void {
	map.delete(key);
	if (map.size >= MOST_NAMES) {
		const oldest = [...map].find(([, old]) => mayGo(old)) ?? [...map][0];
		if (oldest !== undefined) map.delete(oldest[0]);
	}
	map.set(key, value);
}

function excludes(capabilities: readonly string[], use: ModelUse): boolean {
	const embedsOnly =
		capabilities.includes('embedding') &&
		!capabilities.some((word) => word === 'completion' || word === 'chat');
	return use === 'embedding'
		? !capabilities.includes('embedding') && capabilities.includes('completion')
		: use === 'chat' && embedsOnly;
}

/** Ollama lists `name:latest` for what everybody calls `name`. */
export function sameModel(listed: string, requested: string): boolean {
	return listed === requested || listed === `${requested}:latest`;
}

function specOf(dialect: EngineAddress['dialect']): DialectSpec {
	const spec = dialect === 'auto' || dialect === 'builtin' ? undefined : DIALECTS[dialect];
	if (spec === undefined) throw new EngineError('invalidRequest', `There is no engine type "${dialect}".`);
	return spec;
}

function quick(connectMs: number, ms: number): ExchangeLimits {
	return { connectMs, firstTokenMs: ms, betweenTokensMs: ms, endAt: performance.now() + ms };
}
