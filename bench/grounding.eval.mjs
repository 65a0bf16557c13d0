/**
 * The grounding check as a user gets it who changes nothing: Check Grounding of the built node, on pairs of an answer and a
 * passage. `pairs.jsonl` of the folder has a line for each pair:
 * `{"answer","passage","kind":"paraphrase|changed|unrelated","change":"number|date|name|negation|other","language"}`.
 * A paraphrase is right when it is supported, the others when they are not. The pairs of the repository have a `document`: constants
 * were chosen on those up to 100, so the figures of the docs are of those above. With EVAL_GGUF (a chat model as GGUF, on llama.cpp's
 * server) the case `engine` is measured beside it: *Check With: Model of an Engine*.
 */
import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { Problem } from '../scripts/lib/problem.mjs';
import { startLlamaServer } from './lib/llamaServer.mjs';
import { moduleOf, root } from './lib/modules.mjs';
import { nodeRunner } from './lib/nodeRun.mjs';

const OWN = `${root}test/fixtures/grounding`;
/** Every how manieth pair is checked with --quick. */
const QUICK_STEP = 5;
const AT_ONCE = 50;
const METRICS = {
	'paraphrase-supported': ({ kind }) => kind === 'paraphrase',
	'changed-caught': ({ kind, change }) => kind === 'changed' && change !== 'other',
	'other-caught': ({ kind, change }) => kind === 'changed' && change === 'other',
	'unrelated-caught': ({ kind }) => kind === 'unrelated',
};
const CHANGES = ['number', 'date', 'name', 'negation', 'other'];

export async function run({ data, quick, emit, table }) {
	const { bootstrapMean } = moduleOf('support');
	const all = pairsIn(data === undefined ? OWN : resolve(data)).filter(
		({ document }) => data !== undefined || isHeldOut(document),
	);
	const pairs = quick ? all.filter((_, at) => at % QUICK_STEP === 0) : all;
	const rightOf = (grounded) => (chosen) =>
		pairs.flatMap((pair, at) =>
			chosen(pair) ? [Number(grounded[at] === (pair.kind === 'paraphrase'))] : [],
		);
	const measured = async (name, right) => {
		const cells = [];
		for (const [metric, chosen] of Object.entries(METRICS)) {
			const values = right(chosen);
			if (values.length === 0) continue;
			const { mean, low, high, n } = await bootstrapMean(values);
			emit({ case: name, metric, value: percent(mean), low: percent(low), high: percent(high), n });
			cells.push({ metric, mean, low, high, n });
		}
		return cells;
	};
	const right = rightOf(await verdictsOf(pairs));
	const cells = await measured('default', right);
	const model = process.env.EVAL_GGUF;
	const byEngine =
		model === undefined ? [] : await measured('engine', rightOf(await engineVerdicts(pairs, model)));
	table('grounding', 'answers.md', {
		title: `Sentences judged rightly, % (95 % interval), ${pairs.length} pairs`,
		columns: ['setting', ...cells.map(({ metric }) => metric)],
		rows: [
			{ label: 'defaults', cells },
			...(byEngine.length > 0 ? [{ label: 'Check With: Model of an Engine', cells: byEngine }] : []),
		],
	});
	const rows = [...new Set(pairs.map(({ language }) => language))].map((language) => ({
		label: language,
		cells: Object.values(METRICS).map((chosen) =>
			shareOf(right((pair) => pair.language === language && chosen(pair))),
		),
	}));
	for (const change of CHANGES) {
		const { mean } = shareOf(right((pair) => pair.change === change));
		if (mean !== undefined) console.error(`changed ${change}: ${percent(mean)} % caught`);
	}
	for (const { label, cells: shares } of rows)
		console.error(
			`${label}: ${shares.map(({ mean }) => (mean === undefined ? '–' : percent(mean))).join(' · ')}`,
		);
}

/** No constant was chosen on documents with these numbers. */
const isHeldOut = (document = '') => Number(/\d+$/.exec(document)?.[0] ?? 0) > 100;

async function verdictsOf(pairs) {
	const check = nodeRunner('LocalEngine');
	const verdicts = [];
	for (let from = 0; from < pairs.length; from += AT_ONCE) {
		const items = pairs
			.slice(from, from + AT_ONCE)
			.map(({ answer, passage }) => ({ answer, citations: [{ text: passage }] }));
		const replies = await check({ resource: 'passages', operation: 'grounding' }, items);
		verdicts.push(...replies.map(({ grounded }) => grounded));
	}
	return verdicts;
}

async function engineVerdicts(pairs, model) {
	const server = await startLlamaServer({ model, arguments: ['--ctx', '4096'] });
	if (!server) throw new Problem('There is no llama.cpp server: npm test installs one.');
	const { EnginePool } = moduleOf('engine');
	const { checkGroundingByEngine } = moduleOf('answering');
	const pool = new EnginePool([{ name: 'model', baseUrl: server.url, dialect: 'llamacpp' }]);
	const verdicts = [];
	try {
		for (const { answer, passage } of pairs) {
			const classify = (request, call) => pool.classify(request, call);
			const report = await checkGroundingByEngine(classify, answer, [{ text: passage }]);
			verdicts.push(report.grounded);
		}
	} finally {
		await pool.close();
		await server.close();
	}
	return verdicts;
}

function pairsIn(folder) {
	const file = `${folder}/pairs.jsonl`;
	if (!existsSync(file))
		throw new Problem(
			`There is no ${file}. --data must name a folder with a pairs.jsonl: a line {"answer", "passage", "kind", "change", "language"} for each pair.`,
		);
	const lines = readFileSync(file, 'utf8')
		.split('\n')
		.map((text, at) => ({ text, at: at + 1 }))
		.filter(({ text }) => text.trim() !== '');
	if (lines.length === 0) throw new Problem(`${file} contains no pair.`);
	return lines.map(({ text, at }) => {
		let pair;
		try {
			pair = JSON.parse(text);
		} catch (error) {
			throw new Problem(`Line ${at} of ${file} is not valid JSON: ${error.message}`);
		}
		const { answer, passage, kind } = pair;
		if (
			typeof answer !== 'string' ||
			typeof passage !== 'string' ||
			!['paraphrase', 'changed', 'unrelated'].includes(kind)
		)
			throw new Problem(
				`Line ${at} of ${file} needs "answer", "passage" and "kind" (paraphrase, changed or unrelated).`,
			);
		return pair;
	});
}

const shareOf = (values) =>
	values.length === 0 ? {} : { mean: values.reduce((sum, value) => sum + value, 0) / values.length };
const percent = (share) => Math.round(share * 1e4) / 100;
