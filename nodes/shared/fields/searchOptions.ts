import type { INodeProperties } from 'n8n-workflow';
import { allowedIndexesOption, indexNameFieldOption } from './indexFields';
import { metadataFilter } from './metadataFilter';

/** What else a search can be told, for an "Options" collection. */
export const searchOptions: readonly INodeProperties[] = [
	allowedIndexesOption,
	{
		displayName: 'Diversity',
		name: 'diversity',
		type: 'number',
		typeOptions: { minValue: 0, maxValue: 1, numberPrecision: 2 },
		default: 0,
		description:
			'How much the passages should differ, from 0 to 1. 0 returns the best passages; at 0.5, about 6 of 100 right passages are missed. Copies of a passage are left out in any case.',
	},
	{
		displayName: 'Exact',
		name: 'exact',
		type: 'boolean',
		default: false,
		displayOptions: { show: { '/searchMode': ['hybrid', 'vector'] } },
		description:
			'Whether to compare the question with every vector. It matters only for indexes of 20,000 passages and more: search is slower there, but misses nothing.',
	},
	metadataFilter,
	{
		displayName: 'Fusion',
		name: 'fusion',
		type: 'options',
		default: 'minmax',
		displayOptions: { show: { '/searchMode': ['hybrid'] } },
		description: 'How to combine the rankings by meaning and by keywords',
		options: [
			{ name: 'Distribution-Based (DBSF)', value: 'dbsf' },
			{ name: 'Reciprocal Rank (RRF)', value: 'rrf' },
			{ name: 'Scaled Scores', value: 'minmax', description: 'The best choice in our measurements' },
		],
	},
	indexNameFieldOption,
	{
		displayName: 'Maximum per Source',
		name: 'perSource',
		type: 'number',
		typeOptions: { minValue: 1 },
		default: '',
		placeholder: '3',
		description:
			'Maximum number of passages from the same document. Set it only if several documents must be shown: with 3, about 5 of 100 right passages are missed. If empty, there is no maximum.',
	},
	{
		displayName: 'Minimum Score',
		name: 'minScore',
		type: 'number',
		typeOptions: { numberPrecision: 3 },
		default: 0,
		description:
			'Passages with a lower score are not returned. What a score means depends on the search mode, and in a search by meaning on the embedding model: with Multilingual, passages that answer usually have 0.82 or more and others at most 0.79; with English 0.36 and 0.22; with Fast 0.29 and 0.28. Index → Info shows the values of an index.',
	},
	{
		displayName: 'Prefer Newer',
		name: 'preferNewer',
		type: 'string',
		default: '',
		placeholder: 'modified',
		description:
			'Name of a metadata field with a date or number. If passages match about equally well, newer ones come first. If empty, age is ignored.',
	},
	{
		displayName: 'Include Parent Window',
		name: 'expandParents',
		type: 'boolean',
		default: false,
		description:
			'Whether to add the larger text around each passage, as "parent". The documents must have been split with Parent Window.',
	},
	{
		displayName: 'Rerank',
		name: 'rerank',
		type: 'boolean',
		default: false,
		description:
			'Whether a rerank model sorts the 50 best passages again. It needs an engine with a rerank model in the credential. A good model improves the results; each search takes up to a few seconds longer.',
	},
	{
		displayName: 'Show Copies',
		name: 'keepTwins',
		type: 'boolean',
		default: false,
		description:
			'Whether to return all passages with nearly the same text. If off, only the best one is returned, with the others in "twins".',
	},
	{
		displayName: 'Vector Weight',
		name: 'vectorWeight',
		type: 'number',
		typeOptions: { minValue: 0, maxValue: 1, numberPrecision: 2 },
		default: 0.5,
		displayOptions: { show: { '/searchMode': ['hybrid'] } },
		description:
			'How much meaning counts in hybrid search, from 0 (keywords only) to 1 (meaning only). Not used with Reciprocal Rank and Distribution-Based.',
	},
];
