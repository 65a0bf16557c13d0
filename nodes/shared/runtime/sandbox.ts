import { types } from 'node:util';
import type { IDataObject } from 'n8n-workflow';

/**
 * An item's data as plain objects. In n8n 1.x a Code node gives objects that stay behind proxies of its sandbox; the expression engine
 * of n8n 1.123 cannot take over an item with one, and `$('Node').item` gives nothing then.
 */
export function outOfSandbox(json: IDataObject): IDataObject {
	const entries = Object.entries(json);
	if (!entries.some(([, value]) => types.isProxy(value))) return json;
	return Object.fromEntries(
		entries.map(([name, value]) => [name, types.isProxy(value) ? copyOf(value) : value]),
	);
}

const copyOf = (value: unknown) => JSON.parse(JSON.stringify(value)) as IDataObject;
