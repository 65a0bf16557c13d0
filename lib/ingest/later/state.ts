import { asString, isObject } from '../../support';
import type { VectorIndex } from '../../vectorIndex';

/** Why the vectors of an index cannot be computed; the row is there while that is so. */
const FAILURE_KEY = 'vectors:failure';

/** How much of an index is found by meaning. */
export interface VectorState {
	readonly rows: number;
	/** Rows whose vector is still to be computed. */
	readonly pending: number;
	/** Share of the rows that have theirs, 0 to 1. */
	readonly covered: number;
	/** Why computing the others stopped, and when (ISO 8601). */
	readonly failure?: { readonly reason: string; readonly at: string };
}

/** Cheap enough to be asked with each search; the failure is looked up only where vectors are missing. */
export async function vectorState(index: VectorIndex): Promise<VectorState> {
	const { rows, pending } = await index.pending.coverage();
	if (pending === 0) return { rows, pending, covered: 1 };
	const failure = (await index.manifest.get([FAILURE_KEY])).get(FAILURE_KEY);
	const [reason, at] = isObject(failure) ? [asString(failure.reason), asString(failure.at)] : [];
	return {
		...{ rows, pending, covered: (rows - pending) / rows },
		...(reason !== undefined && at !== undefined && { failure: { reason, at } }),
	};
}

export async function rememberFailure(index: VectorIndex, reason: string): Promise<void> {
	await index.manifest.put(new Map([[FAILURE_KEY, { reason, at: new Date().toISOString() }]]));
}

export async function forgetFailure(index: VectorIndex): Promise<void> {
	if ((await index.manifest.get([FAILURE_KEY])).size > 0) await index.manifest.delete([FAILURE_KEY]);
}
