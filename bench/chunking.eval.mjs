/**
 * Which way to chunk finds the answers: every method at 200, 400 and 800 tokens (cl100k) over a folder's documents, top 5,
 * scored by character range, under each ranking at hand: BM25, the built-in model, both together, and MiniLM on a real
 * llama.cpp server, also with late chunking, where MINILM_GGUF names its file (see lib/embedders.mjs).
 */
import { buildBm25 } from './lib/bm25.mjs';
import { embedAll } from './lib/embedders.mjs';
import { startLlamaServer } from './lib/llamaServer.mjs';
import { moduleOf } from './lib/modules.mjs';
import { loadData } from './lib/data.mjs';

const k = 5;
/** What five chunks of 800 tokens hand over, in characters of these texts. */
const BUDGET = 18_000;
/** Weight of a model's ranking beside keywords, as in hybrid search of lib/vectorIndex. */
const VECTOR_WEIGHTS = { 'built-in': 0.3, MiniLM: 0.5 };

const METHODS = {
	'fixed, no overlap': (size) => ({ method: 'fixed', size }),
	'fixed, half overlap': (size) => ({ method: 'fixed', size, overlap: size / 2 }),
	recursive: (size) => ({ method: 'recursive', size }),
	'recursive, quarter overlap': (size) => ({ method: 'recursive', size, overlap: size / 4 }),
	sentence: (size) => ({ method: 'sentence', size }),
	'sentence, window of 3': (size) => ({ method: 'sentence', size, window: 3 }),
	markdown: (size) => ({ method: 'markdown', size }),
	'semantic, breakpoint': (size) => ({ method: 'semantic', size, semantic: { strategy: 'breakpoint' } }),
	'semantic, cluster': (size) => ({ method: 'semantic', size, semantic: { strategy: 'cluster' } }),
	'recursive in parents of twice the size': (size) => ({
		method: 'recursive',
		size: size / 2,
		parentSize: size,
	}),
};

export async function run({ quick, folder, table, chart }) {
	const { builtinEmbedder } = moduleOf('embedding');
	const { texts, questions } = loadData(folder());
	const builtin = builtinEmbedder({ tier: 'fast' });
	const minilm = await startMinilm();
	const models = [
		{ name: 'built-in', embedder: builtin, vectorsOf: remembering(builtin) },
		...(minilm ? [{ name: 'MiniLM', embedder: minilm.embedder, vectorsOf: minilm.vectorsOf }] : []),
	];
	const rows = new Map();
	const budget = [];
	const late = [];
	const charted = [];
	try {
		for (const model of models) model.queries = await queryVectors(model.embedder, questions);
		for (const size of quick ? [400] : [200, 400, 800]) {
			rows.set(size, []);
			for (const [method, optionsFor] of Object.entries(METHODS)) {
				const chunks = await chunkAll(texts, { ...optionsFor(size), unit: 'cl100k' });
				const rankings = await rankingsOf(chunks, models);
				for (const [ranking, rank] of rankings) {
					const metrics = await score(questions, chunks, (question) => rank(question).slice(0, k));
					rows.get(size).push({ label: `${method} · ${ranking}`, cells: cellsOf(metrics, chunks) });
					if (ranking === 'built-in')
						charted.push({
							label: `${size} · ${method}`,
							values: [metrics.passageRecall, metrics.passageIou],
						});
				}
				const filled = await score(questions, chunks, (question) =>
					upTo(BUDGET, rankings.get('built-in')(question)),
				);
				budget.push({
					label: `${size} · ${method}`,
					cells: [filled.passageRecall, filled.passagePrecision, filled.passageIou],
				});
				if (minilm && method === 'recursive')
					late.push(...(await compareLate({ minilm, texts, questions, chunks, size, model: models[1] })));
			}
		}
	} finally {
		await builtin.close();
		await minilm?.close();
	}
	const page = 'chunking.md';
	const columns = ['recall', 'precision', 'IoU', 'precision-omega', 'chunks', 'characters'];
	for (const [size, sized] of rows) {
		const title = `Chunks of up to ${size} tokens: top ${k}, % (95 % interval)`;
		table(`chunking-${size}`, page, {
			scale: 'percent',
			title,
			columns: ['method · ranking', ...columns],
			rows: sized,
		});
	}
	table('chunking-budget', page, {
		scale: 'percent',
		title: `The same amount of text handed over, ${BUDGET} characters (about 4,000 tokens), built-in model, % (95 % interval)`,
		columns: ['size · method', 'recall', 'precision', 'IoU'],
		rows: budget,
	});
	if (late.length > 0)
		table('chunking-late', page, {
			scale: 'percent',
			title: `Late chunking, recursive chunks, MiniLM on the llama.cpp server, top ${k}, % (95 % interval)`,
			columns: ['size · embedding', 'recall', 'precision', 'IoU', 'fallbacks'],
			rows: late,
		});
	chart('chunking-chart', page, {
		title: `Recall and IoU of the top ${k}, built-in model`,
		axis: '% of characters (whisker: 95 % interval)',
		series: ['recall', 'IoU'],
		rows: charted,
	});
}

/** Chunks with the range a model would be handed: the parent's where there is one. */
async function chunkAll(texts, options) {
	const { chunk } = moduleOf('chunking');
	const { staticTokenVectors } = moduleOf('embedding');
	const chunks = [];
	for (const [source, text] of texts)
		for await (const piece of chunk(text, options, { tokenRows: staticTokenVectors })) {
			const { start, end } = piece.parent ?? piece;
			chunks.push({
				id: `${source}:${piece.start}-${piece.end}`,
				source,
				start,
				end,
				text: piece.text,
				piece,
			});
		}
	return chunks;
}

/** For each ranking a function from a question to all chunks, best first. */
async function rankingsOf(chunks, models) {
	const bm25 = buildBm25(chunks.map(({ text }) => text));
	const keyword = (question) => bm25(question.text, chunks.length);
	const rankings = new Map([['BM25', (question) => keyword(question).map(([row]) => chunks[row])]]);
	for (const { name, vectorsOf, queries } of models) {
		const vectors = await vectorsOf(chunks.map(({ text }) => text));
		const nearest = (question) => byCosine(vectors, queries.get(question.id));
		rankings.set(name, (question) => nearest(question).map(([row]) => chunks[row]));
		rankings.set(`hybrid, ${name}`, (question) =>
			fuse(keyword(question), nearest(question), VECTOR_WEIGHTS[name]).map((row) => chunks[row]),
		);
	}
	return rankings;
}

function byCosine(vectors, query) {
	const scored = vectors.map((vector, row) => {
		let sum = 0;
		for (let i = 0; i < query.length; i++) sum += query[i] * vector[i];
		return [row, sum];
	});
	return scored.sort((a, b) => b[1] - a[1] || a[0] - b[0]);
}

/** Scores of each ranking's first hundred scaled to 0–1 and added with weights. */
function fuse(keyword, nearest, vectorWeight) {
	const scores = new Map();
	for (const [hits, weight] of [
		[keyword.slice(0, 100), 1 - vectorWeight],
		[nearest.slice(0, 100), vectorWeight],
	]) {
		const [most, least] = [hits[0]?.[1] ?? 0, hits.at(-1)?.[1] ?? 0];
		for (const [row, value] of hits)
			scores.set(row, (scores.get(row) ?? 0) + (weight * (value - least)) / (most - least || 1));
	}
	return [...scores].sort((a, b) => b[1] - a[1] || a[0] - b[0]).map(([row]) => row);
}

async function score(questions, chunks, retrieve) {
	const { evaluateRetrieval } = moduleOf('evaluation');
	const search = async (question) => ({ hits: retrieve(question) });
	const { metrics, failed } = await evaluateRetrieval(questions, search, { k: chunks.length, chunks });
	if (failed.length > 0) throw new Error(failed[0].reason);
	return metrics;
}

function cellsOf({ passageRecall, passagePrecision, passageIou, precisionOmega }, chunks) {
	const mean = chunks.reduce((sum, { piece }) => sum + piece.end - piece.start, 0) / chunks.length;
	return [
		passageRecall,
		passagePrecision,
		passageIou,
		precisionOmega,
		String(chunks.length),
		String(Math.round(mean)),
	];
}

/** The best hits as long as they fit; at least one. */
function upTo(characters, hits) {
	let sum = 0;
	const within = hits.findIndex(({ start, end }) => (sum += end - start) > characters);
	return within < 0 ? hits : hits.slice(0, Math.max(1, within));
}

async function queryVectors(embedder, questions) {
	const vectors = new Map();
	for (const { id, text } of questions) vectors.set(id, await embedder.embedQuery(text));
	return vectors;
}

/** Embeds each text once; methods that agree on a chunk share its vector. */
function remembering(embedder) {
	const known = new Map();
	return async (texts) => {
		const missing = [...new Set(texts)].filter((text) => !known.has(text));
		const vectors = await embedAll(embedder, missing);
		missing.forEach((text, i) => known.set(text, vectors[i]));
		return texts.map((text) => known.get(text));
	};
}

/** MiniLM twice: pooled for ordinary embeddings, and with the vectors of its tokens for late chunking. */
async function startMinilm() {
	const model = process.env.MINILM_GGUF;
	if (!model) {
		console.error('skipped: MiniLM and late chunking (set MINILM_GGUF to a GGUF file of all-MiniLM-L6-v2)');
		return undefined;
	}
	const start = (pooling) =>
		startLlamaServer({
			model,
			arguments: ['--embedding', '--pooling', pooling, '--ctx', '512'],
		});
	const pooled = await start('mean');
	if (!pooled) {
		console.error('skipped: MiniLM and late chunking (no Python with the xllamacpp package found)');
		return undefined;
	}
	const tokens = await start('none');
	const { EnginePool } = moduleOf('engine');
	const { createEmbedder } = moduleOf('embedding');
	const pool = (url) => new EnginePool([{ name: 'minilm', dialect: 'llamacpp', baseUrl: url }]);
	const [pooledEngines, tokenEngines] = [pool(pooled.url), pool(tokens.url)];
	const embedder = createEmbedder({ pool: pooledEngines, onTooLong: 'mean' });
	return {
		embedder,
		vectorsOf: remembering(embedder),
		tokenVectors: (text, call) => tokenEngines.tokenVectors(text, {}, call),
		close: async () => {
			await Promise.all([pooledEngines.close(), tokenEngines.close()]);
			await Promise.all([pooled.close(), tokens.close()]);
		},
	};
}

async function compareLate({ minilm, texts, questions, chunks, size, model }) {
	const { embedLate } = moduleOf('chunking');
	const { countTokens } = moduleOf('embedding');
	const embed = (parts) => minilm.vectorsOf(parts);
	const services = {
		tokenVectors: minilm.tokenVectors,
		embed,
		countTokens: (text) => countTokens(text, { special: true }),
	};
	const vectors = [];
	let fallbacks = 0;
	for (const [source, text] of texts) {
		const pieces = chunks.filter((chunk) => chunk.source === source).map(({ piece }) => piece);
		for await (const { chunk, vector } of embedLate(text, pieces, services)) {
			vectors.push(vector);
			if (chunk.flags?.includes('lateFallback')) fallbacks++;
		}
	}
	const ordinary = await minilm.vectorsOf(chunks.map(({ text }) => text));
	const rows = [];
	for (const [label, own, count] of [
		['each chunk by itself', ordinary, 0],
		['late', vectors, fallbacks],
	]) {
		const metrics = await score(questions, chunks, ({ id }) =>
			byCosine(own, model.queries.get(id))
				.slice(0, k)
				.map(([row]) => chunks[row]),
		);
		rows.push({
			label: `${size} · ${label}`,
			cells: [metrics.passageRecall, metrics.passagePrecision, metrics.passageIou, String(count)],
		});
	}
	return rows;
}
