import type { ContextRequest } from './types';

/**
 * Contextual retrieval (anthropic.com/news/contextual-retrieval, 2024): the document first and alike for all its chunks,
 * the chunk last, so that an engine that caches prompts reads the document once.
 */
export function chunkRequest(
	window: string,
	title: string | undefined,
	chunk: string,
	maxTokens: number,
): ContextRequest {
	return {
		system:
			'You help a search engine to find passages. You are given a document, or a part of it, and then one passage of it.\n\n' +
			documentBlock(window, title),
		user:
			`<passage>\n${chunk}\n</passage>\n\n` +
			'Say in one or two sentences what this passage is about within the document. Name what the passage itself leaves ' +
			'out: the subject, person, product, section or time it belongs to. Use the language of the document. Answer with ' +
			'these sentences and nothing else.',
		maxTokens,
	};
}

export function summaryRequest(window: string, title: string | undefined, maxTokens: number): ContextRequest {
	return {
		system: `You summarise documents for a search engine.\n\n${documentBlock(window, title)}`,
		user: 'Summarise the document in at most two sentences, in its own language. Answer with the summary and nothing else.',
		maxTokens,
	};
}

function documentBlock(window: string, title: string | undefined): string {
	return `<document>\n${title ? `<title>${title}</title>\n` : ''}${window}\n</document>`;
}

/** A token has 4–5 characters; an answer of more than this did not keep to its limit. */
const CHARACTERS_PER_TOKEN = 8;

/** An answer as one line of text: without reasoning marks, wrapping and quotes. Empty when nothing is left. */
export function cleanAnswer(answer: string, maxTokens: number): string {
	const text = answer
		.replace(/<think>[\s\S]*?(?:<\/think>|$)/g, '')
		.replace(/\s+/g, ' ')
		.trim();
	return text.length > maxTokens * CHARACTERS_PER_TOKEN
		? text.slice(0, maxTokens * CHARACTERS_PER_TOKEN).replace(/\s\S*$/, '')
		: text;
}
