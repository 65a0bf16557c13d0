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
import type { NodeItem } from '../../shared/runtime/nodeItem';
import type { ItemResult } from '../../shared/runtime/outputs';
import { watched } from '../../shared/runtime/progress';
import { showReport } from '../../shared/runtime/reports';
import { Run } from '../../shared/runtime/run';
import { lateVectorsOf, type VectorOfChunk } from './lateVectors';
import { vectorFields } from './vectorFields';

/** Documents of one run whose chunks are among the reports. */
const MAX_SHOWN = 5;

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
		description: 'What each output item contains',
		options: [
			{ name: 'One Item per Chunk', value: 'perChunk' },
			{
				name: 'One Item per Document',
				value: 'perDocument',
				description: 'With the list of chunks in "chunks", statistics and a preview',
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
		const job = { task: 'Chunk', subject: source ?? `item ${item.index + 1}`, unit: 'chunks' };
		const { chunks, report, late } = await watched(
			run,
			item,
			job,
			async (call) => {
				const placed = await withContext(item, text, cut, call);
				return { ...placed, late: await lateVectorsOf(item, text, placed.chunks, call) };
			},
			signal,
		);
		if (report && report.failed > 0) run.hint(failuresOf(report));
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
		return await documentItem(run, item, text, chunks, pieces, report, named);
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
	run: Run,
	item: NodeItem,
	text: string,
	chunks: readonly Chunk[],
	pieces: IDataObject[],
	report: ContextReport | undefined,
	named: { readonly source?: string },
): Promise<ItemResult> {
	const { count, unit, sizes, oversized, histogram } = chunkStatistics(chunks);
	const title = named.source ?? 'Chunks';
	const html = chunkPreview(text, chunks, title);
	// A folder of documents must not push all other reports off the list.
	const shown =
		item.index < MAX_SHOWN
			? await showReport(run, item, {
					title: `Chunks of ${title}`,
					task: 'Chunker',
					html,
					file: 'chunks.html',
				})
			: undefined;
	return {
		json: {
			...named,
			count,
			statistics: { unit, sizes: { ...sizes }, oversized, histogram: histogram.map((bin) => ({ ...bin })) },
			...(report && { context: { ...report } }),
			...(shown && { report: shown.report }),
			chunks: pieces,
		},
		binary: {
			preview:
				shown?.file ??
				(await run.context.helpers.prepareBinaryData(Buffer.from(html), 'chunks.html', 'text/html')),
		},
	};
}
