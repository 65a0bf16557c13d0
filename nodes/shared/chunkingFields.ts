import type { IExecuteFunctions, INodeProperties } from 'n8n-workflow';
import { CHUNK_DEFAULTS, type ChunkOptions } from '../../lib/chunking';
import { countTokens } from '../../lib/embedding';

/** How text is cut: the same fields in the Chunker and in Sync. */
export const chunkingFields: readonly INodeProperties[] = [
	{
		displayName: 'Chunking Method',
		name: 'method',
		type: 'options',
		default: CHUNK_DEFAULTS.method,
		description: 'Where the text is cut',
		options: [
			{
				name: 'Fixed Size',
				value: 'fixed',
				description: 'Every chunk is as long as allowed, wherever that cuts',
			},
			{
				name: 'Markdown',
				value: 'markdown',
				description: 'By headings, tables, lists and code; each chunk knows its headings',
			},
			{
				name: 'Recursive',
				value: 'recursive',
				description: 'At the largest natural border that fits: paragraph, line, sentence, word',
			},
		],
	},
	{
		displayName: 'Chunk Size',
		name: 'chunkSize',
		type: 'number',
		typeOptions: { minValue: 1 },
		default: CHUNK_DEFAULTS.size,
		description: 'Upper bound of a chunk. Smaller chunks are found more exactly, larger ones say more.',
	},
	{
		displayName: 'Chunk Overlap',
		name: 'chunkOverlap',
		type: 'number',
		typeOptions: { minValue: 0 },
		default: CHUNK_DEFAULTS.overlap,
		description: 'How much of the end of a chunk the next one repeats',
	},
	{
		displayName: 'Measured In',
		name: 'unit',
		type: 'options',
		default: CHUNK_DEFAULTS.unit,
		description: 'What size and overlap count',
		options: [
			{ name: 'Characters', value: 'characters' },
			{
				name: 'Tokens of the Built-In Models',
				value: 'wordpiece',
				description: 'WordPiece tokens; about four characters each in English',
			},
		],
	},
];

/** The chunking fields of a node as options of lib/chunking. */
export function chunkOptionsOf(context: IExecuteFunctions, itemIndex: number): ChunkOptions {
	const unit = context.getNodeParameter('unit', itemIndex, CHUNK_DEFAULTS.unit) as NonNullable<
		ChunkOptions['unit']
	>;
	return {
		method: context.getNodeParameter('method', itemIndex, CHUNK_DEFAULTS.method) as ChunkOptions['method'],
		size: context.getNodeParameter('chunkSize', itemIndex, CHUNK_DEFAULTS.size) as number,
		overlap: context.getNodeParameter('chunkOverlap', itemIndex, CHUNK_DEFAULTS.overlap) as number,
		unit,
		countTokens: unit === 'wordpiece' ? countTokens : undefined,
	};
}
