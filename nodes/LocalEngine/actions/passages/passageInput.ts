import type { IDataObject } from 'n8n-workflow';
import type { SourcePassage } from '../../../../lib/answering';
import { describeType, valueAt } from '../../../shared/runtime/values';
import { InputError } from '../../../shared/runtime/errors';

/** A passage as items carry it; citations of an answer have a marker too. */
export type ItemPassage = SourcePassage & { readonly marker?: number };

/** The passages in a field of the item: what a search returned, or the citations of an answer. */
export function passagesAt(json: IDataObject, path: string): ItemPassage[] {
	const list = valueAt(json, path);
	if (!Array.isArray(list)) {
		throw new InputError(
			`The passages should be a list in the field "${path}", but it holds ${describeType(list)}. Connect Vector Index → Search, or name the field in the node.`,
		);
	}
	return list.map((entry: unknown, position) => {
		if (!isPassage(entry))
			throw new InputError(`Passage ${position + 1} in the field "${path}" has no "text".`);
		const { text, source, title, start, end, score, marker } = entry;
		return { text, source: source ?? `passage ${position + 1}`, title, start, end, score, marker };
	});
}

const isPassage = (value: unknown): value is Omit<ItemPassage, 'source'> & { source?: string } =>
	typeof value === 'object' && value !== null && 'text' in value && typeof value.text === 'string';
