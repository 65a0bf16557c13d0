import type { ScanFilter } from '../../../lib/distillation';
import type { NodeItem } from '../../shared/runtime/nodeItem';

/** Which records an operation takes, as the node says for an item. */
export const filterOf = (item: NodeItem): ScanFilter => ({
	since: instantOf(item, 'filter.since'),
	until: instantOf(item, 'filter.until'),
	workflow: item.optionalText('filter.workflow'),
	model: item.optionalText('filter.model'),
});

function instantOf(item: NodeItem, name: string): string | undefined {
	const at = item.optionalTime(name);
	return at === undefined ? undefined : new Date(at).toISOString();
}
