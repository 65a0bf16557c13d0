import type { NodeItem } from './nodeItem';

/** The model of the node; undefined leaves it to the credential. */
export const modelOf = (item: NodeItem): string | undefined => item.optionalText('model');
