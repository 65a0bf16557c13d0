import type { Filter, SearchQuery } from '../../../lib/vectorIndex';
import type { NodeItem } from './nodeItem';
import { defined } from './values';

/** Only what the user set: the rest is the index's own default. */
export function searchSettings(item: NodeItem): Partial<SearchQuery> {
	return defined({
		diversity: item.optionalNumber('options.diversity'),
		exact: item.optionalFlag('options.exact'),
		expandParents: item.optionalFlag('options.expandParents'),
		fusion: item.optionalChoice<NonNullable<SearchQuery['fusion']>>('options.fusion'),
		keepTwins: item.optionalFlag('options.keepTwins'),
		perSource: item.optionalNumber('options.perSource'),
		preferNewer: item.optionalText('options.preferNewer'),
		minScore: item.optionalNumber('options.minScore'),
		vectorWeight: item.optionalNumber('options.vectorWeight'),
		filter: filterOf(item, 'options.filter'),
	});
}

/** A filter over metadata; undefined for {}, which means all rows, and where the option was not added. */
export function filterOf(item: NodeItem, name: string): Filter | undefined {
	const filter = item.object(name);
	return filter === undefined || Object.keys(filter).length === 0 ? undefined : (filter as Filter);
}
