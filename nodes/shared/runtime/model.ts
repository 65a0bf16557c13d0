import { partsOfModel } from './localEngines';
import type { NodeItem } from './nodeItem';

/** The model of the node; undefined leaves it to the credential. */
export function modelOf(item: NodeItem): string | undefined {
	const value = item.optionalText('model');
	return value === undefined ? undefined : partsOfModel(value).model;
}
