import type { INodeProperties } from 'n8n-workflow';
import {
	CHUNK_DEFAULTS,
	CODE_LANGUAGE_NAMES,
	type ChunkOptions,
	type ChunkServices,
} from '../../../lib/chunking';
import { countTokens, staticTokenVectors } from '../../../lib/embedding';
import type { NodeContext } from '../runtime/context';

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
				name: 'Code',
				value: 'code',
				description: 'By functions and blocks of a programming language',
			},
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
			{
				name: 'Semantic',
				value: 'semantic',
				description: 'Where the meaning changes, judged by the built-in embedding model',
			},
			{ name: 'Sentence', value: 'sentence', description: 'Whole sentences up to the size' },
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
				name: 'Tokens (Cl100k)',
				value: 'cl100k',
				description: 'Tokens of the GPT-4 family; a fair measure for most models',
			},
			{ name: 'Tokens (O200k)', value: 'o200k', description: 'Tokens of the GPT-4o family' },
			{
				name: 'Tokens of the Built-In Models',
				value: 'wordpiece',
				description: 'WordPiece tokens; about four characters each in English',
			},
		],
	},
];

/** Choices for single methods, for an "Options" collection. */
export const chunkingOptions: readonly INodeProperties[] = [
	{
		displayName: 'Code Language',
		name: 'language',
		type: 'options',
		default: 'auto',
		description: 'For Code: the programming language. For Recursive: its borders come before the usual ones.',
		options: [
			{ name: 'Judge From the Text', value: 'auto' },
			...['markdown', 'latex', ...CODE_LANGUAGE_NAMES].sort().map((name) => ({
				name: name.charAt(0).toUpperCase() + name.slice(1),
				value: name,
			})),
		],
	},
	{
		displayName: 'Parent Window',
		name: 'parentSize',
		type: 'number',
		typeOptions: { minValue: 0 },
		default: 0,
		description:
			'Size of the wider window around each chunk to hand to a model: search small pieces, read large ones. 0 means none.',
	},
	{
		displayName: 'Semantic Strategy',
		name: 'semanticStrategy',
		type: 'options',
		default: 'cluster',
		description: 'For Semantic: how borders are found',
		options: [
			{
				name: 'Break Where Neighbours Differ Most',
				value: 'breakpoint',
				description: 'Cuts at the greatest differences between sentences; sizes vary',
			},
			{
				name: 'Group What Belongs Together',
				value: 'cluster',
				description: 'The best division into parts of bounded size',
			},
		],
	},
	{
		displayName: 'Sentence Window',
		name: 'window',
		type: 'number',
		typeOptions: { minValue: 0 },
		default: 0,
		description:
			'For Sentence: one sentence a chunk, with this many sentences either side as its parent window. 0 puts as many sentences in a chunk as fit.',
	},
	{
		displayName: 'Separators',
		name: 'separators',
		type: 'string',
		typeOptions: { multipleValues: true },
		default: [],
		placeholder: '\\n---\\n',
		description: 'For Recursive: your own borders, the strongest first; \\n and \\t are understood',
	},
];

/** The chunking fields of a node as options of lib/chunking. */
export function chunkOptionsOf(context: NodeContext, itemIndex: number): ChunkOptions {
	const method = context.getNodeParameter(
		'method',
		itemIndex,
		CHUNK_DEFAULTS.method,
	) as ChunkOptions['method'];
	const unit = context.getNodeParameter('unit', itemIndex, CHUNK_DEFAULTS.unit) as NonNullable<
		ChunkOptions['unit']
	>;
	const { parentSize, window, language, separators, semanticStrategy } = context.getNodeParameter(
		'options',
		itemIndex,
		{},
	);
	return {
		method,
		size: context.getNodeParameter('chunkSize', itemIndex, CHUNK_DEFAULTS.size) as number,
		overlap: context.getNodeParameter('chunkOverlap', itemIndex, CHUNK_DEFAULTS.overlap) as number,
		unit,
		countTokens: unit === 'wordpiece' ? countTokens : undefined,
		...(typeof parentSize === 'number' && parentSize > 0 && { parentSize }),
		...(method === 'sentence' && typeof window === 'number' && window > 0 && { window }),
		...((method === 'code' || method === 'recursive') && isLanguage(language) && { language }),
		...(method === 'recursive' && { separators: listOfSeparators(separators) }),
		...(method === 'semantic' && {
			semantic: { strategy: semanticStrategy === 'breakpoint' ? 'breakpoint' : 'cluster' },
		}),
	};
}

/** What the semantic method needs: the token table of the built-in model, far faster than asking an engine. */
export const chunkServices: Pick<ChunkServices, 'tokenRows'> = { tokenRows: staticTokenVectors };

const isLanguage = (value: unknown): value is NonNullable<ChunkOptions['language']> =>
	typeof value === 'string' && ['markdown', 'latex', 'auto', ...CODE_LANGUAGE_NAMES].includes(value);

function listOfSeparators(value: unknown): string[] {
	const typed = Array.isArray(value) ? value : [value];
	return typed
		.filter((separator): separator is string => typeof separator === 'string' && separator !== '')
		.map((separator) => separator.replaceAll('\\n', '\n').replaceAll('\\t', '\t'));
}
