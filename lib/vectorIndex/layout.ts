import { IndexError } from './errors';

export interface IndexLayout {
	/** Parts the rows are divided into; they are spread over the nodes. */
	readonly shards?: number;
	/** Copies of each shard, each on another node. */
	readonly replicas?: number;
	/** Copies that must have a write before it is done. Less than `replicas`, unless there is one. */
	readonly writeConsistency?: number;
	/** Metadata field (a path, of text) that says whose row it is: Qdrant keeps each tenant's rows together. */
	readonly tenantField?: string;
	/** Builds a graph for each tenant and none over all rows: a search without the tenant compares every vector. */
	readonly tenantGraphs?: boolean;
	/** Whether the vectors stay on disk. Default: what the preset says. */
	readonly onDisk?: boolean;
	/** How vectors are compressed in memory: 8 bits or 4 bits a number. Default: what the preset says. */
	readonly quantization?: 'none' | 'int8' | 'turbo';
	/** What the server allows one request (its strict mode). Default: what the server is set up with. */
	readonly limits?: IndexLimits;
}

export interface IndexLimits {
	/** Rows of one answer. */
	readonly rows?: number;
	/** Points of one write. */
	readonly writes?: number;
	/** Values of one condition of a filter. */
	readonly values?: number;
	/** Candidates a graph search keeps. */
	readonly ef?: number;
	/** So many times the limit may be compared again with the full vectors. */
	readonly oversampling?: number;
}

/** Where the copies of an index are in a cluster, and in which state. */
export interface Placement {
	readonly shards: number;
	/** Copies each shard is to have. */
	readonly replicas: number;
	readonly writeConsistency: number;
	/** Copies that are there, by state: "Active", "Dead", "Partial", … as the server calls them. */
	readonly states: { readonly [state: string]: number };
	/** Shards being copied to another node at this moment. */
	readonly transfers: number;
	/** Each copy; `node` is the server's number of it. */
	readonly copies: ReadonlyArray<{ readonly shard: number; readonly node: string; readonly state: string }>;
}

const MAX_COUNT = 1_000;
const TENANT_FIELD = /^[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)*$/;

/**
 * Checks how a Qdrant collection is to be laid out. Throws `invalidSettings`.
 *
 * A write that fewer nodes take than it has to wait for is refused by the server, but stays on the nodes that took it, and these are
 * not marked as different from the others (measured on Qdrant 1.18.3). With one node gone, every write ends so where it waits for all
 * replicas. So it must be able to do without one of them.
 */
export function checkLayout(layout: IndexLayout = {}): void {
	const { shards, replicas, writeConsistency, tenantField, limits = {} } = layout;
	for (const count of [shards, replicas, writeConsistency]) {
		if (count !== undefined && !isCount(count)) {
			throw invalid('shards, replicas and write consistency must be whole numbers from 1 to 1,000');
		}
	}
	const copies = replicas ?? 1;
	if (writeConsistency !== undefined && writeConsistency > copies)
		throw invalid(
			`writes cannot wait for ${writeConsistency} replicas when there ${copies === 1 ? 'is 1' : `are ${copies}`}. Raise the number of replicas, or lower the write consistency`,
		);
	if (copies > 1 && writeConsistency === copies)
		throw invalid(
			`writes must not wait for all ${copies} replicas. When one node is away, such writes fail but stay on the other nodes, and the replicas differ from then on. Use ${copies === 2 ? '2 replicas with write consistency 1, or 3 replicas with 2' : `a write consistency of ${copies - 1} or less`}`,
		);
	if (tenantField !== undefined && !TENANT_FIELD.test(tenantField)) {
		throw invalid('the tenant field must be a path of letters, digits, "-" and "_", like "customer.id"');
	}
	if (layout.tenantGraphs && tenantField === undefined)
		throw invalid(
			'a layout for many tenants needs a tenant field: the name of the metadata field that says whose row it is',
		);
	for (const [name, limit] of Object.entries(limits)) {
		if (!(limit >= 1)) throw invalid(`the limit "${name}" must be a number of at least 1`);
	}
}

const isCount = (value: number): boolean => Number.isInteger(value) && value >= 1 && value <= MAX_COUNT;

function invalid(problem: string): IndexError {
	return new IndexError('invalidSettings', `The index cannot be made: ${problem}.`);
}
