import { EngineError } from '../errors';
import type { ExchangeLimits } from '../transport/exchange';
import type { Deadlines } from '../types/pool';
import type { Engine } from './engine';

/** Defaults of `Deadlines`, ms. The first token waits for cold loads of big models and for prompts on CPUs. */
export const DEADLINES = {
	connectMs: 5_000,
	firstTokenMs: 180_000,
	silentMs: 5_000,
	betweenTokensMs: 60_000,
	unreadMs: 60_000,
	totalMs: 900_000,
	queueMs: 120_000,
} as const satisfies Required<Deadlines>;

/** What one call keeps to: the pool's deadlines, and its own before those. */
export function limitsOf(
	startedAt: number,
	ofPool: Deadlines | undefined,
	ofCall: Deadlines | undefined,
): ExchangeLimits & { readonly queueMs: number } {
	const { totalMs, ...durations } = { ...DEADLINES, ...defined(ofPool), ...defined(ofCall) };
	return { ...durations, endAt: startedAt + totalMs };
}

function defined(deadlines: Deadlines | undefined): Partial<Required<Deadlines>> {
	return Object.fromEntries(Object.entries(deadlines ?? {}).filter(([, value]) => value !== undefined));
}

/**
 * What is asked of an engine before the request itself (its type, its models, its context) is shared between calls and has
 * deadlines of its own; a call waits for it only as long as its own deadlines allow.
 */
export function inTime<T>(
	value: T | Promise<T>,
	engine: Engine,
	endAt: number,
	signal: AbortSignal | undefined,
): T | Promise<T> {
	if (!(value instanceof Promise)) return value;
	return new Promise<T>((resolve, reject) => {
		const onAbort = (): void =>
			end(new EngineError('cancelled', 'The call was cancelled.', { engine: engine.name }));
		const timer = setTimeout(
			() =>
				end(
					new EngineError(
						'timeout',
						`${engine.name} did not say in time what it is and what it holds. Is it hanging?`,
						{ engine: engine.name },
					),
				),
			Math.max(endAt - performance.now(), 0),
		);
		const end = (error?: EngineError): void => {
			clearTimeout(timer);
			signal?.removeEventListener('abort', onAbort);
			if (error !== undefined) reject(error);
		};
		signal?.addEventListener('abort', onAbort, { once: true });
		value.finally(() => end()).then(resolve, reject);
	});
}
