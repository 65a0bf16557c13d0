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
		description: '0 returns the best passages even if they say the same; towards 1, more varied ones',
	},
	{
		displayName: 'Exact',
		name: 'exact',
		type: 'boolean',
		default: false,
		description: 'Whether to compare with every vector: slower on large indexes, misses nothing',
	},
	metadataFilter,
	{
		displayName: 'Fusion',
		name: 'fusion',
		type: 'options',
		default: 'minmax',
		description: 'How the two rankings of a hybrid search are joined',
		options: [
			{ name: 'Distribution-Based (DBSF)', value: 'dbsf' },
			{ name: 'Reciprocal Rank (RRF)', value: 'rrf' },
			{ name: 'Scaled Scores', value: 'minmax', description: 'Measured best on our evaluation sets' },
		],
	},
	indexNameFieldOption,
	{
		displayName: 'Maximum per Source',
		name: 'perSource',
		type: 'number',
		typeOptions: { minValue: 1 },
		default: 3,
		description: 'At most this many passages of one document',
	},
	{
		displayName: 'Minimum Score',
		name: 'minScore',
		type: 'number',
		typeOptions: { numberPrecision: 3 },
		default: 0,
		description:
			'Passages with a lower score are not returned. What a score means depends on the search mode, and in a search by meaning on the embedding model: with Multilingual, passages that answer usually have 0.82 or more and others at most 0.79; with English 0.36 and 0.22; with Fast 0.29 and 0.28. Index → Info says it for an index.',
	},
	{
		displayName: 'Read Wider Windows',
		name: 'expandParents',
		type: 'boolean',
		default: false,
		description:
			'Whether each passage comes with the text of its parent window (see Parent Window where the documents were cut) in "parent"',
	},
	{
		displayName: 'Rerank',
		name: 'rerank',
		type: 'boolean',
		default: false,
		description:
			'Whether the best candidates are read in full and put in order once more, by a rerank model of the credential’s engines or else by the built-in model; slower, often better',
	},
	{
		displayName: 'Vector Weight',
		name: 'vectorWeight',
		type: 'number',
		typeOptions: { minValue: 0, maxValue: 1, numberPrecision: 2 },
		default: 0.5,
		description: 'Share of the meaning in a hybrid search; the rest is keywords',
	},
];
