import type { IDataObject } from 'n8n-workflow';

/** A field of the item and nothing else: `={{ $json.body.text }}`, as dragging it into a field writes it. */
const ONE_FIELD = /^=\{\{ *\$json((?:\.[A-Za-z_]\w*|\[(?:"[^"\\]*"|'[^'\\]*')\])+) *\}\}$/;
const KEY = /\.([A-Za-z_]\w*)|\["([^"\\]*)"\]|\['([^'\\]*)'\]/g;

/** The keys that an expression leads through, where it leads to a field of the item and does nothing else. */
export function itemPath(stored: unknown): readonly string[] | undefined {
	const path = typeof stored === 'string' ? ONE_FIELD.exec(stored)?.[1] : undefined;
	if (path === undefined) return undefined;
	return [...path.matchAll(KEY)].map(([, plain, double, single]) => plain ?? double ?? single ?? '');
}

/**
 * The text, number or boolean at a path. n8n would give the same, but needs 0.3 ms of its event loop to evaluate an expression
 * (`npm run bench -- items`), which is as long as a busy engine takes for an item. Undefined for everything else: what n8n makes of
 * a missing field, a list or a date is n8n's to say.
 */
export function plainAt(json: IDataObject, path: readonly string[]): string | number | boolean | undefined {
	let value: unknown = json;
	for (const key of path) {
		if (typeof value !== 'object' || value === null || !Object.hasOwn(value, key)) return undefined;
		value = (value as IDataObject)[key];
	}
	return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean'
		? value
		: undefined;
}
