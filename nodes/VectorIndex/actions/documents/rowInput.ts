import { textToEmbed } from '../../../../lib/chunking';
import type { Embedder } from '../../../../lib/embedding';
import type { TextRow } from '../../../../lib/ingest';
import type { Point } from '../../../../lib/vectorIndex';
import { placeInRow } from '../../../shared/runtime/chunkData';
import { InputError } from '../../../shared/runtime/errors';
import type { NodeItem } from '../../../shared/runtime/nodeItem';
import { isNothing, toObject, toText } from '../../../shared/runtime/values';

/** An item as a row of an index. */
export interface RowInput extends TextRow {
	readonly itemIndex: number;
	/** Name of the model the item's own vector was made with, where it says so. */
	readonly vectorModel?: string;
}

/** Reads a row from an item. @throws InputError */
export function rowOf(item: NodeItem): RowInput {
	const text = item.pointedText('textField');
	const source = item.pointedName('sourceField');
	const metadata = item.pointed('metadataField');
	const { title, embeddingModel } = item.json;
	const place = placeInRow(item.json);
	const vector = vectorOf(item);
	return {
		itemIndex: item.index,
		point: {
			text,
			source,
			metadata: {
				...(item.object('metadata') as Point['metadata']),
				...(!isNothing(title) && { title: toText(title, 'title') }),
				...(isNothing(metadata)
					? {}
					: (toObject(metadata, item.label('metadataField')) as Point['metadata'])),
			},
			...place,
			...(vector && { vector }),
		},
		embedText: textToEmbed(text, place.context),
		...(vector && typeof embeddingModel === 'string' && { vectorModel: embeddingModel }),
	};
}

/** The item's own vector; undefined where the node reads none. */
function vectorOf(item: NodeItem): Float32Array | undefined {
	const value = item.pointed('vectorField');
	if (value === undefined && item.optionalText('vectorField') === undefined) return undefined;
	if (Array.isArray(value) && value.every((entry) => typeof entry === 'number' && Number.isFinite(entry)))
		return Float32Array.from(value as number[]);
	throw new InputError(`${item.where('vectorField', value)} It should be a list of numbers.`);
}

/** @throws InputError for a row whose vector was made with another model than the index's */
export function assertOneModel(rows: readonly RowInput[], { model }: Embedder): void {
	const other = rows.find(({ vectorModel }) => vectorModel !== undefined && vectorModel !== model);
	if (other) {
		throw new InputError(
			`The vector of item ${other.itemIndex + 1} was made with ${other.vectorModel}, but the index was built with ${model}. Vectors of different models cannot be compared: use the index's model.`,
		);
	}
}
