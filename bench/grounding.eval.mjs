// The grounding check on test/fixtures/grounding: settings are chosen on the even cases, the table shows the odd ones.
import { readFileSync } from 'node:fs';
import { moduleOf, root } from './lib/modules.mjs';

export async function run({ table }) {
	const { checkGrounding, GROUNDING_THRESHOLDS } = moduleOf('answering');
	const { bootstrapMean } = moduleOf('support');
	const cases = JSON.parse(readFileSync(`${root}test/fixtures/grounding/cases.json`, 'utf8'));
	const embedder = moduleOf('embedding').builtinEmbedder();
	const embed = async (sentences) => {
		const vectors = [];
		for await (const { vector } of embedder.embedDocuments(sentences)) vectors.push(vector);
		return vectors;
	};
	const checks = [
		['words alone', {}, GROUNDING_THRESHOLDS.wordsOnly],
		['words + built-in embedding', { embed }, GROUNDING_THRESHOLDS.embedded],
	];
	const kinds = ['supported', 'contradicted', 'unmentioned'];
	const score = async (sentence, passage, services) => {
		const { sentences } = await checkGrounding(sentence, [{ text: passage }], services);
		return sentences[0].score;
	};
	const rows = [];
	for (const [label, services, threshold] of checks) {
		const scores = await Promise.all(
			cases.map(async (item) => Promise.all(kinds.map((kind) => score(item[kind], item.passage, services)))),
		);
		const right = (half, kind, limit) =>
			scores
				.filter((_, index) => index % 2 === half)
				.map((values) => Number(values[kind] >= limit === (kind === 0)));
		for (let limit = 0.3; limit < 0.8; limit += 0.05) {
			const shares = kinds.map(
				(_, kind) => right(0, kind, limit).reduce((a, b) => a + b, 0) / (cases.length / 2),
			);
			console.log(
				`even cases, ${label}, threshold ${limit.toFixed(2)}:`,
				...shares.map((share) => share.toFixed(2)),
			);
		}
		const cells = await Promise.all(kinds.map((_, kind) => bootstrapMean(right(1, kind, threshold))));
		rows.push({ label: `${label} (threshold ${threshold})`, cells });
	}
	table('grounding', 'retrieval.md', {
		title: 'Sentences judged rightly, % (95 % interval), 15 passages',
		columns: ['check', 'supported', 'a fact changed', 'not in the passage'],
		rows,
	});
	await embedder.close();
}
