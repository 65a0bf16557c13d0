import type { IDataObject, IExecuteFunctions, INodeExecutionData, INodeProperties } from 'n8n-workflow';
import { chunk, type Chunk, chunkPreview, chunkStatistics, type ContextReport } from '../../../lib/chunking';
import { chunkingFields, chunkingOptions } from '../../shared/fields/chunkingFields';
import { contextField } from '../../shared/fields/contextField';
import { optionsField } from '../../shared/fields/optionsField';
import { pathField, textField } from '../../shared/fields/pathField';
import { withContext } from '../../shared/runtime/chunkContext';
import { dataOfChunk } from '../../shared/runtime/chunkData';
import { chunkOptionsOf, chunkServices } from '../../shared/runtime/chunking';
import { forEachItem } from '../../shared/runtime/items';
import type { ItemResult } from '../../shared/runtime/outputs';
import { callOf } from '../../shared/runtime/progress';
import { Run } from '../../shared/runtime/run';
import { lateVectorsOf, type VectorOfChunk } from './lateVectors';
import { vectorFields } from './vectorFields';

export const chunkFields: readonly INodeProperties[] = [
	textField,
	pathField({
		displayName: 'Source Field',
		name: 'sourceField',
		default: 'source',
		description: 'Name of the field that holds the document’s name. The name is added to each chunk.',
	}),
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
	optionsField(chunkingOptions),
];

export async function chunkItems(context: IExecuteFunctions): Promise<INodeExecutionData[][]> {
	const run = new Run(context, chunkFields);
	return await forEachItem(run, async (item) => {
		const { signal } = item;
		const text = item.pointedText('textField');
		const source = item.optionalPointedName('sourceField');
		const named = source === undefined ? {} : { source };
		const cut: Chunk[] = [];
		for await (const piece of chunk(text, chunkOptionsOf(item), { ...chunkServices, signal }))
			cut.push(piece);
		const call = callOf(run, signal);
		const { chunks, report } = await withContext(item, text, cut, call);
		if (report && report.failed > 0) run.hint(failuresOf(report));
		const late = await lateVectorsOf(item, text, chunks, call);
		const pieces = chunks.map((piece, position) => ({
			text: piece.text,
			...dataOfChunk({ ...piece, flags: late?.vectors[position]?.flags ?? piece.flags }),
			...(late && vectorJson(late.model, late.vectors[position])),
		}));
		if (item.choice('output') === 'perChunk') {
			// The text of the document would stand again beside each of its chunks.
			const input = item.jsonWithout('textField');
			return pieces.map((piece) => ({ json: { ...named, ...piece }, input }));
		}
		return await documentItem(context, text, chunks, pieces, report, named);
	});
}

const failuresOf = ({ failed, chunks, firstFailure }: ContextReport): string =>
	`${failed} of ${chunks} chunks have no context because the model failed (flag "contextFailed"); their text is complete. The first failure: ${firstFailure ?? 'unknown'}`;

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
