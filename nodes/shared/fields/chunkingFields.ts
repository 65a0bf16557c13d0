import type { INodeProperties } from 'n8n-workflow';
import { CHUNK_DEFAULTS, CODE_LANGUAGE_NAMES } from '../../../lib/chunking';

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
		typeOptions: { minValue: 1 },
		default: 2000,
		description:
			'Size of the wider window around each chunk that a model can read: search in small pieces, read large ones. If not set, there is none.',
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
		typeOptions: { minValue: 1 },
		default: 2,
		description:
			'For Sentence: one sentence per chunk, with this many sentences before and after it as its parent window. If not set, a chunk holds as many sentences as fit.',
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
