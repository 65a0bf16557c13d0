import type { EngineError } from '../errors';
import { TransportError, type TransportFailure } from '../transport/exchange';
import { Breaker, type Probe, showsIllness, showsLife } from './breaker';

export interface BreakersOptions {
	/** Failures in a row of one model that open its breaker. Default 3. */
	readonly breakerThreshold?: number;
	/** Pause before a model that fails is asked a small question; doubles up to 10 s. Default 1,000 ms. */
	readonly breakerPauseMs?: number;
	/** Told when a breaker closes. */
	readonly onRecovered: () => void;
}

const THRESHOLD = 3;
const MODEL_PAUSE_MS = 1_000;
const LONGEST_MODEL_PAUSE_MS = 10_000;
/** Connecting fails fast on a machine that is up: asked so soon and so often, an engine that was restarted is back at once. */
const REACH_PAUSE_MS = 250;
const LONGEST_REACH_PAUSE_MS = 1_000;
/** Callers may name any model: of what is kept for each name, only so much is. */
const MOST_MODELS = 256;

/** Whether calls may go to one engine: whether it can be reached at all, and how each of its models is. */
export class Breakers {
	private readonly reach: Breaker;
	private readonly models = new Map<string, Breaker>();
	private readonly pauseMs: number;

	constructor(
		private readonly options: BreakersOptions,
		private readonly probeReach: Probe,
	) {
		this.pauseMs = options.breakerPauseMs ?? MODEL_PAUSE_MS;
		this.reach = this.make(Math.min(REACH_PAUSE_MS, this.pauseMs), LONGEST_REACH_PAUSE_MS);
	}

	/** Why the engine cannot be reached; undefined when it can. Asking counts as interest: probes go on. */
	away(): EngineError | undefined {
		return this.reach.blocks() ? this.reach.reason : undefined;
	}

	/** Why calls for this model must leave the engine alone now; undefined when they may go there. */
	blocked(model: string): EngineError | undefined {
		const away = this.away();
		if (away !== undefined) return away;
		const breaker = this.models.get(model);
		return breaker?.blocks() === true ? breaker.reason : undefined;
	}

	states(): { [model: string]: 'closed' | 'open' } {
		const { open } = this.reach;
		return Object.fromEntries(
			[...this.models].map(([model, breaker]) => [model, open || breaker.open ? 'open' : 'closed']),
		);
	}

	/** An answer came: it can be reached, and this model works. */
	succeeded(model: string): void {
		this.reach.succeeded();
		this.ofModel(model).succeeded();
	}

	/** `probe`: the small question that shows whether this model works again. */
	failed(error: EngineError, model: string, probe: Probe): void {
		const breaker = this.ofModel(model);
		if (showsLife(error)) this.succeeded(model);
		else if (failureOf(error) === 'hangs') this.hangs(error);
		else if (error.kind === 'unreachable' || lostConnection(error))
			// Without a connection there is nothing to be in doubt about; a connection that was closed may be a hiccup.
			this.reach.failed(error, neverConnected(error) ? Infinity : 1, this.probeReach);
		else if (showsIllness(error)) breaker.failed(error, 1, probe);
	}

	/** It takes connections and answers nothing, not even a question that every working engine answers. */
	hangs(error: EngineError): void {
		this.reach.failed(error, Infinity, this.probeReach);
	}

	/** Ends all probes. */
	end(): void {
		this.reach.end();
		for (const breaker of this.models.values()) breaker.end();
	}

	private ofModel(model: string): Breaker {
		const known = this.models.get(model);
		if (known !== undefined) return known;
		if (this.models.size >= MOST_MODELS) this.forgetOne();
		const breaker = this.make(this.pauseMs, LONGEST_MODEL_PAUSE_MS);
		this.models.set(model, breaker);
		return breaker;
	}

	/** The oldest that is closed; where all are open, the oldest. */
	private forgetOne(): void {
		const models = [...this.models];
		const oldest = models.find(([, { open }]) => !open) ?? models[0];
		if (oldest === undefined) return;
		oldest[1].end();
		this.models.delete(oldest[0]);
	}

	private make(firstPauseMs: number, longestPauseMs: number): Breaker {
		const { breakerThreshold: threshold = THRESHOLD, onRecovered: onClosed } = this.options;
		return new Breaker({ threshold, firstPauseMs, longestPauseMs, onClosed });
	}
}

/** An answer that ended with its connection, as when the engine's process ends: says nothing about the model. */
const lostConnection = (error: EngineError): boolean =>
	error.kind === 'interrupted' && failureOf(error) === 'closed';

const neverConnected = (error: EngineError): boolean => {
	const failure = failureOf(error);
	return failure === 'connect' || failure === 'connectTimeout';
};

const failureOf = ({ cause }: EngineError): TransportFailure | undefined =>
	cause instanceof TransportError ? cause.failure : undefined;
