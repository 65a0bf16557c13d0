/**
 * In-memory BM25 (Robertson & Zaragoza 2009; k1 1.2, b 0.75, idf with +1 as in Lucene), lower-case words: the plain baseline that
 * index searches are compared with. `fold` makes one word of several, as a stemmer does.
 */
export function buildBm25(texts, { k1 = 1.2, b = 0.75, fold = (word) => word } = {}) {
	const postings = new Map();
	const lengths = texts.map((text, row) => {
		const words = wordsOf(text).map((word) => fold(word));
		const counts = new Map();
		for (const word of words) counts.set(word, (counts.get(word) ?? 0) + 1);
		for (const [word, count] of counts) {
			if (!postings.has(word)) postings.set(word, []);
			postings.get(word).push([row, count]);
		}
		return words.length;
	});
	const average = lengths.reduce((sum, length) => sum + length, 0) / lengths.length;
	return (query, limit) => {
		const scores = new Map();
		for (const word of new Set(wordsOf(query).map((word) => fold(word)))) {
			const rows = postings.get(word) ?? [];
			const idf = Math.log(1 + (texts.length - rows.length + 0.5) / (rows.length + 0.5));
			for (const [row, count] of rows) {
				const saturated = (count * (k1 + 1)) / (count + k1 * (1 - b + (b * lengths[row]) / average));
				scores.set(row, (scores.get(row) ?? 0) + idf * saturated);
			}
		}
		return [...scores].sort((x, y) => y[1] - x[1] || x[0] - y[0]).slice(0, limit);
	};
}

const wordsOf = (text) => text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? [];
