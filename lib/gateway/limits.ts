import { GatewayError } from './errors';

interface Limited {
	readonly name: string;
	readonly maxConcurrency?: number;
	readonly requestsPerMinute?: number;
	readonly tokensPerDay?: number;
}

interface State {
	inFlight: number;
	/** Requests that may come at once. */
	tokens: number;
	filledAt: number;
	/** Tokens of prompts and answers that are left, and when that was so; undefined before any were used. */
	left?: { tokens: number; at: number };
}

const DAY_MS = 24 * 60 * 60_000;

/** Counts what each key has in flight and how fast it asks. One per gateway. */
export class KeyLimits {
	private readonly states = new Map<string, State>();

	/** @param now milliseconds of a steady clock; handed in so that tests own the time */
	constructor(private readonly now: () => number = () => performance.now()) {}

	/**
	 * Takes a place for one request; the result gives it back (once, however often it is called).
	 *
	 * @throws GatewayError `rateLimited`, with the wait until the next request would be let in
	 */
	enter({
		name,
		maxConcurrency = Infinity,
		requestsPerMinute = Infinity,
		tokensPerDay = Infinity,
	}: Limited): () => void {
		const at = this.now();
		// Below one a minute there still is room for one.
		const most = Math.max(1, requestsPerMinute);
		const state = this.states.get(name) ?? { inFlight: 0, tokens: most, filledAt: at };
		this.states.set(name, state);
		const tokensLeft = leftOf(state, tokensPerDay, at);
		if (tokensLeft < 1)
			throw new GatewayError(
				'rateLimited',
				`The key "${name}" has used its ${tokensPerDay} tokens for a day. They come back evenly over 24 hours.`,
				{ retryAfterMs: Math.ceil(((1 - tokensLeft) * DAY_MS) / tokensPerDay) },
			);
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

	/**
	 * Takes what an exchange has used from the key's tokens for a day.
	 *
	 * @returns what is left; undefined for a key without such a limit
	 */
	spend({ name, tokensPerDay }: Limited, used: number): number | undefined {
		const state = this.states.get(name);
		if (tokensPerDay === undefined || state === undefined) return undefined;
		const at = this.now();
		const tokens = leftOf(state, tokensPerDay, at) - used;
		state.left = { tokens, at };
		return Math.floor(tokens);
	}
}

/** What is left of the tokens for a day, with those that came back since. */
function leftOf({ left }: State, tokensPerDay: number, at: number): number {
	if (left === undefined || tokensPerDay === Infinity) return tokensPerDay;
	return Math.min(tokensPerDay, left.tokens + ((at - left.at) * tokensPerDay) / DAY_MS);
}
