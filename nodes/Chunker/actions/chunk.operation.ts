import type { IDataObject, IExecuteFunctions, INodeExecutionData, INodeProperties } from 'n8n-workflow';
import { chunk, type Chunk } from '../../../lib/chunking';
import { chunkingFields, chunkOptionsOf } from '../../shared/chunkingFields';
import { textAt, valueAt } from '../../shared/fields';
import { forEachItem } from '../../shared/items';

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
				description: 'With the list of chunks in "chunks"',
			},
		],
	},
];

export async function chunkItems(context: IExecuteFunctions): Promise<INodeExecutionData[][]> {
	return await forEachItem(context, async ({ itemIndex, signal }) => {
		const json = context.getInputData()[itemIndex]?.json ?? {};
		const text = textAt(json, context.getNodeParameter('textField', itemIndex) as string, 'The text');
		const source = valueAt(json, context.getNodeParameter('sourceField', itemIndex, 'source') as string);
		const chunks: IDataObject[] = [];
		for await (const piece of chunk(text, chunkOptionsOf(context, itemIndex), { signal })) {
			chunks.push({ ...(typeof source === 'string' && { source }), ...asJson(piece) });
		}
		if (context.getNodeParameter('output', itemIndex) === 'perChunk')
			return chunks.map((entry) => ({ json: entry }));
		return { json: { ...(typeof source === 'string' && { source }), chunks, count: chunks.length } };
	});
}

function asJson({
	text,
	start,
	end,
	index,
	tokens,
	headings,
	kind,
	parent,
	tableHeader,
	flags,
}: Chunk): IDataObject {
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
		...(flags && flags.length > 0 && { flags: [...flags] }),
	};
}
