/**
 * Other languages than English: files in the form of SQuAD, named by their language. All paragraphs of a file are stored in one
 * index by Sync Documents, each question is asked by Search, both with the defaults of the node; what counts is the rank of the
 * question's paragraph by its first chunk (nDCG@10). Beside it keyword and vector search.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { Problem } from '../scripts/lib/problem.mjs';
import { moduleOf } from './lib/modules.mjs';
import { withNodeIndexes } from './lib/nodeSearch.mjs';

const K = 10;
/** Questions of each language with --quick. */
const QUICK = 100;
const SEARCHES = [
	['', 'defaults of Sync Documents and Search', {}],
	['keyword-', 'keyword search', { searchMode: 'keyword' }],
	['vector-', 'vector search', { searchMode: 'vector' }],
];

export async function run({ quick, data, emit, table }) {
	const { evaluateRetrieval } = moduleOf('evaluation');
	const rows = [];
	await withNodeIndexes(async ({ sync, search }) => {
		for (const { language, paragraphs, questions: all } of readLanguages(data)) {
			const questions = quick ? all.slice(0, QUICK) : all;
			console.error(`${language}: ${paragraphs.size} paragraphs, ${questions.length} questions …`);
			await sync(language, paragraphs);
			const cells = [];
			for (const [prefix, , settings] of SEARCHES) {
				const hits = await search(language, questions, settings);
				const answers = new Map(questions.map(({ id }, at) => [id, { hits: hits[at] }]));
				const { metrics } = await evaluateRetrieval(questions, async ({ id }) => answers.get(id), { k: K });
				const { mean, low, high, n } = metrics.ndcg;
				emit({
					case: 'default',
					metric: `${prefix}ndcg-${language}`,
					value: percent(mean),
					low: percent(low),
					high: percent(high),
					n,
				});
				cells.push(metrics.ndcg);
			}
			rows.push({ label: `${language} (${questions.length} questions)`, cells });
		}
	});
	table('languages', 'retrieval.md', {
		title: `nDCG@${K} of the paragraph that answers the question, % (95 % interval)`,
		columns: ['language', ...SEARCHES.map(([, label]) => label)],
		rows,
	});
}

const percent = (share) => Math.round(share * 1e4) / 100;

/** @returns {Array<{ language: string, paragraphs: Map<string, string>, questions: object[] }>} */
function readLanguages(given) {
	const form = 'files in the form of SQuAD that are named by their language, such as de.json';
	if (given === undefined)
		throw new Problem(`This evaluation needs --data FOLDER: a folder with ${form}. XQuAD is one such set.`);
	const folder = resolve(given);
	const files = existsSync(folder) ? readdirSync(folder).filter((file) => file.endsWith('.json')) : [];
	if (files.length === 0)
		throw new Problem(`There is no *.json file in ${folder}. --data must name a folder with ${form}.`);
	const { readSquad } = moduleOf('evaluation');
	return files.sort().map((file) => ({
		language: file.slice(0, -'.json'.length),
		...readSquad(readFileSync(join(folder, file), 'utf8'), join(folder, file)),
	}));
}
