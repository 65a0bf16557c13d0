import { vectorState, type VectorState } from '../../../lib/ingest';
import { formatCount } from '../../../lib/support';
import type { SearchQuery, VectorIndex } from '../../../lib/vectorIndex';
import type { Run } from './run';

/** What an index says about its vectors; undefined where every passage has what it needs. */
export async function missingVectors(index: VectorIndex): Promise<VectorState | undefined> {
	const state = await vectorState(index);
	return state.pending === 0 ? undefined : state;
}

/** In sentences: how much is found by meaning so far, and what that means for a search of this mode. */
export function coverageNotice(
	{ rows, pending, covered, failure }: VectorState,
	mode?: SearchQuery['mode'],
): string {
	// Never "100 %" while something is missing.
	const percent = Math.floor(covered * 100);
	const share = `${formatCount(rows - pending)} of ${formatCount(rows)} passages (${percent} %) have their vectors so far.`;
	const others =
		mode === 'vector'
			? 'The others cannot be found by meaning yet and are missing from this result. Set Search By to Meaning and Keywords to find them too.'
			: 'The others are found by their words only until their vectors are computed in the background.';
	const failed =
		failure &&
		`Computing them failed: ${failure.reason} It is tried again every few minutes; to try it now, run Vector Index → Finish Vectors.`;
	return [share, others, ...(failed === undefined ? [] : [failed])].join(' ');
}

/** Says on the node how much of the index a search by meaning has seen. Resolves to the state, for the output. */
export async function tellCoverage(
	run: Run,
	index: VectorIndex,
	mode: SearchQuery['mode'],
): Promise<VectorState | undefined> {
	if (mode === 'keyword') return undefined;
	const missing = await missingVectors(index);
	if (missing)
		run.hint(coverageNotice(missing, mode), mode === 'vector' || missing.failure ? 'warning' : 'info');
	return missing;
}

/** As items have it: the share, what is missing, and why it stays so. */
export function coverageAsJson({ pending, covered, failure }: VectorState) {
	return {
		covered: Math.floor(covered * 1000) / 1000,
		pending,
		...(failure && { failure: { ...failure } }),
	};
}
