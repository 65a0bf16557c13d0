/**
 * Which search finds the answers: keyword, vector and hybrid search of the embedded index over a folder's documents, top 5,
 * scored by character range, for each embedder at hand; plain in-memory BM25 beside them. Hybrid is compared with the better of
 * its two halves question by question.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildBm25 } from './lib/bm25.mjs';
import { availableEmbedders, embedAll } from './lib/embedders.mjs';
import { moduleOf } from './lib/modules.mjs';
import { loadData } from './lib/data.mjs';

const k = 5;

export async function run({ quick, folder, table, chart }) {
	const { evaluateRetrieval, compareReports } = moduleOf('evaluation');
	const { createIndex } = moduleOf('vectorIndex');
	const { texts, questions } = loadData(folder());
	const embedders = await availableEmbedders();
	const directory = mkdtempSync(join(tmpdir(), 'retrieval-eval-'));
	const sizes = quick ? [400] : [400, 800];
	const rows = [];
	const comparisons = [];
	const charted = [];
	try {
		for (const size of sizes) {
			const chunks = await chunkAll(texts, { method: 'recursive', size });
			const evaluate = (search) => evaluateRetrieval(questions, search, { k, chunks });
			const put = (label, report) => {
				if (report.failed.length > 0) throw new Error(`${label}: ${report.failed[0].reason}`);
				const { passageRecall, passagePrecision, passageIou, passageMrr, passageNdcg, annRecall } =
					report.metrics;
				const cells = [passageRecall, passagePrecision, passageIou, passageMrr, passageNdcg, annRecall];
				rows.push({ label: `${size} · ${label}`, cells });
				charted.push({ label: `${size} · ${label}`, values: [passageRecall] });
				return report;
			};

			const bm25 = buildBm25(
				chunks.map(({ text }) => text),
				{ k1: 1.2, b: 0.75 },
			);
			put(
				'BM25 in memory (baseline)',
				await evaluate(async ({ text }) => ({ hits: bm25(text, k).map(([row]) => chunks[row]) })),
			);

			for (const [number, { name, embedder }] of embedders.entries()) {
				const { id: fingerprint, model, dimensions } = await embedder.fingerprint();
				const vectors = await embedAll(
					embedder,
					chunks.map(({ text }) => text),
				);
				const address = { backend: 'embedded', directory, name: `eval-${size}-${number}` };
				const index = await createIndex(address, { model, dimensions, fingerprint });
				await index.upsert(
					chunks.map(({ text, source, start, end }, row) => ({
						text,
						source,
						start,
						end,
						vector: vectors[row],
					})),
				);
				const queries = new Map();
				for (const { id, text } of questions) queries.set(id, await embedder.embedQuery(text));
				const search = (mode) => async (question) => {
					const query = { mode, limit: k, text: question.text, vector: queries.get(question.id) };
					const hits = await index.search(query);
					const exact = mode === 'vector' ? await index.search({ ...query, exact: true }) : undefined;
					return { hits: hits.map(asChunk), ...(exact && { exact: exact.map((hit) => asChunk(hit).id) }) };
				};
				const keyword = await evaluate(search('keyword'));
				if (number === 0) put('keyword', keyword);
				const vector = put(`vector, ${name}`, await evaluate(search('vector')));
				const hybrid = put(`hybrid, ${name}`, await evaluate(search('hybrid')));
				const recall = (report) => report.metrics.passageRecall.mean;
				const better = recall(keyword) >= recall(vector) ? keyword : vector;
				const { passageRecall, passageIou } = await compareReports(better, hybrid);
				const half = better === keyword ? 'keyword' : 'vector';
				comparisons.push({
					label: `${size} · hybrid, ${name} − ${half}`,
					cells: [passageRecall, passageIou],
				});
				await index.close();
			}
		}
	} finally {
		for (const { close } of embedders) await close();
		rmSync(directory, { recursive: true, force: true });
	}
	const base = { scale: 'percent' };
	table('retrieval', 'retrieval.md', {
		...base,
		title: `Top ${k}: ${questions.length} questions, ${texts.size} documents in one index, % (95 % interval)`,
		columns: ['chunk size · search', 'recall', 'precision', 'IoU', 'MRR', 'nDCG', 'ANN recall'],
		rows,
	});
	table('retrieval-hybrid', 'retrieval.md', {
		...base,
		title: 'Hybrid against the better of its halves, paired by question, points (95 % interval)',
		columns: ['comparison', 'recall', 'IoU'],
		rows: comparisons,
	});
	chart('retrieval-chart', 'retrieval.md', {
		title: `Recall of the passage in the top ${k}`,
		axis: 'recall by characters, % (whisker: 95 % interval)',
		series: ['recall'],
		rows: charted,
	});
}

/** All chunks of all texts, with source and an id. */
async function chunkAll(texts, options) {
	const { chunk } = moduleOf('chunking');
	const chunks = [];
	for (const [source, text] of texts)
		for await (const { start, end, text: part } of chunk(text, options))
			chunks.push({ id: `${source}:${start}-${end}`, source, start, end, text: part });
	return chunks;
}

/** The index gives rows its own ids; chunks are known by their place. */
const asChunk = ({ source, start, end }) => ({ id: `${source}:${start}-${end}`, source, start, end });
