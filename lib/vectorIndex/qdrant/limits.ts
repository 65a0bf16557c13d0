import type { Schemas } from '@qdrant/js-client-rest';
import { asNumber, isObject } from '../../support';

/** What a server in strict mode allows one request. */
export interface Limits {
	/** Rows of one answer. */
	readonly rows: number;
	/** Searches of one request. */
	readonly searches: number;
	/** Points of one write. */
	readonly writes: number;
	/** Values of one condition of a filter. */
	readonly values: number;
	/** Conditions of a filter, those of the filters within it included. */
	readonly conditions: number;
	readonly ef: number;
	readonly oversampling: number;
	/** Whether every row may be looked at. */
	readonly exact: boolean;
}

export const NONE: Limits = {
	...{
		rows: Infinity,
		searches: Infinity,
		writes: Infinity,
		values: Infinity,
		conditions: Infinity,
		ef: Infinity,
		oversampling: Infinity,
	},
	exact: true,
};
/** The limits that a collection's configuration tells. */
export function limitsOf({ config }: Schemas['CollectionInfo']): Limits {
	const mode: unknown = config.strict_mode_config;
	if (!isObject(mode) || mode.enabled !== true) return NONE;
	const limit = (value: unknown): number => asNumber(value) ?? Infinity;
	return {
		rows: limit(mode.max_query_limit),
		searches: limit(mode.search_max_batchsize),
		writes: limit(mode.upsert_max_batchsize),
		values: limit(mode.condition_max_size),
		conditions: limit(mode.filter_max_conditions),
		ef: limit(mode.search_max_hnsw_ef),
		oversampling: limit(mode.search_max_oversampling),
		exact: mode.search_allow_exact !== false,
	};
}
