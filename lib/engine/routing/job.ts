import type { DialectSpec } from '../dialects';
import type { EngineError, Attempt } from '../errors';
import type { ExchangeLimits } from '../transport/exchange';
import type { Feature, ModelUse } from '../types/address';
import type { PoolOptions } from '../types/pool';
import type { Bell } from './bell';
import type { Engine } from './engine';
import type { Slots } from './slots';

/** What the calls of a pool share. */
export interface Routes {
	readonly engines: readonly Engine[];
	readonly slots: Slots;
	readonly options: PoolOptions;
	/** Rings when an engine is back. */
	readonly recovered: Bell;
	/** Counts calls, so that ties between engines go round. */
	turn: number;
}

/** One piece of work that any suitable engine may do. */
export interface Job<T> {
	readonly use: ModelUse;
	readonly model?: string;
	readonly needs: readonly Feature[];
	readonly affinity?: number;
	/** Looks before it is sent whether this engine can take it; the error it returns counts as the engine's answer. */
	readonly check?: (
		engine: Engine,
		spec: DialectSpec,
		model: string,
	) => EngineError | undefined | Promise<EngineError | undefined>;
	readonly run: (engine: Engine, spec: DialectSpec, model: string, limits: ExchangeLimits) => Promise<T>;
	/** The smallest job of this kind, with nothing of the caller in it: shows whether a model that failed works again. */
	readonly probe: (
		engine: Engine,
		spec: DialectSpec,
		model: string,
		limits: ExchangeLimits,
	) => Promise<unknown>;
	/** Something of the answer has reached the caller: there is no way back. */
	readonly committed?: () => boolean;
}

export interface Outcome<T> {
	readonly value: T;
	readonly engine: Engine;
	readonly spec: DialectSpec;
	readonly model: string;
	readonly attempts: readonly Attempt[];
	/** Waited in our queue for a place. */
	readonly queueMs: number;
	readonly startedAt: number;
}

/** Told as soon as an engine was chosen, before it is asked; `attempts` are the failed ones so far. */
export type OnChosen = (engine: Engine, model: string, attempts: readonly Attempt[]) => void;
