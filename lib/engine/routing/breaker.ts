import type { EngineError, EngineErrorKind } from '../errors';

/** Asks the engine something small; resolves to what is wrong with it, or to undefined when it works again. */
export type Probe = () => Promise<EngineError | undefined>;

export interface BreakerOptions {
	/** Failures in a row that open it. */
	readonly threshold: number;
	/** Pause before the first probe, in ms; it doubles with each probe that fails. */
	readonly firstPauseMs: number;
	readonly longestPauseMs: number;
	/** Told when it closes again: calls that wait go on. */
	readonly onClosed: () => void;
}

/** Failures that say something about the engine's health; everything else (above all every 4xx) leaves the breaker alone. */
const TRIPS: ReadonlySet<EngineErrorKind> = new Set([
	'unreachable',
	'timeout',
	'server',
	'loadFailed',
	'badAnswer',
	'interrupted',
]);

/** An answer of these kinds shows that the engine works: it was asked for something wrong, that is all. */
const ALIVE: ReadonlySet<EngineErrorKind> = new Set([
	'invalidRequest',
	'contextExceeded',
	'unsupported',
	'modelNotFound',
	'unauthorized',
]);

/** Whether a failure shows that the engine works. What its model wrote and it could not read is no fault of the engine. */
export const showsLife = (error: EngineError): boolean =>
	(error.status !== undefined && ALIVE.has(error.kind)) || isUnreadableCall(error);

/** The engine says, in an error answer, that it cannot read the tool call of its model. */
export const isUnreadableCall = ({ kind, status }: EngineError): boolean =>
	kind === 'badAnswer' && status !== undefined && status >= 400;

/** Whether a failure says that the engine is ill. */
export const showsIllness = ({ kind }: EngineError): boolean => TRIPS.has(kind);

/** Probes stop when nobody has asked for the engine for so long; the next caller that does starts them again. */
const ASLEEP_AFTER_MS = 120_000;

/**
 * Keeps calls away from an engine that fails. After `threshold` failures in a row it opens; while it is open, probes of its
 * own ask the engine again and again, so that no caller's request is the one that finds out, and the first call after the
 * engine is back is served by it. Calls that were in flight when it opened fail with it and do not count: sixteen at once
 * are one outage, not sixteen.
 */
export class Breaker {
	/** What opened it, or what the last probe said; undefined while it is closed. */
	reason: EngineError | undefined;
	private failures = 0;
	private pauses = 0;
	private probe: Probe | undefined;
	private timer: NodeJS.Timeout | undefined;
	private probing = false;
	private askedAt = 0;
	private ended = false;

	constructor(private readonly options: BreakerOptions) {}

	get open(): boolean {
		return this.reason !== undefined;
	}

	/** A caller asks whether it must leave the engine alone now. */
	blocks(): boolean {
		if (this.reason === undefined) return false;
		this.askedAt = performance.now();
		if (this.timer === undefined && !this.probing) this.schedule(0);
		return true;
	}

	/** `weight`: how many failures this one counts for. */
	failed(error: EngineError, weight: number, probe: Probe): void {
		if (this.reason !== undefined || this.ended) return;
		this.failures += weight;
		if (this.failures < this.options.threshold) return;
		this.reason = error;
		this.probe = probe;
		this.pauses = 0;
		this.askedAt = performance.now();
		this.schedule(this.options.firstPauseMs);
	}

	succeeded(): void {
		this.failures = 0;
		if (this.reason === undefined) return;
		this.reason = undefined;
		clearTimeout(this.timer);
		this.timer = undefined;
		this.options.onClosed();
	}

	/** Ends the probes; it stays as it is. */
	end(): void {
		this.ended = true;
		clearTimeout(this.timer);
	}

	private schedule(ms: number): void {
		if (this.ended) return;
		this.timer = setTimeout(() => void this.ask(), ms);
		this.timer.unref();
	}

	private async ask(): Promise<void> {
		this.timer = undefined;
		if (this.probe === undefined || performance.now() - this.askedAt > ASLEEP_AFTER_MS) return;
		this.probing = true;
		const error = await this.probe();
		this.probing = false;
		// A call that was in flight may have succeeded meanwhile.
		if (this.reason === undefined) return;
		if (error === undefined) {
			this.succeeded();
			return;
		}
		this.reason = error;
		this.pauses++;
		const { firstPauseMs, longestPauseMs } = this.options;
		this.schedule(Math.min(firstPauseMs * 2 ** Math.min(this.pauses, 16), longestPauseMs));
	}
}
