import type { ScanFilter } from '../../../lib/distillation';
import { InputError } from '../../shared/runtime/errors';
import type { NodeItem } from '../../shared/runtime/nodeItem';
import { describe, isNothing, toText, toTime } from '../../shared/runtime/values';
import { filterField } from './filterField';

type Read = (value: unknown, label: string, zone: string) => string;

const instant: Read = (value, label, zone) => new Date(toTime(value, label, zone)).toISOString();
const text: Read = (value, label) => toText(value, label).trim();

const CONDITIONS: Readonly<Record<keyof ScanFilter, Read>> = {
	since: instant,
	until: instant,
	workflow: text,
	model: text,
};

/**
 * Which records an operation takes, as the node says for an item. A condition that is there without a value, or that is none, would
 * hold for every record: it is refused.
 * @throws InputError
 */
export function filterOf(item: NodeItem): ScanFilter {
	const given = item.raw('filter') ?? {};
	if (typeof given !== 'object' || Array.isArray(given)) {
		throw new InputError(
			`"${filterField.displayName}" should be an object of conditions, but is ${describe(given)}. Choose the conditions in the node.`,
		);
	}
	const conditions: Partial<Record<keyof ScanFilter, string>> = {};
	for (const [name, value] of Object.entries(given)) {
		if (!isCondition(name)) {
			throw new InputError(
				`"${filterField.displayName}" has no condition "${name}". Use one of these: ${Object.keys(CONDITIONS).join(', ')}.`,
			);
		}
		const label = item.label(`filter.${name}`);
		if (isNothing(value)) {
			throw new InputError(
				`The condition "${label}" has no value: it is ${describe(value)}. Fill it in or correct its expression, or remove the condition.`,
			);
		}
		conditions[name] = CONDITIONS[name](value, label, item.context.getTimezone());
	}
	return conditions;
}

const isCondition = (name: string): name is keyof ScanFilter => Object.hasOwn(CONDITIONS, name);
