export interface Prefixes {
	readonly queryPrefix: string;
	readonly documentPrefix: string;
}

const NONE: Prefixes = { queryPrefix: '', documentPrefix: '' };
const BGE_QUERY = 'Represent this sentence for searching relevant passages: ';
const INSTRUCT =
	'Instruct: Given a web search query, retrieve relevant passages that answer the query\nQuery:';

/** Most special first. Sources: the models' own cards (section "usage" or config_sentence_transformers.json). */
const KNOWN: ReadonlyArray<readonly [name: RegExp, prefixes: Prefixes]> = [
	[/nomic-embed-(text|vision)/, { queryPrefix: 'search_query: ', documentPrefix: 'search_document: ' }],
	[
		/embedding-?gemma/,
		{ queryPrefix: 'task: search result | query: ', documentPrefix: 'title: none | text: ' },
	],
	[/qwen3-embedding/, { queryPrefix: INSTRUCT, documentPrefix: '' }],
	[/e5-.*-instruct|e5-mistral/, { queryPrefix: `${INSTRUCT} `, documentPrefix: '' }],
	[/(^|[-/_.])e5-(small|base|large)/, { queryPrefix: 'query: ', documentPrefix: 'passage: ' }],
	[/arctic-embed(2|.*v2)/, { queryPrefix: 'query: ', documentPrefix: '' }],
	[/arctic-embed|mxbai-embed/, { queryPrefix: BGE_QUERY, documentPrefix: '' }],
	[
		/bge-(small|base|large)-zh/,
		{ queryPrefix: '为这个句子生成表示以用于检索相关文章：', documentPrefix: '' },
	],
	[/bge-(small|base|large)/, { queryPrefix: BGE_QUERY, documentPrefix: '' }],
];

/** What a model was trained to see before questions and documents, by its name on any engine; empty when unknown. */
export function knownPrefixes(model: string): Prefixes {
	const name = model.toLowerCase();
	return KNOWN.find(([pattern]) => pattern.test(name))?.[1] ?? NONE;
}
