import { GatewayError } from './errors';

export interface BodyBounds {
	/** Bodies that may be arriving at once from one key. */
	readonly arriving: number;
	/** Bytes of bodies held at once, over all keys. */
	readonly bytes: number;
}

/** What one request holds; `release` may be called more than once. */
export interface BodyShare {
	/** @throws GatewayError `overloaded`, `rateLimited` */
	grow(bytes: number): void;
	/** All of the body is here. */
	arrived(): void;
	release(): void;
	/** Resolves when the body has to give way to others, because it comes too slowly. */
	readonly givenUp: Promise<void>;
}

/** One key may hold this part of all bytes: then three others still have room. */
const SHARE = 0.25;
/** A body that has been arriving for longer gives way to another request: those of honest callers are here by then. */
const SLOW_MS = 2_000;

interface Arriving {
	readonly name: string;
	readonly since: number;
	readonly giveUp: () => void;
}

/**
 * Bounds the bodies of requests: how many of one key may be arriving (a thousand slow ones would keep everybody else out), and how
 * many bytes are held, in all and for one key. Where there are too many, the oldest gives way.
 */
export class BodyLimits {
	private bytes = 0;
	private readonly keys = new Map<string, { arriving: number; bytes: number }>();
	/** In the order in which they came. */
	private readonly arriving = new Set<Arriving>();

	/** @param now milliseconds of a steady clock; handed in so that tests own the time */
	constructor(
		private readonly bounds: BodyBounds,
		private readonly now: () => number = () => performance.now(),
	) {}

	/** @throws GatewayError `rateLimited` */
	enter(name: string): BodyShare {
		const held = this.keys.get(name) ?? { arriving: 0, bytes: 0 };
		if (held.arriving >= this.bounds.arriving && !this.giveUpSlowest(name)) {
			throw new GatewayError(
				'rateLimited',
				`${held.arriving} requests of "${name}" are still arriving, which is the limit. Send their bodies faster, or fewer at once.`,
				{ retryAfterMs: 1000 },
			);
		}
		this.keys.set(name, held);
		held.arriving++;
		let size = 0;
		let giveUp = (): void => undefined;
		const givenUp = new Promise<void>((resolve) => (giveUp = resolve));
		const entry = {
			name,
			since: this.now(),
			giveUp: () => {
				arrived();
				giveUp();
			},
		};
		const arrived = (): void => {
			if (this.arriving.delete(entry)) held.arriving--;
		};
		this.arriving.add(entry);
		return {
			givenUp,
			grow: (bytes) => {
				if (held.bytes + bytes > this.bounds.bytes * SHARE) {
					throw new GatewayError(
						'rateLimited',
						`The requests of "${name}" are too large together. Send fewer at once.`,
						{
							retryAfterMs: 1000,
						},
					);
				}
				if (this.bytes + bytes > this.bounds.bytes) {
					throw new GatewayError('overloaded', 'The gateway holds as many bytes of requests as it may.', {
						retryAfterMs: 1000,
					});
				}
				size += bytes;
				held.bytes += bytes;
				this.bytes += bytes;
			},
			arrived,
			release: () => {
				arrived();
				held.bytes -= size;
				this.bytes -= size;
				size = 0;
				if (held.arriving === 0 && held.bytes === 0) this.keys.delete(name);
			},
		};
	}

	/** Gives up the body that has been arriving for the longest, of one key or of all; false where none is slow. */
	giveUpSlowest(name?: string): boolean {
		const before = this.now() - SLOW_MS;
		for (const entry of this.arriving) {
			// Those behind it came later.
			if (entry.since > before) return false;
			if (name !== undefined && entry.name !== name) continue;
			entry.giveUp();
			return true;
		}
		return false;
	}
}
