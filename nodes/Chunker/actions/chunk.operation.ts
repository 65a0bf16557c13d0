import type { IDataObject, IExecuteFunctions, INodeExecutionData, INodeProperties } from 'n8n-workflow';
import { chunk, type Chunk, chunkPreview, chunkStatistics, type ContextReport } from '../../../lib/chunking';
import { chunkingFields, chunkingOptions } from '../../shared/fields/chunkingFields';
import { chunkOptionsOf, chunkServices } from '../../shared/runtime/chunking';
import { textAt, valueAt } from '../../shared/runtime/values';
import { forEachItem, type ItemResult } from '../../shared/runtime/items';
import { progressFor } from '../../shared/runtime/progress';
import { contextField } from '../../shared/fields/contextField';
import { withContext } from '../../shared/runtime/chunkContext';
import { lateVectorsOf, vectorFields, type VectorOfChunk } from './vectorFields';

export const chunkFields: readonly INodeProperties[] = [
	{
		displayName: 'Text Field',
		name: 'textField',
		type: 'string',
		required: true,
		default: 'text',
		description: 'Field of the item that holds the text to cut',
	},
	{
		displayName: 'Source Field',
		name: 'sourceField',
		type: 'string',
		default: 'source',
		description: 'Field of the item that holds the name of the document; each chunk carries it on',
	},
	...chunkingFields,
	contextField,
	...vectorFields,
	{
		displayName: 'Output',
		name: 'output',
		type: 'options',
		default: 'perChunk',
		description: 'What becomes an item',
		options: [
			{ name: 'One Item per Chunk', value: 'perChunk' },
			{
				name: 'One Item per Document',
				value: 'perDocument',
				description: 'With the list of chunks in "chunks", figures, and a preview to look at',
			},
		],
	},
	{
		displayName: 'Options',
		name: 'options',
		type: 'collection',
		placeholder: 'Add Option',
		default: {},
		description: 'More choices for single methods',
		options: [...chunkingOptions],
	},
];

export async function chunkItems(context: IExecuteFunctions): Promise<INodeExecutionData[][]> {
	return await forEachItem(context, async ({ itemIndex, signal }) => {
		const json = context.getInputData()[itemIndex]?.json ?? {};
		const text = textAt(json, context.getNodeParameter('textField', itemIndex) as string, 'The text');
		const source = valueAt(json, context.getNodeParameter('sourceField', itemIndex, 'source') as string);
		const named = typeof source === 'string' ? { source } : {};
		const cut: Chunk[] = [];
		for await (const piece of chunk(text, chunkOptionsOf(context, itemIndex), { ...chunkServices, signal })) {
			cut.push(piece);
		}
		const call = { signal, onProgress: progressFor(context) };
		const { chunks, report } = await withContext(context, itemIndex, text, cut, call);
		if (report && report.failed > 0) hintAtFailures(context, report);
		const late = await lateVectorsOf(context, itemIndex, text, chunks, call);
		const pieces = chunks.map((piece, position) => ({
			...asJson({ ...piece, flags: late?.vectors[position]?.flags ?? piece.flags }),
			...(late && vectorJson(late.model, late.vectors[position])),
		}));
		if (context.getNodeParameter('output', itemIndex) === 'perChunk') {
			return pieces.map((piece) => ({ json: { ...named, ...piece } }));
		}
		return await documentItem(context, text, chunks, pieces, report, named);
	});
}

function hintAtFailures(context: IExecuteFunctions, { failed, chunks, firstFailure }: ContextReport): void {
	context.addExecutionHints({
		type: 'warning',
		location: 'outputPane',
		message: `${failed} of ${chunks} chunks have no context because the model failed (flag "contextFailed"); their text is complete. The first failure: ${firstFailure ?? 'unknown'}`,
	});
}

function vectorJson(model: string, vector: VectorOfChunk | undefined): IDataObject {
	if (!vector) return {};
	return {
		embedding: Array.from(vector.vector),
		embeddingModel: model,
		...(vector.reason && { lateFallbackReason: vector.reason }),
	};
}

async function documentItem(
	context: IExecuteFunctions,
	text: string,
	chunks: readonly Chunk[],
	pieces: IDataObject[],
	report: ContextReport | undefined,
	named: { readonly source?: string },
): Promise<ItemResult> {
	const { count, unit, sizes, oversized, histogram } = chunkStatistics(chunks);
	const page = chunkPreview(text, chunks, named.source ?? 'Chunks');
	return {
		json: {
			...named,
			count,
			statistics: { unit, sizes: { ...sizes }, oversized, histogram: histogram.map((bin) => ({ ...bin })) },
			...(report && { context: { ...report } }),
			chunks: pieces,
		},
		binary: {
			preview: await context.helpers.prepareBinaryData(Buffer.from(page), 'chunks.html', 'text/html'),
		},
	};
}

function asJson(piece: Chunk): IDataObject {
	const { text, start, end, index, tokens, headings, kind, context, parent, tableHeader, fence, flags } =
		piece;
	return {
		text,
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
