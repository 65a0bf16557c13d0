import type { IDataObject } from 'n8n-workflow';
import type { StoredPoint } from '../../../../lib/vectorIndex';

/** A row as an item shows it: everything but its vector, which nobody reads and which is long. */
export function rowAsJson({
	id,
	text,
	source,
	start,
	end,
	context,
	metadata,
	parent,
}: StoredPoint): IDataObject {
	const { title, ...rest } = metadata ?? {};
	return {
		text,
		source,
		...(typeof title === 'string' && { title }),
		start,
		end,
		...(context && { context }),
		...(parent && { parent: { ...parent } }),
		metadata: rest as IDataObject,
		id,
	};
}
