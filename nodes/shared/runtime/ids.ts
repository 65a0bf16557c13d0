import { InputError } from './errors';
import type { NodeItem } from './nodeItem';
import { isNothing, toText, valueAt } from './values';

/**
 * The IDs in the field `ids`, as typed, as a list, or as a list of rows with an "id" each, which is what `from` returns.
 * @param from the operation that gives such rows, for the errors ("A search")
 * @throws InputError where there is none
 */
export function idsOf(item: NodeItem, from: string): string[] {
	const ids = item.entries('ids').map((entry, position) => {
		const id = typeof entry === 'object' ? valueAt(entry, 'id') : entry;
		if (!isNothing(id)) return toText(id, item.label('ids')).trim();
		throw new InputError(
			`Entry ${position + 1} of "${item.label('ids')}" has no "id". ${from} returns rows with one.`,
		);
	});
	if (ids.length > 0) return ids;
	throw new InputError(
		`"${item.label('ids')}" is empty. Enter the IDs; ${from.charAt(0).toLowerCase()}${from.slice(1)} returns them as "id".`,
	);
}
