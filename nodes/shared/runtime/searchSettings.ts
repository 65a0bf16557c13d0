import type { IDataObject } from 'n8n-workflow';
import type { SearchQuery } from '../../../lib/vectorIndex';

/** Only what the user set: the rest is the index's own default. */
export function searchSettings(options: IDataObject): Partial<SearchQuery> {
	const { diversity, exact, expandParents, fusion, perSource, minScore, vectorWeight } = options;
	return {
		...(typeof diversity === 'number' && diversity > 0 && { diversity }),
		...(exact === true && { exact }),
		...(expandParents === true && { expandParents }),
		...((fusion === 'minmax' || fusion === 'rrf' || fusion === 'dbsf') && { fusion }),
		...(typeof perSource === 'number' && { perSource }),
		...(typeof minScore === 'number' && { minScore }),
		...(typeof vectorWeight === 'number' && { vectorWeight }),
	};
}
