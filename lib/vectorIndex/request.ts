import { IndexError } from './errors';
import { and, isEverything, parseFilter, type FilterNode } from './filter/parse';
import { checkId } from './point';
import type { DeleteRequest } from './types';
import { messageOf } from '../support';

/** What to delete: rows of `ids` (if given) that also meet `filter`. */
export interface CheckedDelete {
	readonly ids?: readonly string[];
	readonly filter: FilterNode;
}

/** Checks a delete request; one that would remove every row is refused. Throws IndexError. */
export function checkDelete({ ids, source, filter }: DeleteRequest): CheckedDelete {
	const parts: FilterNode[] = [parseFilter(filter)];
	if (source !== undefined) {
		if (typeof source !== 'string') throw invalid('its source is not a text');
		parts.push({ op: 'in', field: 'source', values: [source.toWellFormed()] });
	}
	const joined = and(parts);
	if (ids === undefined && isEverything(joined)) {
		throw invalid(
			'name ids, a source or a filter that does not match every row; to remove all, drop the index',
		);
	}
	return { ...(ids !== undefined && { ids: checkIds(ids) }), filter: joined };
}

/** The ids without repetitions. Throws IndexError. */
export function checkIds(ids: readonly string[]): string[] {
	try {
		return [...new Set(ids.map(checkId))];
	} catch (thrown) {
		throw invalid(messageOf(thrown).replace(/^its/, 'an'));
	}
}

function invalid(problem: string): IndexError {
	return new IndexError('invalidQuery', `The request cannot be carried out: ${problem}.`);
}
