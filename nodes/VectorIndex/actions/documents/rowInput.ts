import type { IDataObject } from 'n8n-workflow';
import type { Embedder } from '../../../../lib/embedding';
import type { Point } from '../../../../lib/vectorIndex';
import type { CallContext } from '../../../../lib/support';
import { describeType, textAt, valueAt } from '../../../shared/runtime/values';
import { InputError } from '../../../shared/runtime/errors';

/** An item as a row of an index; without a vector it is still to be embedded. */
export interface RowInput {
	readonly itemIndex: number;
	readonly point: Point;
	/** What is embedded: the context, if there is one, and the text. */
	readonly embedText: string;
	/** Name of the model the item's own vector was made with, where it says so. */
	readonly vectorModel?: string;
}

/**
 * Reads a row from an item.
 * @param field the node's field names by parameter
 * @param shared metadata besides the item's own, which wins
 * @throws InputError
 */
export function rowOf(
	json: IDataObject,
	itemIndex: number,
	field: (parameter: string) => string,
	shared: IDataObject = {},
): RowInput {
	const text = textAt(json, field('textField'), 'The text');
	const source = textAt(json, field('sourceField'), 'The source');
	const metadata = valueAt(json, field('metadataField'));
	if (
		metadata !== undefined &&
		metadata !== null &&
		(typeof metadata !== 'object' || Array.isArray(metadata))
	) {
		throw new InputError(`The metadata should be an object, but is ${describeType(metadata)}.`);
	}
	const { start, end, context, title, parent, embeddingModel } = json;
	const before = typeof context === 'string' && context !== '' ? context : undefined;
	const vectorField = field('vectorField');
	return {
		itemIndex,
		point: {
			text,
			source,
			metadata: {
				...(shared as Point['metadata']),
				...(typeof title === 'string' && { title }),
				...(metadata as Point['metadata']),
			},
			...(typeof start === 'number' && { start }),
			...(typeof end === 'number' && { end }),
			...(before !== undefined && { context: before }),
			...(isWindow(parent) && { parent: { start: parent.start, end: parent.end } }),
			...(vectorField !== '' && { vector: vectorAt(json, vectorField) }),
		},
		embedText: before === undefined ? text : `${before}\n\n${text}`,
		...(vectorField !== '' && typeof embeddingModel === 'string' && { vectorModel: embeddingModel }),
	};
}

const isWindow = (value: unknown): value is { start: number; end: number } =>
	typeof value === 'object' &&
	value !== null &&
	'start' in value &&
	typeof value.start === 'number' &&
	'end' in value &&
	typeof value.end === 'number';

function vectorAt(json: IDataObject, field: string): Float32Array {
	const value = valueAt(json, field);
	if (!Array.isArray(value) || !value.every((entry) => typeof entry === 'number' && Number.isFinite(entry))) {
		throw new InputError(
			`The vector should be a list of numbers in the field "${field}", but it holds ${describeType(value)}.`,
		);
	}
	return Float32Array.from(value);
}

/** The rows as points, in order; those without a vector of their own are embedded together. */
export async function* pointsOf(
	rows: readonly RowInput[],
	embedder: Embedder,
	call: CallContext,
): AsyncGenerator<Point> {
	const other = rows.find(({ vectorModel }) => vectorModel !== undefined && vectorModel !== embedder.model);
	if (other) {
		throw new InputError(
			`The vector of item ${other.itemIndex + 1} was made with ${other.vectorModel}, but the index was built with ${embedder.model}. Vectors of different models cannot be compared: use the index's model.`,
		);
	}
	const toEmbed = rows.filter(({ point }) => point.vector === undefined);
	const texts = toEmbed.map(({ embedText }) => embedText);
	const embedded = embedder.embedDocuments(texts, call);
	const vectors = embedded[Symbol.asyncIterator]();
	try {
		for (const { point } of rows) {
			if (point.vector) {
				yield point;
				continue;
			}
			const next = await vectors.next();
			if (next.done) throw new Error('The embedder returned fewer vectors than texts');
			yield next.value.empty ? point : { ...point, vector: next.value.vector };
		}
	} finally {
		await vectors.return?.();
	}
}
