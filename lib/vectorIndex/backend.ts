import type { FilterNode } from './filter/parse';
import type { Ranked } from './fusion';
import type { QueryTerm } from './terms';
import type {
	BuildPurpose,
	IndexEntry,
	IndexSettings,
	IndexVersion,
	StoredPoint,
	VectorIndex,
} from './types';

/**
 * What each back end does with whole indexes; loaded when an address first names it. DESIGN.md has the states and the order of
 * writes: what holds data is made before the pointer, and the pointer is removed before the data, so that a process can die
 * between any two writes. Whatever a name does not point to is never believed, and is removed by the next call that makes,
 * restores or drops the index.
 */
export interface Backend {
	/** Makes an empty live index. Resolves to false when the name is taken. */
	create(name: string, settings: IndexSettings): Promise<boolean>;
	/**
	 * Makes an empty version that is not live. Resolves to its id. For a `restore` there need be no live version, and what an
	 * interrupted restore left is removed.
	 */
	createVersion(name: string, settings: IndexSettings, purpose: BuildPurpose): Promise<string>;
	/** The versions of an index; undefined when there is none of that name. */
	versions(name: string): Promise<IndexVersion[] | undefined>;
	/** Opens one version, the live one unless it is named, without looking at the others; undefined when it is not there. */
	find(name: string, version?: string): Promise<OpenedVersion | undefined>;
	/** What is there of a name that has no live version, in a sentence; undefined where nothing is. */
	remains(name: string): Promise<string | undefined>;
	/** Points the name to a version, in one step; with `ifLive` only if it points to that one now (`null`: to none). Resolves to whether it did. */
	switchTo(name: string, version: string, ifLive?: string | null): Promise<boolean>;
	list(): Promise<IndexEntry[]>;
	/** An index whose version exists. */
	open(name: string, version?: string): VectorIndex;
}

export interface OpenedVersion extends Pick<IndexVersion, 'format' | 'settings'> {
	readonly index: VectorIndex;
}

/** A row as one stage found it; `vector` is on the point when asked for. */
export interface Candidate extends Ranked {
	readonly point: StoredPoint;
}

export interface StageOptions {
	readonly limit: number;
	readonly filter: FilterNode;
	readonly withVectors: boolean;
}

/** What a back end must be able to do; everything else of a search happens here, once for both. */
export interface SearchBackend {
	/** Rows nearest by cosine similarity, best first. */
	nearest(vector: Float32Array, options: StageOptions & { readonly exact: boolean }): Promise<Candidate[]>;
	/** Rows that hold one of the terms, by BM25 times the weight of each term, best first. */
	matching(terms: readonly QueryTerm[], options: StageOptions): Promise<Candidate[]>;
	/** Both rankings, in one request where the rows are on a server. */
	both(
		vector: Float32Array,
		terms: readonly QueryTerm[],
		options: StageOptions & { readonly exact: boolean },
	): Promise<{ readonly nearest: Candidate[]; readonly matching: Candidate[] }>;
	/** Rows of one source that overlap [start, end), in any order; at most {@link MAX_WINDOW_ROWS}. */
	within(window: Window): Promise<StoredPoint[]>;
}

export interface Window {
	readonly source: string;
	readonly generation?: string;
	readonly start: number;
	readonly end: number;
}

/** A parent window is a few chunks wide; more rows than this is no window any more. */
export const MAX_WINDOW_ROWS = 1_000;

/** The conditions, all to be met, of a row in a window. */
export function rowsWithin({ source, generation, start, end }: Window): FilterNode[] {
	return [
		{ op: 'in', field: 'source', values: [source] },
		{ op: 'range', field: 'start', bounds: { type: 'number', to: { value: end, inclusive: false } } },
		{ op: 'range', field: 'end', bounds: { type: 'number', from: { value: start, inclusive: false } } },
		...(generation === undefined
			? []
			: [{ op: 'in', field: 'generation', values: [generation] } satisfies FilterNode]),
	];
}
