// Searches to compare with, over the same documents: what a plain program would do, and what this pack's first version did.
import { buildBm25 } from './bm25.mjs';
import { embedAll } from './embedders.mjs';
import { moduleOf } from './modules.mjs';

/** Hits of each question, or nothing where a package is missing; then only the lines that need it are left out. */
const packageOf = async (name, lines) =>
	await import(name).catch((error) => {
		console.error(`skipped: ${lines} (${error.message})`);
		return undefined;
	});

/** Chunks of LangChain's recursive splitter at its own defaults, by source and place. @param {Map<string, string>} texts */
export async function langchainChunks(texts) {
	const peer = await packageOf('@langchain/textsplitters', "the baselines with LangChain's splitter");
	if (!peer) return undefined;
	const splitter = new peer.RecursiveCharacterTextSplitter();
	const pieces = [];
	for (const [source, text] of texts) {
		let from = 0;
		for (const piece of await splitter.splitText(text)) {
			// Its chunks carry no offsets. They overlap, so each begins behind the beginning of the one before.
			const start = text.indexOf(piece, from);
			if (start < 0)
				throw new Error(`A chunk of LangChain's does not stand in ${source}: ${piece.slice(0, 80)}`);
			pieces.push({ source, start, end: start + piece.length, text: piece });
			from = start + 1;
		}
	}
	return pieces;
}

/** BM25 over Porter's stems. */
export async function byStemmedBm25(pieces, questions, limit) {
	const peer = await packageOf('stemmer', 'the baseline BM25 with stems');
	if (!peer) return undefined;
	const bm25 = buildBm25(
		pieces.map(({ text }) => text),
		{ fold: peer.stemmer },
	);
	return questions.map(({ text }) => bm25(text, limit).map(([row]) => pieces[row]));
}

/** By the cosine of an embedder's vectors alone. */
export async function byCosine(pieces, questions, limit, embedder) {
	const cosines = await cosinesOf(pieces, questions, embedder);
	return cosines.map((scores) => best(pieces, scores, limit));
}

/**
 * The defaults of this pack's first version: chunks of 800 characters under their headings, the English encoder and BM25 of plain
 * words, their scores scaled to 0–1 and added in equal parts.
 */
export async function byFirstVersion(texts, questions, limit) {
	const { chunk, addContext } = moduleOf('chunking');
	const pieces = [];
	for (const [source, text] of texts)
		for await (const { start, end, text: part, context } of addContext(
			chunk(text, { method: 'recursive', size: 800 }),
			text,
			{ kind: 'headings' },
		))
			pieces.push({ source, start, end, text: context ? `${context}\n\n${part}` : part });
	const embedder = moduleOf('embedding').builtinEmbedder({ tier: 'english' });
	const cosines = await cosinesOf(pieces, questions, embedder);
	const bm25 = buildBm25(pieces.map(({ text }) => text));
	return questions.map(({ text }, at) => {
		const words = new Float64Array(pieces.length);
		for (const [row, score] of bm25(text, CANDIDATES)) words[row] = score;
		const [byWords, byMeaning] = [scaled(words), scaled(cosines[at])];
		return best(
			pieces,
			byWords.map((score, row) => (score + byMeaning[row]) / 2),
			limit,
		);
	});
}

/** Candidates of each half that are fused. */
const CANDIDATES = 50;

async function cosinesOf(pieces, questions, embedder) {
	const { dot } = moduleOf('support');
	const vectors = await embedAll(
		embedder,
		pieces.map(({ text }) => text),
	);
	const found = [];
	for (const { text } of questions) {
		const query = await embedder.embedQuery(text);
		found.push(Float64Array.from(vectors, (vector) => dot(query, vector)));
	}
	return found;
}

function best(pieces, scores, limit) {
	const order = Array.from(scores.keys()).sort((a, b) => scores[b] - scores[a] || a - b);
	return order.slice(0, limit).map((row) => pieces[row]);
}

/** The best candidates scaled to 0–1; all others are 0. */
function scaled(scores) {
	const high = scores.reduce((a, b) => Math.max(a, b));
	const low = Float64Array.from(scores)
		.filter((score) => score !== 0)
		.sort()
		.slice(-CANDIDATES)[0];
	return scores.map((score) => (score > 0 && high > low ? Math.max(0, (score - low) / (high - low)) : 0));
}
