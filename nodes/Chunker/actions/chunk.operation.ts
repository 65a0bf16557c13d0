import type { IDataObject, IExecuteFunctions, INodeExecutionData, INodeProperties } from 'n8n-workflow';
import { chunk, type Chunk, chunkPreview, chunkStatistics } from '../../../lib/chunking';
import { chunkingFields, chunkingOptions, chunkOptionsOf, chunkServices } from '../../shared/chunkingFields';
import { textAt, valueAt } from '../../shared/fields';
import { forEachItem, type ItemResult } from '../../shared/items';

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
		const chunks: Chunk[] = [];
		for await (const piece of chunk(text, chunkOptionsOf(context, itemIndex), { ...chunkServices, signal })) {
			chunks.push(piece);
		}
		if (context.getNodeParameter('output', itemIndex) === 'perChunk') {
			return chunks.map((piece) => ({ json: { ...named, ...asJson(piece) } }));
		}
		return await documentItem(context, text, chunks, named);
	});
}

async function documentItem(
	context: IExecuteFunctions,
	text: string,
	chunks: readonly Chunk[],
	named: { readonly source?: string },
): Promise<ItemResult> {
	const { count, unit, sizes, oversized, histogram } = chunkStatistics(chunks);
	const page = chunkPreview(text, chunks, named.source ?? 'Chunks');
	return {
		json: {
			...named,
			count,
			statistics: { unit, sizes: { ...sizes }, oversized, histogram: histogram.map((bin) => ({ ...bin })) },
			chunks: chunks.map(asJson),
		},
		binary: {
			preview: await context.helpers.prepareBinaryData(Buffer.from(page), 'chunks.html', 'text/html'),
		},
	};
}

function asJson(piece: Chunk): IDataObject {
	const { text, start, end, index, tokens, headings, kind, parent, tableHeader, fence, flags } = piece;
	return {
		text,
		start,
		end,
		index,
		...(tokens !== undefined && { tokens }),
		headings: [...headings],
		kind,
		...(parent && { parent: { ...parent } }),
		...(tableHeader !== undefined && { tableHeader }),
		...(fence !== undefined && { fence }),
		...(flags && flags.length > 0 && { flags: [...flags] }),
	};
}
