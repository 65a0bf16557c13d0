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

/**
 * Keeps calls away from an engine (for one model) that fails again and again: after `threshold` failures in a row it is
 * left alone for a while, then one call may try it; each further failure doubles the pause, up to a minute.
 */
export class Breaker {
	private failures = 0;
	private openUntil = 0;
	private probing = false;

	constructor(
		private readonly threshold: number,
		private readonly pauseMs: number,
	) {}

	state(now: number): 'closed' | 'open' | 'halfOpen' {
		if (this.failures < this.threshold) return 'closed';
		return now < this.openUntil || this.probing ? 'open' : 'halfOpen';
	}

	/** Ms until a call may try it; 0 = now. */
	waitMs(now: number): number {
		if (this.failures < this.threshold) return 0;
		if (this.probing) return Math.max(this.openUntil - now, 100);
		return Math.max(this.openUntil - now, 0);
	}

	/** A call goes out: in half-open state it is the only one until it ends. */
	begin(): void {
		if (this.failures >= this.threshold) this.probing = true;
	}

	end(outcome: 'ok' | EngineErrorKind, now: number): void {
		this.probing = false;
		if (outcome === 'ok') {
			this.failures = 0;
			return;
		}
		if (!TRIPS.has(outcome)) return;
		this.failures++;
		if (this.failures >= this.threshold) {
			const doublings = Math.min(this.failures - this.threshold, 16);
			this.openUntil = now + Math.min(this.pauseMs * 2 ** doublings, LONGEST_PAUSE_MS);
		}
	}
}
