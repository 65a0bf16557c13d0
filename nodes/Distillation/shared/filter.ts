import type { ScanFilter } from '../../../lib/distillation';
import { InputError } from '../../shared/runtime/errors';
import type { NodeItem } from '../../shared/runtime/nodeItem';

/** Which records an operation takes, as the node says for an item. */
export const filterOf = (item: NodeItem): ScanFilter => ({
	since: timeOf(item, 'filter.since'),
	until: timeOf(item, 'filter.until'),
	workflow: item.optionalText('filter.workflow'),
	model: item.optionalText('filter.model'),
});

/** A time as an instant in UTC, however it was written. */
function timeOf(item: NodeItem, name: string): string | undefined {
	const text = item.optionalText(name);
	if (text === undefined) return undefined;
	const at = Date.parse(text);
	if (!Number.isNaN(at)) return new Date(at).toISOString();
	throw new InputError(
		`"${item.label(name)}" should be a time like 2026-01-31T12:00:00Z, but is "${text.slice(0, 60)}".`,
	);
}
