/**
 * What a user gets who changes nothing: the node's Sync Documents and Search with the defaults of its description, over all
 * documents of a folder in one index, scored by the characters of the first five hits. Beside it keyword and vector search,
 * smaller chunks, and what others would do: BM25 in memory, LangChain's recursive splitter with the same model.
 */
import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { inRoot } from '../scripts/lib/paths.mjs';
import { buildBm25 } from './lib/bm25.mjs';
import { corpusOf, loadData } from './lib/data.mjs';
import { embedAll } from './lib/embedders.mjs';
import { macroMean } from './lib/macroMean.mjs';
import { dist, moduleOf } from './lib/modules.mjs';
import { nodeRunner } from './lib/nodeRun.mjs';

const HITS = 5;
const METRICS = ['recall', 'iou', 'precision', 'hit'];

export async function run({ folder, emit, table }) {
	const { texts, questions } = loadData(folder());
	keepIndexesOf(texts);
	const rows = [];
	const measure = async (name, label, search) => {
		const figures = await score(questions, await search());
		for (const [metric, { mean, low, high, n }] of Object.entries(figures))
			emit({ case: name, metric, value: percent(mean), low: percent(low), high: percent(high), n });
		rows.push({ label, cells: METRICS.map((metric) => figures[metric]) });
	};
	await measure('default', 'defaults of Sync Documents and Search', () => byNode(texts, questions));
	await measure('keyword', 'keyword search', () =>
		byNode(texts, questions, { search: { searchMode: 'keyword' } }),
	);
	await measure('vector', 'vector search', () =>
		byNode(texts, questions, { search: { searchMode: 'vector' } }),
	);
	await measure('400', 'chunks of 400 characters', () =>
		byNode(texts, questions, { index: 'chunks-400', sync: { chunkSize: 400 } }),
	);
	const pieces = await splitByLangChain(texts);
	if (pieces) {
		await measure('bm25', 'baseline: LangChain recursive splitter, BM25', async () =>
			byBm25(pieces, questions),
		);
		await measure('langchain', 'baseline: LangChain recursive splitter, the same model', () =>
			byCosine(pieces, questions),
		);
	}
	table('retrieval-defaults', 'retrieval.md', {
		title: `First ${HITS} hits: ${questions.length} questions, ${texts.size} documents in one index, % (95 % interval)`,
		columns: ['search', 'recall', 'IoU', 'precision', 'hit'],
		rows,
	});
}

const percent = (share) => Math.round(share * 1e4) / 100;

/**
 * The node stores its indexes below N8N_USER_FOLDER. Kept for the same documents and the same build, so that nothing is
 * embedded twice.
 */
function keepIndexesOf(texts) {
	const key = createHash('sha256').update(JSON.stringify([...texts]));
	for (const part of ['lib', 'nodes', 'models']) {
		const files = readdirSync(`${dist}/${part}`, { recursive: true, withFileTypes: true });
		for (const file of files.filter((entry) => entry.isFile()))
			key.update(file.name).update(readFileSync(`${file.parentPath}/${file.name}`));
	}
	const home = inRoot('.cache', 'eval', key.digest('hex').slice(0, 16));
	mkdirSync(home, { recursive: true });
	process.env.N8N_USER_FOLDER = home;
}

/** Stores the documents and asks every question, by the node's own operations. */
async function byNode(texts, questions, { index = 'defaults', sync = {}, search = {} } = {}) {
	const run = nodeRunner('VectorIndex');
	const where = { resource: 'documents', index: { __rl: true, mode: 'name', value: index } };
	const documents = [...texts].map(([source, text]) => ({ source, text }));
	const stored = await run({ ...where, operation: 'sync', output: 'summary', ...sync }, [{ documents }]);
	if (stored[0].failed?.length > 0) throw new Error(JSON.stringify(stored[0].failed[0]));
	const answers = await run(
		{ ...where, operation: 'search', ...search },
		questions.map(({ text }) => ({ question: text })),
	);
	return answers.map(({ hits }) => hits);
}

/** Chunks of LangChain's splitter at its own defaults, or nothing where it is not installed. */
async function splitByLangChain(texts) {
	const peer = await import('@langchain/textsplitters').catch((error) => {
		console.error(`skipped: the baselines (${error.message})`);
		return undefined;
	});
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

function byBm25(pieces, questions) {
	const bm25 = buildBm25(pieces.map(({ text }) => text));
	return questions.map(({ text }) => bm25(text, HITS).map(([row]) => pieces[row]));
}

async function byCosine(pieces, questions) {
	const { builtinEmbedder } = moduleOf('embedding');
	const { dot } = moduleOf('support');
	const embedder = builtinEmbedder({ tier: 'accurate' });
	try {
		const vectors = await embedAll(
			embedder,
			pieces.map(({ text }) => text),
		);
		const found = [];
		for (const { text } of questions) {
			const query = await embedder.embedQuery(text);
			const scored = pieces.map((piece, row) => ({ piece, score: dot(query, vectors[row]) }));
			scored.sort((a, b) => b.score - a.score);
			found.push(scored.slice(0, HITS).map(({ piece }) => piece));
		}
		return found;
	} finally {
		await embedder.close();
	}
}

/** Each metric's mean over a corpus's questions, then over the corpora. */
async function score(questions, hits) {
	const { scorePassages } = moduleOf('evaluation');
	const values = Object.fromEntries(METRICS.map((metric) => [metric, new Map()]));
	questions.forEach((question, at) => {
		const { recall, precision, iou } = scorePassages(hits[at].slice(0, HITS), question.passages);
		for (const [metric, value] of Object.entries({ recall, iou, precision, hit: Number(recall > 0) })) {
			const corpus = corpusOf(question);
			values[metric].set(corpus, [...(values[metric].get(corpus) ?? []), value]);
		}
	});
	return Object.fromEntries(METRICS.map((metric) => [metric, macroMean([...values[metric].values()])]));
}
