import { GatewayError } from './errors';

interface Limited {
	readonly name: string;
	readonly maxConcurrency?: number;
	readonly requestsPerMinute?: number;
}

/** Counts what each key has in flight and how fast it asks. One per gateway. */
export class KeyLimits {
	private readonly states = new Map<string, { inFlight: number; tokens: number; filledAt: number }>();

	/** @param now milliseconds of a steady clock; handed in so that tests own the time */
	constructor(private readonly now: () => number = () => performance.now()) {}

	/**
	 * Takes a place for one request; the result gives it back (once, however often it is called).
	 *
	 * @throws GatewayError `rateLimited`, with the wait until the next request would be let in
	 */
	enter({ name, maxConcurrency = Infinity, requestsPerMinute = Infinity }: Limited): () => void {
		const at = this.now();
		// Below one a minute there still is room for one.
		const most = Math.max(1, requestsPerMinute);
		const state = this.states.get(name) ?? { inFlight: 0, tokens: most, filledAt: at };
		this.states.set(name, state);
		if (state.inFlight >= maxConcurrency)
			throw new GatewayError(
				'rateLimited',
				`The key "${name}" has ${maxConcurrency} requests in flight, which is its limit.`,
				{
					retryAfterMs: 1000,
				},
			);
		if (requestsPerMinute !== Infinity) {
			const refilled = ((at - state.filledAt) * requestsPerMinute) / 60_000;
			state.tokens = Math.min(most, state.tokens + refilled);
			state.filledAt = at;
			if (state.tokens < 1)
				throw new GatewayError(
					'rateLimited',
					`The key "${name}" may ask ${requestsPerMinute} times a minute.`,
					{
						retryAfterMs: Math.ceil(((1 - state.tokens) * 60_000) / requestsPerMinute),
					},
				);
			state.tokens -= 1;
		}
		state.inFlight += 1;
		let left = false;
		return () => {
			if (left) return;
			left = true;
			state.inFlight -= 1;
		};
	}
}
