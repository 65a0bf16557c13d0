import { EngineError } from './errors';
import type { Engine } from './routing/engine';
import type { Slots } from './routing/slots';
import type { EngineHealth } from './types/operations';
import type { CallOptions } from './types/pool';

/** Whoever needs longer than this to say that it is well, is not. */
const HEALTH_MS = 3_000;

const STATUS: { readonly [kind: string]: EngineHealth['status'] } = {
	loading: 'loading',
	unauthorized: 'unauthorized',
};

/** Asks one engine how it is. The health route is open everywhere, so the list of models is asked too: it shows the key is right. */
export async function engineHealth(engine: Engine, slots: Slots, call: CallOptions): Promise<EngineHealth> {
	const started = performance.now();
	const own = {
		engine: engine.name,
		baseUrl: engine.transport.origin,
		inFlight: engine.inFlight,
		waiting: slots.waitingFor(engine),
		breaker: engine.breakers.states(),
		remote: engine.remote,
	};
	try {
		const spec = await engine.dialect();
		await engine.askWith(spec.health, call, HEALTH_MS);
		const latencyMs = Math.round(performance.now() - started);
		const [version, queue] = await Promise.all([
			// Extras: an engine that is up but does not tell these is still well.
			spec.version?.(engine.ask).catch(() => undefined),
			spec.queue?.(engine.ask).catch(() => undefined),
			engine.models(),
		]);
		return {
			...own,
			dialect: spec.dialect,
			status: 'ok',
			latencyMs,
			...(version === undefined ? {} : { version }),
			...(queue === undefined ? {} : { queue }),
		};
	} catch (error) {
		const kind = error instanceof EngineError ? error.kind : 'server';
		return {
			...own,
			dialect: engine.known?.dialect ?? 'unknown',
			status: STATUS[kind] ?? 'down',
			message: error instanceof Error ? error.message : String(error),
		};
	}
}
