import type { EngineErrorKind } from '../errors';

/** Failures that say something about the engine's health; everything else (above all every 4xx) leaves the breaker alone. */
const TRIPS: ReadonlySet<EngineErrorKind> = new Set([
	'unreachable',
	'timeout',
	'server',
	'badAnswer',
	'interrupted',
]);

const LONGEST_PAUSE_MS = 60_000;

/** An answer of these kinds shows that the engine works: it was asked for something wrong, that is all. */
const ALIVE: ReadonlySet<EngineErrorKind> = new Set([
	'invalidRequest',
	'contextExceeded',
	'unsupported',
	'modelNotFound',
]);

/**
 * Keeps calls away from an engine (for one model) that fails again and again: after `threshold` failures in a row it is
 * left alone for a while, then one call may try it; each try that fails doubles the pause, up to a minute. Calls that were
 * in flight when it opened fail with it and do not count: sixteen at once are one outage, not sixteen.
 */
export class Breaker {
	private failures = 0;
	private pauses = 0;
	private openUntil = 0;
	private probing = false;

	constructor(
		private readonly threshold: number,
		private readonly pauseMs: number,
	) {}

	state(now: number): 'closed' | 'open' | 'halfOpen' {
		if (this.pauses === 0) return 'closed';
		return now < this.openUntil || this.probing ? 'open' : 'halfOpen';
	}

	/** Ms until a call may try it; 0 = now. */
	waitMs(now: number): number {
		if (this.pauses === 0) return 0;
		return Math.max(this.openUntil - now, this.probing ? 100 : 0);
	}

	/** A call goes out. True: it is the one that tries whether the engine is back, and must be told to `end` as such. */
	begin(): boolean {
		if (this.pauses === 0 || this.probing) return false;
		this.probing = true;
		return true;
	}

	/** `answered`: the failure is the engine's own answer, not our refusal to send. */
	end(outcome: 'ok' | EngineErrorKind, now: number, probe: boolean, answered: boolean): void {
		if (probe) this.probing = false;
		if (outcome === 'ok' || (answered && ALIVE.has(outcome))) {
			this.failures = 0;
			this.pauses = 0;
			return;
		}
		if (!TRIPS.has(outcome)) return;
		if (this.pauses > 0 && !probe) return;
		this.failures++;
		if (this.failures < this.threshold && !probe) return;
		this.openUntil = now + Math.min(this.pauseMs * 2 ** Math.min(this.pauses, 16), LONGEST_PAUSE_MS);
		this.pauses++;
		this.failures = 0;
	}
}
