import type { IDataObject } from 'n8n-workflow';
import { rounded, withRounded } from '../../../../lib/support';
import type { Hit, StoredPoint } from '../../../../lib/vectorIndex';

/** A row as an item shows it: everything but its vector, which nobody reads and which is long. */
export function rowAsJson(row: StoredPoint): IDataObject {
	const { text, source, title, page, start, end, context, parent, metadata, id } = partsOf(row);
	return { text, source, ...title, ...page, start, end, ...context, ...parent, metadata, id };
}

/** The same for a hit of a search, with its scores. */
export function hitAsJson(hit: Hit): IDataObject {
	const { text, source, title, page, start, end, context, parent, metadata, id } = partsOf(hit);
	const { score, stages, twins } = hit;
	return {
		...{
			text,
			source,
			...title,
			...page,
			score: rounded(score),
			start,
			end,
			...context,
			...parent,
			metadata,
		},
		stages: withRounded(stages) as IDataObject,
		...(twins && { twins: twins.map((twin) => ({ ...twin })) }),
		id,
	};
}

function partsOf({ id, text, source, start, end, context, metadata, parent }: StoredPoint) {
	const { title, ...rest } = metadata ?? {};
	return {
		...{ id, text, source, start, end },
		title: typeof title === 'string' ? { title } : {},
		page: rest.page === undefined ? {} : { page: rest.page },
		context: context ? { context } : {},
		parent: parent ? { parent: { ...parent } } : {},
		metadata: rest as IDataObject,
	};
}
