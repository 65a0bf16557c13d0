/**
 * What a cosine means with each built-in model: of a question and its own passage, of a question and a passage of another document,
 * and of two passages of different documents. The limits in lib/support/cosineLimits.ts come from here.
 */
import { corpusOf, loadData } from './lib/data.mjs';
import { embedAll } from './lib/embedders.mjs';
import { keepVectors } from './lib/keptVectors.mjs';
import { quantile } from './lib/measure.mjs';
import { moduleOf } from './lib/modules.mjs';
import { randomOf } from './lib/random.mjs';

const PAIRS = 5_000;

export async function run({ folder, emit, table }) {
	const { builtinEmbedder, endBuiltinEncoder } = moduleOf('embedding');
	const { chunk } = moduleOf('chunking');
	const { dot } = moduleOf('support');
	const { texts, questions } = loadData(folder());
	const chunks = [];
	for (const [source, text] of texts)
		for await (const { start, end, text: part } of chunk(text, { method: 'recursive', size: 800 }))
			chunks.push({ source, start, end, text: part });
	const kept = keepVectors();
	const rows = [];
	try {
		for (const tier of ['multilingual', 'english', 'fast']) {
			const embedder = builtinEmbedder({ tier });
			const vectors = await embedAll(
				embedder,
				chunks.map(({ text }) => text),
			);
			const asked = [];
			for (const { text } of questions) asked.push(await embedder.embedQuery(text));
			const random = randomOf(1);
			const any = (list) => Math.floor(random() * list.length);
			const pairs = (one, two) => {
				const cosines = [];
				while (cosines.length < PAIRS) {
					const [a, b] = [any(one.sources), any(chunks)];
					if (one.sources[a] !== chunks[b].source) cosines.push(dot(one.vectors[a], two[b]));
				}
				return cosines;
			};
			const kinds = {
				'question, own passage': questions.map(({ passages: [{ start, end, source }] }, at) => {
					const middle = (start + end) / 2;
					const own = chunks.findIndex((each) => each.source === source && each.end > middle);
					return dot(asked[at], vectors[own]);
				}),
				'question, other document': pairs({ sources: questions.map(corpusOf), vectors: asked }, vectors),
				'passages of different documents': pairs(
					{ sources: chunks.map(({ source }) => source), vectors },
					vectors,
				),
			};
			for (const [kind, cosines] of Object.entries(kinds)) {
				const shares = [0.01, 0.1, 0.5, 0.9, 0.99].map((share) => quantile(cosines, share));
				rows.push({
					label: `${embedder.model} · ${kind}`,
					cells: shares.map((value) => Math.round(value * 1000) / 1000),
				});
				shares.forEach((value, at) =>
					emit({ case: embedder.model, metric: `${kind}, p${[1, 10, 50, 90, 99][at]}`, value }),
				);
			}
		}
	} finally {
		kept.close();
		endBuiltinEncoder();
	}
	table('limits', 'embedding.md', {
		title: 'Cosines: the shares of pairs that lie below',
		scale: 'number',
		columns: ['model · texts', '1 %', '10 %', '50 %', '90 %', '99 %'],
		rows,
	});
}
