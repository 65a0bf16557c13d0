import type { SourcePassage } from '../../../../lib/answering';
import { InputError } from '../../../shared/runtime/errors';
import type { NodeItem } from '../../../shared/runtime/nodeItem';
import { isNothing, toProse, toText, tryJson, valueAt } from '../../../shared/runtime/values';

/** A passage as items carry it; citations of an answer have a marker too. */
export type ItemPassage = SourcePassage & { readonly marker?: number };

/** The passages of an item: what a search returned, the citations of an answer, or plain texts. */
export function passagesOf(item: NodeItem): ItemPassage[] {
	return rawPassagesOf(item).map((entry, position) => {
		const text = passageText(entry, item, position);
		if (typeof entry !== 'object' || entry === null) return { text, source: `passage ${position + 1}` };
		const given = (name: string) => valueAt(entry, name);
		const name = (value: unknown) =>
			isNothing(value) ? undefined : toText(value, item.label('passagesField'));
		const number = (value: unknown) => (typeof value === 'number' ? value : undefined);
		const place = (name: string) => {
			const value = given(name) ?? given(`metadata.${name}`);
			return typeof value === 'number' || typeof value === 'string' ? value : undefined;
		};
		const list = (name: string): unknown[] | undefined => {
			const value = given(name) ?? given(`metadata.${name}`);
			return Array.isArray(value) ? value : undefined;
		};
		const starts = (name: string) => list(name)?.filter((at) => typeof at === 'number');
		return {
			text,
			source: name(given('source')) ?? `passage ${position + 1}`,
			title: name(given('title')),
			page: place('page'),
			slide: place('slide'),
			sheet: place('sheet'),
			pageStarts: starts('pageStarts'),
			slideStarts: starts('slideStarts'),
			sheetStarts: starts('sheetStarts'),
			sheetNames: list('sheetNames')?.filter((sheet) => typeof sheet === 'string'),
			start: number(given('start')),
			end: number(given('end')),
			score: number(given('score')),
			marker: number(given('marker')),
		};
	});
}

/** The list as it is in the item. @throws InputError when there is none */
export function rawPassagesOf(item: NodeItem): unknown[] {
	const value = item.pointed('passagesField');
	const { value: parsed = value } = typeof value === 'string' ? tryJson(value) : {};
	if (Array.isArray(parsed)) return parsed;
	throw new InputError(
		`${item.where('passagesField', value)} It should be a list of passages. Connect Vector Index → Search, or enter another field name.`,
	);
}

/** The text of a passage: itself, or its "text". */
export function passageText(entry: unknown, item: NodeItem, position: number): string {
	const text = typeof entry === 'object' ? valueAt(entry, 'text') : entry;
	if (!isNothing(text)) return toProse(text, item.label('passagesField'));
	throw new InputError(`Passage ${position + 1} in "${item.label('passagesField')}" has no "text".`);
}
