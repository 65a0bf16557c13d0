import type { INodeProperties } from 'n8n-workflow';
import { type IndexLayout, LAYOUTS } from '../../../../lib/vectorIndex';
import { inAlphabet } from '../../../shared/fields/alphabet';
import type { NodeItem } from '../../../shared/runtime/nodeItem';

const onQdrant = { show: { backend: ['qdrant'] } };

const settings: readonly INodeProperties[] = [
	{
		displayName: 'Compression',
		name: 'quantization',
		type: 'options',
		default: 'int8',
		description:
			'How vectors are compressed in memory. Compressed vectors are compared again with the originals. If not added, the preset decides.',
		options: [
			{ name: '4 Bits per Number', value: 'turbo', description: 'An eighth of the memory' },
			{ name: '8 Bits per Number', value: 'int8', description: 'A quarter of the memory' },
			{ name: 'None', value: 'none' },
		],
	},
	{
		displayName: 'Maximum Filter Values',
		name: 'maxValues',
		type: 'number',
		typeOptions: { minValue: 1 },
		default: 1000,
		description: 'Maximum number of values in one condition of a filter (Qdrant: condition_max_size)',
	},
	{
		displayName: 'Maximum Rows per Answer',
		name: 'maxRows',
		type: 'number',
		typeOptions: { minValue: 1 },
		default: 1000,
		description: 'Maximum number of rows that one request returns (Qdrant: max_query_limit)',
	},
	{
		displayName: 'Maximum Rows per Write',
		name: 'maxWrites',
		type: 'number',
		typeOptions: { minValue: 1 },
		default: 256,
		description: 'Maximum number of rows that one request writes (Qdrant: upsert_max_batchsize)',
	},
	{
		displayName: 'Maximum Search Effort',
		name: 'maxEf',
		type: 'number',
		typeOptions: { minValue: 1 },
		default: 512,
		description: 'Maximum number of candidates that a search keeps (Qdrant: search_max_hnsw_ef)',
	},
	{
		displayName: 'Replicas',
		name: 'replicas',
		type: 'number',
		typeOptions: { minValue: 1, maxValue: 1000 },
		default: 2,
		description: 'Number of copies of each shard, each on another node',
	},
	{
		displayName: 'Shards',
		name: 'shards',
		type: 'number',
		typeOptions: { minValue: 1, maxValue: 1000 },
		default: 6,
		description: 'Number of parts the rows are divided into. They are spread over the nodes.',
	},
	{
		displayName: 'Tenant Field',
		name: 'tenantField',
		type: 'string',
		default: '',
		placeholder: 'tenant',
		description:
			'Metadata field that says which tenant a row belongs to. Qdrant keeps the rows of a tenant together. Required for the layout Many Tenants.',
	},
	{
		displayName: 'Vectors on Disk',
		name: 'onDisk',
		type: 'boolean',
		default: true,
		description:
			'Whether to keep the original vectors on disk and only compressed ones in memory. If not added, the preset decides.',
	},
	{
		displayName: 'Write Consistency',
		name: 'writeConsistency',
		type: 'number',
		typeOptions: { minValue: 1, maxValue: 1000 },
		default: 1,
		description:
			'Number of replicas that must have stored a write before it counts as done. Must be less than Replicas, so that writing goes on when a node is away.',
	},
];

const described = ({ shards, replicas, writeConsistency }: IndexLayout): string =>
	`${shards} ${shards === 1 ? 'shard' : 'shards'}, ${replicas} ${replicas === 1 ? 'replica' : 'replicas'}, write consistency ${writeConsistency}`;

/** How an index on Qdrant is spread over the server's nodes: the numbers of each layout, and fields to change them. */
export const layoutFields: readonly INodeProperties[] = [
	{
		displayName: 'Layout',
		name: 'layout',
		type: 'options',
		default: 'automatic',
		displayOptions: onQdrant,
		description: 'How the rows and the list of documents are spread over the nodes of the Qdrant server',
		options: [
			{
				name: 'Automatic',
				value: 'automatic',
				description:
					'One node: the server’s defaults. Cluster: 2 shards per node, 2 replicas, write consistency 1.',
			},
			{
				name: 'Cluster',
				value: 'cluster',
				description: `For 3 or more nodes; works on when one is away. ${described(LAYOUTS.cluster)}.`,
			},
			{
				name: 'Cluster With Three Replicas',
				value: 'safeCluster',
				description: `For 3 or more nodes; a write is on two nodes before it counts as done. ${described(LAYOUTS.safeCluster)}.`,
			},
			{
				name: 'Many Tenants',
				value: 'tenants',
				description: `For searches that always filter by Tenant Field. ${described(LAYOUTS.tenants)}, vectors on disk, 8 bits per number in memory, limits per request: ${LAYOUTS.tenants.limits.rows} rows, ${LAYOUTS.tenants.limits.writes} rows written, ${LAYOUTS.tenants.limits.values} filter values, search effort ${LAYOUTS.tenants.limits.ef}.`,
			},
			{
				name: 'One Machine',
				value: 'oneMachine',
				description: `For a server by itself. ${described(LAYOUTS.oneMachine)}.`,
			},
		],
	},
	{
		displayName: 'Layout Settings',
		name: 'layoutSettings',
		type: 'collection',
		placeholder: 'Add Setting',
		default: {},
		displayOptions: onQdrant,
		description: 'Settings that replace those of the layout',
		options: inAlphabet(settings),
	},
];

/** The layout of a new index; undefined where the server's nodes decide, and for an embedded index. */
export function layoutOf(item: NodeItem): IndexLayout | undefined {
	if (item.choice('backend') !== 'qdrant') return undefined;
	const choice = item.choice<keyof typeof LAYOUTS | 'automatic' | 'keep'>('layout');
	const base: IndexLayout = choice === 'automatic' || choice === 'keep' ? {} : LAYOUTS[choice];
	const count = (name: string): number | undefined =>
		item.isSet(`layoutSettings.${name}`) ? item.optionalNumber(`layoutSettings.${name}`) : undefined;
	const limits = without({
		...base.limits,
		...without({
			rows: count('maxRows'),
			writes: count('maxWrites'),
			values: count('maxValues'),
			ef: count('maxEf'),
		}),
	});
	const layout = {
		...base,
		...without({
			shards: count('shards'),
			replicas: count('replicas'),
			writeConsistency: count('writeConsistency'),
			tenantField: item.isSet('layoutSettings.tenantField')
				? item.optionalText('layoutSettings.tenantField')
				: undefined,
			onDisk: item.isSet('layoutSettings.onDisk') ? item.flag('layoutSettings.onDisk') : undefined,
			quantization: item.isSet('layoutSettings.quantization')
				? item.choice<NonNullable<IndexLayout['quantization']>>('layoutSettings.quantization')
				: undefined,
		}),
		...(Object.keys(limits).length > 0 && { limits }),
	};
	return Object.keys(layout).length > 0 ? layout : undefined;
}

/** The same object without what is undefined. */
function without<T extends object>(values: T): Partial<T> {
	return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as Partial<T>;
}
