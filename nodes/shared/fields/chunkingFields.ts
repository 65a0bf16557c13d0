import type { INodeProperties } from 'n8n-workflow';
import { CHUNK_DEFAULTS, CODE_LANGUAGE_NAMES } from '../../../lib/chunking';
import { chosenIn } from './chosenIn';

const { method, size, overlap, unit } = CHUNK_DEFAULTS;

/** How text is cut: the same fields in the Chunker and in Sync. */
export const chunkingFields: readonly INodeProperties[] = [
	{
		displayName: 'Chunking Method',
		name: 'method',
		type: 'options',
		default: method,
		description: 'Where to split the text',
		options: [
			{
				name: 'Code',
				value: 'code',
				description: 'Splits at functions and blocks of a programming language',
			},
			{
				name: 'Fixed Size',
				value: 'fixed',
				description: 'Splits the text every N characters or tokens, even in the middle of a sentence',
			},
			{
				name: 'Markdown',
				value: 'markdown',
				description: 'Splits at headings, tables, lists and code. Each chunk keeps its headings.',
			},
			{
				name: 'Recursive',
				value: 'recursive',
				description: 'Splits at the largest unit that fits: paragraph, line, sentence or word',
			},
			{
				name: 'Semantic',
				value: 'semantic',
				description: 'Splits where the meaning changes, judged by the built-in embedding model',
			},
			{
				name: 'Sentence',
				value: 'sentence',
				description: 'Puts whole sentences together, up to the chunk size',
			},
		],
	},
	{
		displayName: 'Chunk Size',
		name: 'chunkSize',
		type: 'number',
		typeOptions: { minValue: 1 },
		default: size,
		description:
			'Maximum length of a chunk. Smaller chunks make search more precise; larger chunks give the model more context.',
	},
	{
		displayName: 'Chunk Overlap',
		name: 'chunkOverlap',
		type: 'number',
		typeOptions: { minValue: 0 },
		default: overlap,
		description: 'How much of the end of a chunk is repeated at the start of the next one',
	},
	{
		displayName: 'Measured In',
		name: 'unit',
		type: 'options',
		default: unit,
		description: 'Unit of chunk size and overlap',
		options: [
			{ name: 'Characters', value: 'characters' },
			{
				name: 'Tokens (Cl100k)',
				value: 'cl100k',
				description: 'Tokens of the GPT-4 family. A good estimate for most models.',
			},
			{ name: 'Tokens (O200k)', value: 'o200k', description: 'Tokens of the GPT-4o family' },
			{
				name: 'Tokens of the Built-In Models',
				value: 'wordpiece',
				description: 'WordPiece tokens, about four characters each in English',
			},
		],
	},
];

/** The line below a node that cuts: "Recursive, 1000 characters". */
export const chunkingSubtitle = `={{ ${chunkingFields
	.filter(({ name }) => name === 'method')
	.map(chosenIn)
	.join(
		'',
	)} + ", " + $parameter["chunkSize"] + ($parameter["unit"] === "characters" ? " characters" : " tokens") }}`;

/** Languages whose name is not simply their value with a capital letter. */
const LANGUAGE_LABELS: Readonly<Record<string, string>> = {
	...{
		cpp: 'C++',
		csharp: 'C#',
		css: 'CSS',
		html: 'HTML',
		javascript: 'JavaScript',
		json: 'JSON',
		latex: 'LaTeX',
	},
	...{ php: 'PHP', sql: 'SQL', toml: 'TOML', typescript: 'TypeScript', yaml: 'YAML' },
};

/** Choices for single methods, for an "Options" collection. */
export const chunkingOptions: readonly INodeProperties[] = [
	{
		displayName: 'Code Language',
		name: 'language',
		type: 'options',
		default: 'auto',
		description:
			'Programming language of the text. With Recursive, its separators are used before the general ones.',
		options: [
			{ name: 'Detect Automatically', value: 'auto' },
			...['markdown', 'latex', ...CODE_LANGUAGE_NAMES]
				.map((value) => ({
					name: LANGUAGE_LABELS[value] ?? value.charAt(0).toUpperCase() + value.slice(1),
					value,
				}))
				.sort((a, b) => a.name.localeCompare(b.name, 'en')),
		],
	},
	{
		displayName: 'Parent Window',
		name: 'parentSize',
		type: 'number',
		typeOptions: { minValue: 1 },
		default: 2000,
		description:
			'Size of the larger text around each chunk. Search uses the chunk; a model can read the larger text. If not set, there is none.',
	},
	{
		displayName: 'Semantic Strategy',
		name: 'semanticStrategy',
		type: 'options',
		default: 'cluster',
		description: 'How the Semantic method finds where to split',
		options: [
			{
				name: 'Largest Differences',
				value: 'breakpoint',
				description: 'Splits at the largest differences between sentences. Sizes vary.',
			},
			{
				name: 'Best Grouping',
				value: 'cluster',
				description: 'Finds the best division into chunks up to the chunk size',
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
			'For the Sentence method: number of sentences before and after each sentence that form its parent window. Each chunk is then one sentence. If not set, a chunk contains as many sentences as fit.',
	},
	{
		displayName: 'Separators',
		name: 'separators',
		type: 'string',
		typeOptions: { multipleValues: true },
		default: [],
		placeholder: '\\n---\\n',
		description:
			'Separators for the Recursive method, strongest first. Use \\n for a line break and \\t for a tab.',
	},
];
