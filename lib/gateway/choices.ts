import type { CallOptions, ChatRequest } from '../engine';

/**
 * Does one call for each choice of an answer, all at once. If one fails, the others are stopped.
 *
 * @param ask what to do for a choice, counted from 0
 * @throws what the first failed call threw, after all have ended
 */
export async function together<T>(
	requests: readonly ChatRequest[],
	call: CallOptions,
	ask: (request: ChatRequest, choice: number, call: CallOptions) => Promise<T>,
): Promise<T[]> {
	const stop = new AbortController();
	const signal = call.signal ? AbortSignal.any([call.signal, stop.signal]) : stop.signal;
	let first: { readonly thrown: unknown } | undefined;
	const answers = await Promise.allSettled(
		requests.map(async (request, choice) => {
			try {
				return await ask(request, choice, { ...call, signal });
			} catch (thrown) {
				first ??= { thrown };
				stop.abort();
				throw thrown;
			}
		}),
	);
	if (first) throw first.thrown;
	return answers.flatMap((answer) => (answer.status === 'fulfilled' ? [answer.value] : []));
}

/** The same request once for each choice; with a seed each has its own, or all answers would be alike. */
export function nTimes(request: ChatRequest, n: number): ChatRequest[] {
	return Array.from({ length: n }, (_, choice) =>
		request.seed === undefined || choice === 0 ? request : { ...request, seed: request.seed + choice },
	);
}
