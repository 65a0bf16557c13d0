// What holds where a call says nothing else. In a file of its own, because the forms of the nodes read it when n8n starts.

import type { IndexLayout } from './layout';

/** Defaults of `TuneOptions`. */
export const TUNE_DEFAULTS = { sample: 200, budgetMs: 600_000 } as const;

/**
 * Layouts of a Qdrant index to start from. Two shards a node let a cluster of three grow to six nodes. Of two replicas a write waits
 * for one, of three for two: with a node gone, writing goes on, and the replicas come to agree again by themselves.
 */
export const LAYOUTS = {
	oneMachine: { shards: 1, replicas: 1, writeConsistency: 1 },
	cluster: { shards: 6, replicas: 2, writeConsistency: 1 },
	safeCluster: { shards: 6, replicas: 3, writeConsistency: 2 },
	tenants: {
		...{ shards: 6, replicas: 2, writeConsistency: 1 },
		...{ tenantGraphs: true, onDisk: true, quantization: 'int8' },
		limits: { rows: 1_000, writes: 256, values: 1_000, ef: 512, oversampling: 4 },
	},
} as const satisfies { readonly [name: string]: IndexLayout };
