import { type Filter, type VectorIndex, withOtherTypes } from '../../../lib/vectorIndex';
import type { Run } from './run';

/**
 * Says on the node why a filter finds nothing: no row matches it, and perhaps its values are of another type than those of the rows. Call it
 * where nothing was found.
 */
export async function explainFilter(
	run: Run,
	index: Pick<VectorIndex, 'count'>,
	filter: Filter | undefined,
): Promise<void> {
	if (filter === undefined || (await index.count(filter)) > 0) return;
	const other = withOtherTypes(filter);
	const matching = other === undefined ? 0 : await index.count(other);
	run.hint(
		matching > 0
			? `The filter ${shown(filter)} matches no row, because its values are of another type than those of the rows: ${shown(other)} matches ${matching}. In JSON, text has quotes ("2022") and a number has none (2022).`
			: `The filter ${shown(filter)} matches no row of the index.`,
	);
}

const MAX_SHOWN = 200;

function shown(filter: Filter | undefined): string {
	const text = JSON.stringify(filter);
	return text.length > MAX_SHOWN ? `${text.slice(0, MAX_SHOWN)}…` : text;
}
