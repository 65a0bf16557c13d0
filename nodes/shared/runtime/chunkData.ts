import type { IDataObject } from 'n8n-workflow';
import type { Chunk } from '../../../lib/chunking';
import { isObject } from '../../../lib/support';
import type { Point } from '../../../lib/vectorIndex';

/** What is known of a chunk besides its text, as data of an item or metadata of a document. */
export function dataOfChunk(chunk: Chunk): IDataObject {
	const { start, end, index, tokens, headings, kind, context, parent, tableHeader, fence, flags } = chunk;
	return {
		start,
		end,
		index,
		...(tokens !== undefined && { tokens }),
		headings: [...headings],
		kind,
		...(context && { context }),
		...(parent && { parent: { ...parent } }),
		...(tableHeader !== undefined && { tableHeader }),
		...(fence !== undefined && { fence }),
		...(flags && flags.length > 0 && { flags: [...flags] }),
	};
}

/** The way back: what a row of an index keeps of such data. What is missing or of another form is left out. */
export function placeInRow({
	start,
	end,
	context,
	parent,
}: Partial<Record<'start' | 'end' | 'context' | 'parent', unknown>>): Pick<
	Point,
	'start' | 'end' | 'context' | 'parent'
> {
	return {
		...(isOffset(start) && { start }),
		...(isOffset(end) && { end }),
		...(typeof context === 'string' && context !== '' && { context }),
		...(isWindow(parent) && { parent: { start: parent.start, end: parent.end } }),
	};
}

const isWindow = (value: unknown): value is { readonly start: number; readonly end: number } =>
	isObject(value) && isOffset(value.start) && isOffset(value.end);

/** A position in a text, as an index holds it. */
const isOffset = (value: unknown): value is number =>
	typeof value === 'number' && Number.isInteger(value) && value >= 0 && value < 2 ** 31;
