/**
 * The answerer without an engine, as a user gets it who changes nothing: Sync Documents, Search with six hits, and Answer From
 * Passages of the built nodes. `first-right`: the first quoted sentence overlaps a place that answers the question, and "does not know" counts
 * as wrong. `removed-unknown`: the passages that touch such a place are taken out and their neighbours stay; right is "does not
 * know". `foreign-unknown`: the passages are of other documents. Passages are handed over without their scores: a score that was made while
 * the right passage was among them would give it away.
 */
import { corpusOf, loadData } from './lib/data.mjs';
import { moduleOf } from './lib/modules.mjs';
import { nodeRunner } from './lib/nodeRun.mjs';
import { withNodeIndexes } from './lib/nodeSearch.mjs';

/** As the templates search. */
const PASSAGES = 6;
/** From so many the right ones are taken out, or those of other documents are chosen. */
const MANY = 300;
/** Every how manieth question is asked with --quick. */
const QUICK_STEP = 5;
const AT_ONCE = 50;
const SETTINGS = [
	['default', 'defaults', {}],
	['sure', 'Only When Sure', { options: { onlyWhenSure: true } }],
];

export async function run({ folder, quick, emit, table }) {
	const { bootstrapMean } = moduleOf('support');
	const data = loadData(folder());
	const { texts } = data;
	const questions = quick ? data.questions.filter((_, at) => at % QUICK_STEP === 0) : data.questions;
	const rows = [];
	await withNodeIndexes(async ({ sync, search }) => {
		await sync('answers', texts);
		const few = await search('answers', questions, { limit: PASSAGES });
		const many = await search('answers', questions, { limit: MANY });
		const given = {
			'first-right': few,
			'removed-unknown': many.map((hits, at) => hits.filter((hit) => !answers(questions[at], hit))),
			'foreign-unknown': many.map((hits, at) =>
				hits.filter(({ source }) => source !== corpusOf(questions[at])),
			),
		};
		for (const [name, label, settings] of SETTINGS) {
			const cells = [];
			for (const [metric, hits] of Object.entries(given)) {
				const replies = await answersOf(questions, hits, settings);
				const right = replies.map((reply, at) => Number(isRight(metric, reply, questions[at])));
				const { mean, low, high, n } = await bootstrapMean(right);
				emit({ case: name, metric, value: percent(mean), low: percent(low), high: percent(high), n });
				cells.push({ mean, low, high, n });
			}
			rows.push({ label, cells });
		}
	});
	table('answers', 'answers.md', {
		title: `Without an engine: ${questions.length} questions, ${texts.size} documents in one index, % (95 % interval)`,
		columns: ['setting', 'first-right', 'removed-unknown', 'foreign-unknown'],
		rows,
	});
}

async function answersOf(questions, hits, settings) {
	const answer = nodeRunner('LocalEngine');
	const replies = [];
	for (let from = 0; from < questions.length; from += AT_ONCE) {
		const items = questions.slice(from, from + AT_ONCE).map(({ text }, at) => ({
			question: text,
			hits: hits[from + at].slice(0, PASSAGES).map(({ text: passage, source, title, start, end }) => ({
				text: passage,
				source,
				title,
				start,
				end,
			})),
		}));
		replies.push(...(await answer({ resource: 'chat', operation: 'answer', ...settings }, items)));
	}
	return replies;
}

function isRight(metric, { found, citations }, question) {
	if (metric !== 'first-right') return !found;
	const [first] = citations;
	return found && first?.quote !== undefined && answers(question, { source: first.source, ...first.quote });
}

const answers = ({ passages }, { source, start, end }) =>
	passages.some((place) => place.source === source && place.start < end && place.end > start);

const percent = (share) => Math.round(share * 1e4) / 100;
