/**
 * What a user gets who changes nothing: the node's Sync Documents and Search with the defaults of its description, over all
 * documents of a folder in one index, scored by the characters of the first five hits. Beside it keyword and vector search,
 * smaller chunks, and what others would do: BM25 with stems in memory, LangChain's recursive splitter with the same model, and
 * this pack's first version.
 */
import { corpusOf, loadData } from './lib/data.mjs';
import { moduleOf } from './lib/modules.mjs';
import { defaultEmbedder } from './lib/nodeRun.mjs';
import { withNodeIndexes } from './lib/nodeSearch.mjs';
import { byCosine, byFirstVersion, byStemmedBm25, langchainChunks } from './lib/peerSearches.mjs';

const HITS = 5;
const METRICS = {
	recall: 'passageRecall',
	iou: 'passageIou',
	precision: 'passagePrecision',
	hit: 'passageHit',
};

export async function run({ folder, emit, table }) {
	const { evaluateRetrieval } = moduleOf('evaluation');
	const { texts, questions } = loadData(folder());
	const rows = [];
	const measure = async (name, label, search) => {
		const found = await search();
		if (!found) return;
		const answers = new Map(questions.map(({ id }, at) => [id, { hits: found[at].map(withId) }]));
		const options = { k: HITS, corpusOf };
		const { metrics, failed } = await evaluateRetrieval(
			questions,
			async ({ id }) => answers.get(id),
			options,
		);
		if (failed.length > 0) throw new Error(`${label}: ${failed[0].reason}`);
		for (const [metric, key] of Object.entries(METRICS)) {
			const { mean, low, high, n } = metrics[key];
			emit({ case: name, metric, value: percent(mean), low: percent(low), high: percent(high), n });
		}
		rows.push({ label, cells: Object.values(METRICS).map((key) => metrics[key]) });
	};
	await withNodeIndexes(async ({ sync, search }) => {
		await sync('defaults', texts);
		await measure('default', 'defaults of Sync Documents and Search', () => search('defaults', questions));
		await measure('keyword', 'keyword search', () =>
			search('defaults', questions, { searchMode: 'keyword' }),
		);
		await measure('vector', 'vector search', () => search('defaults', questions, { searchMode: 'vector' }));
		await sync('chunks-400', texts, { chunkSize: 400 });
		await measure('400', 'chunks of 400 characters', () => search('chunks-400', questions));
		const pieces = await langchainChunks(texts);
		if (pieces) {
			await measure('bm25', 'baseline: LangChain recursive splitter, BM25 with stems', () =>
				byStemmedBm25(pieces, questions, HITS),
			);
			const embedder = defaultEmbedder();
			await measure('langchain', `baseline: LangChain recursive splitter, vectors of ${embedder.model}`, () =>
				byCosine(pieces, questions, HITS, embedder),
			);
		}
		await measure('first-version', 'baseline: defaults of the first version of this pack', () =>
			byFirstVersion(texts, questions, HITS),
		);
	});
	table('retrieval-defaults', 'retrieval.md', {
		title: `First ${HITS} hits: ${questions.length} questions, ${texts.size} documents in one index, % (95 % interval)`,
		columns: ['search', 'recall', 'IoU', 'precision', 'hit'],
		rows,
	});
}

const percent = (share) => Math.round(share * 1e4) / 100;
const withId = ({ id, source, start, end }) => ({ id: id ?? `${source} ${start}`, source, start, end });
