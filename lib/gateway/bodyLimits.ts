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
}

/** One key may hold this part of all bytes: then three others still have room. */
const SHARE = 0.25;

/**
 * Bounds the bodies of requests: how many of one key may be arriving (a thousand slow ones would keep everybody else out), and how
 * many bytes are held, in all and for one key.
 */
export class BodyLimits {
	private bytes = 0;
	private readonly keys = new Map<string, { arriving: number; bytes: number }>();

	constructor(private readonly bounds: BodyBounds) {}

	/** @throws GatewayError `rateLimited` */
	enter(name: string): BodyShare {
		const held = this.keys.get(name) ?? { arriving: 0, bytes: 0 };
		if (held.arriving >= this.bounds.arriving) {
			throw new GatewayError(
				'rateLimited',
				`${held.arriving} requests of "${name}" are still arriving, which is the limit. Send their bodies faster, or fewer at once.`,
				{ retryAfterMs: 1000 },
			);
		}
		this.keys.set(name, held);
		held.arriving++;
		let size = 0;
		let arriving = true;
		const arrived = (): void => {
			if (arriving) held.arriving--;
			arriving = false;
		};
		return {
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
}
