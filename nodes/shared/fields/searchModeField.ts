import type { INodeProperties } from 'n8n-workflow';

/** What a search compares. */
export const searchModeField: INodeProperties = {
	displayName: 'Search By',
	name: 'searchMode',
	type: 'options',
	default: 'hybrid',
	description:
		'Meaning finds paraphrases, keywords find names and numbers. Both together give the best results in nearly all cases.',
	options: [
		{ name: 'Keywords', value: 'keyword', description: 'Ranks by the words of the question (BM25)' },
		{ name: 'Meaning', value: 'vector', description: 'Ranks by similarity of meaning (vectors)' },
		{ name: 'Meaning and Keywords', value: 'hybrid' },
	],
};
