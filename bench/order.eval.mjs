/**
 * In which order a model should get the passages: best first, best last, or the best at both ends. A real small model
 * (EVAL_GGUF, a chat model as GGUF, on llama.cpp's server) answers each question from the six passages that Search finds; asked are
 * the questions for which a right one is among them. `right-passage`: of all six, a right passage shares most words with the
 * answer (words of the question do not count; an answer that says it does not know, or shares none, counts as wrong).
 */
import { corpusOf, loadData } from './lib/data.mjs';
import { startLlamaServer } from './lib/llamaServer.mjs';
import { moduleOf } from './lib/modules.mjs';
import { withNodeIndexes } from './lib/nodeSearch.mjs';
import { Problem } from '../scripts/lib/problem.mjs';

/** As the templates search. */
const PASSAGES = 6;
const QUICK_STEP = 5;
const ORDERS = {
	'best first': (hits) => hits,
	'best last': (hits) => hits.toReversed(),
	'both ends': (hits) => [
		...hits.filter((_, at) => at % 2 === 0),
		...hits.filter((_, at) => at % 2 === 1).toReversed(),
	],
};

export async function run({ folder, quick, emit, table }) {
	const model = process.env.EVAL_GGUF;
	if (!model) throw new Problem('EVAL_GGUF must name a chat model, a GGUF file that llama.cpp can load.');
	const { bootstrapMean } = moduleOf('support');
	const { texts, questions: all } = loadData(folder());
	const asked = quick ? all.filter((_, at) => at % QUICK_STEP === 0) : all;
	const found = await withNodeIndexes(async ({ sync, search }) => {
		await sync('order', texts);
		return await search('order', asked, { limit: PASSAGES });
	});
	const questions = asked
		.map((question, at) => ({ ...question, hits: found[at] }))
		.filter((question) => question.hits.some((hit) => answers(question, hit)));
	const server = await startLlamaServer({ model, arguments: ['--ctx', '8192'] });
	if (!server) throw new Problem('There is no llama.cpp server: npm test installs one.');
	const { EnginePool } = moduleOf('engine');
	const pool = new EnginePool([{ name: 'small model', baseUrl: server.url, dialect: 'llamacpp' }]);
	const rows = [];
	try {
		const right = new Map(Object.keys(ORDERS).map((name) => [name, []]));
		for (const [at, question] of questions.entries()) {
			for (const [name, inOrder] of Object.entries(ORDERS))
				right.get(name).push(Number(await isRight(pool, question, inOrder(question.hits))));
			console.error(`${at + 1} of ${questions.length} questions`);
		}
		for (const [name, values] of right) {
			const { mean, low, high, n } = await bootstrapMean(values);
			emit({
				case: name,
				metric: 'right-passage',
				value: percent(mean),
				low: percent(low),
				high: percent(high),
				n,
			});
			rows.push({ label: name, cells: [{ mean, low, high, n }] });
		}
	} finally {
		await pool.close();
		await server.close();
	}
	table('order', 'answers.md', {
		title: `Order of the passages for a small model: ${questions.length} questions, % (95 % interval)`,
		columns: ['order', 'answer from a right passage'],
		rows,
	});
}

async function isRight(pool, question, hits) {
	const { answerFromPassages } = moduleOf('answering');
	const { answer, found } = await answerFromPassages(pool, {
		question: question.text,
		passages: hits,
		chat: { maxTokens: 60, temperature: 0 },
	});
	if (!found) return false;
	const known = wordsOf(question.text);
	const said = wordsOf(answer).difference(known);
	const shared = hits.map(({ text }) => said.intersection(wordsOf(text)).size);
	const most = Math.max(...shared);
	return most > 0 && hits.some((hit, at) => shared[at] === most && answers(question, hit));
}

const wordsOf = (text) => new Set(text.toLowerCase().match(/[\p{L}\p{N}]{3,}/gu));

const answers = (question, { source, start, end }) =>
	source === corpusOf(question) &&
	question.passages.some((place) => place.source === source && place.start < end && place.end > start);

const percent = (share) => Math.round(share * 1e4) / 100;
