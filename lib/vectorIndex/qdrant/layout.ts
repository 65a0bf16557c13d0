import type { Schemas } from '@qdrant/js-client-rest';
import { IndexError } from '../errors';
import type { IndexLayout, IndexLimits } from '../layout';
import type { IndexSettings } from '../types';
import { type QdrantClient, request } from './client';
import { DENSE } from './payload';
import { INT8, PRESETS, TURBO } from './presets';

/* How the collections of an index are laid out on the nodes. */

const SHARDS_PER_NODE = 2;
const COPIES_IN_CLUSTER = 2;

/**
 * The settings with a layout for this server. One that says nothing about shards and replicas is completed: a server by itself has
 * its own defaults, on a cluster there are two copies of everything, so that it can lose a node.
 */
export async function placed(client: QdrantClient, settings: IndexSettings): Promise<IndexSettings> {
	const { layout = {} } = settings;
	const { shards, replicas, writeConsistency } = layout;
	if (shards !== undefined || replicas !== undefined || writeConsistency !== undefined) return settings;
	const nodes = (await countNodes(client)) ?? 1;
	if (nodes < COPIES_IN_CLUSTER) return settings;
	const spread = { shards: SHARDS_PER_NODE * nodes, replicas: COPIES_IN_CLUSTER, writeConsistency: 1 };
	return { ...settings, layout: { ...layout, ...spread } };
}

/** Nodes of the cluster; 1 for a server by itself, undefined where the key may not ask. */
export async function countNodes(client: QdrantClient): Promise<number | undefined> {
	try {
		const status = await request('Asking for the nodes of the cluster', () => client.clusterStatus());
		return 'peers' in status ? Math.max(1, Object.keys(status.peers ?? {}).length) : 1;
	} catch (thrown) {
		if (thrown instanceof IndexError && (thrown.kind === 'unauthorized' || thrown.kind === 'notFound'))
			return 1;
		throw thrown;
	}
}

/** How the collection of the rows is made. */
export function rowsLayout({ dimensions, preset: name, layout = {} }: IndexSettings) {
	const preset = PRESETS[name ?? 'balanced'];
	const onDisk = layout.onDisk ?? preset.onDisk;
	const quantization = quantizationOf(layout, preset.quantization);
	return {
		vectors: { [DENSE]: { size: dimensions, distance: 'Cosine', ...(onDisk && { on_disk: true }) } },
		hnsw_config: { ...preset.hnsw, ...(layout.tenantGraphs && { m: 0, payload_m: preset.hnsw.m }) },
		...(quantization && { quantization_config: quantization }),
		...copies(layout),
		...(layout.shards !== undefined && { shard_number: layout.shards }),
		...(layout.limits && { strict_mode_config: strictMode(layout.limits) }),
	} satisfies Schemas['CreateCollection'];
}

/** How the collection of the manifest is made: with as many copies as the rows. It is small, so it has one shard. */
export function keysLayout({ layout = {} }: IndexSettings) {
	return {
		vectors: {},
		...copies(layout),
		...(layout.shards !== undefined && { shard_number: 1 }),
	} satisfies Schemas['CreateCollection'];
}

function copies({ replicas, writeConsistency }: IndexLayout) {
	return {
		...(replicas !== undefined && { replication_factor: replicas }),
		...(writeConsistency !== undefined && { write_consistency_factor: writeConsistency }),
	};
}

function quantizationOf(
	{ quantization }: IndexLayout,
	ofPreset: Schemas['QuantizationConfig'] | undefined,
): Schemas['QuantizationConfig'] | undefined {
	if (quantization === undefined) return ofPreset;
	return quantization === 'none' ? undefined : quantization === 'int8' ? INT8 : TURBO;
}

function strictMode({ rows, writes, values, ef, oversampling }: IndexLimits): Schemas['StrictModeConfig'] {
	return {
		enabled: true,
		...(rows !== undefined && { max_query_limit: rows }),
		...(writes !== undefined && { upsert_max_batchsize: writes }),
		...(values !== undefined && { condition_max_size: values }),
		...(ef !== undefined && { search_max_hnsw_ef: ef }),
		...(oversampling !== undefined && { search_max_oversampling: oversampling }),
	};
}
