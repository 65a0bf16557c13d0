export interface Prefixes {
	readonly queryPrefix: string;
	readonly documentPrefix: string;
}

const NONE: Prefixes = { queryPrefix: '', documentPrefix: '' };
const BGE_QUERY = 'Represent this sentence for searching relevant passages: ';
const INSTRUCT =
	'Instruct: Given a web search query, retrieve relevant passages that answer the query\nQuery:';

/** Most special first. Sources: the models' own cards (section "usage" or config_sentence_transformers.json). */
const KNOWN: ReadonlyArray<readonly [name: (model: string) => boolean, prefixes: Prefixes]> = [
	[
		(model) => /nomic-embed-(text|vision)/.test(model),
		{ queryPrefix: 'search_query: ', documentPrefix: 'search_document: ' },
	],
	[
		(model) => /embedding-?gemma/.test(model),
		{ queryPrefix: 'task: search result | query: ', documentPrefix: 'title: none | text: ' },
	],
	[(model) => /qwen3-embedding/.test(model), { queryPrefix: INSTRUCT, documentPrefix: '' }],
	[
		(model) => model.includes('e5-mistral') || (model.includes('e5-') && model.includes('-instruct')),
		{ queryPrefix: `${INSTRUCT} `, documentPrefix: '' },
	],
	[
		(model) => /(^|[-/_.])e5-(small|base|large)/.test(model),
		{ queryPrefix: 'query: ', documentPrefix: 'passage: ' },
	],
	[
		(model) => model.includes('arctic-embed2') || (model.includes('arctic-embed') && model.includes('v2')),
		{ queryPrefix: 'query: ', documentPrefix: '' },
	],
	[(model) => /arctic-embed|mxbai-embed/.test(model), { queryPrefix: BGE_QUERY, documentPrefix: '' }],
	[
		(model) => /bge-(small|base|large)-zh/.test(model),
		{ queryPrefix: '为这个句子生成表示以用于检索相关文章：', documentPrefix: '' },
	],
	[(model) => /bge-(small|base|large)/.test(model), { queryPrefix: BGE_QUERY, documentPrefix: '' }],
];

/** What a model was trained to see before questions and documents, by its name on any engine; empty when unknown. */
export function knownPrefixes(model: string): Prefixes {
	const name = model.toLowerCase();
	return KNOWN.find(([isOne]) => isOne(name))?.[1] ?? NONE;
}
