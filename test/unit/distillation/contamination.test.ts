import { builtinEmbedder, likenessVectorsOf, type Embedder } from '../../../lib/embedding';
import { cosineLimitsOf } from '../../../lib/support';
import { curate, toRecord, type ContaminationOptions, type EmbedTexts } from '../../../lib/distillation';
import { CLEAN, ITEMS } from './contaminated';

async function found(texts: readonly string[], options: ContaminationOptions): Promise<number> {
	const set = await curate(
		texts.map((prompt, number) => toRecord({ id: `r${number}`, prompt, answer: `Answer number ${number}.` })),
		{ contamination: options, duplicates: false },
	);
	await set.close();
	return set.funnel.gates.find((gate) => gate.gate === 'contamination')?.rejected ?? 0;
}

const evaluation = ITEMS.map((item) => item.question);
const wrap = (text: string) => `Please help me with my homework. ${text} Thank you!`;
const embedWith =
	(embedder: Embedder): EmbedTexts =>
	async (texts) =>
		await likenessVectorsOf(embedder, texts);

test('n-grams find what is copied, whole or rearranged, but no paraphrase', async () => {
	expect({
		verbatim: await found(
			ITEMS.map((item) => item.question),
			{ evaluation },
		),
		within: await found(
			ITEMS.map((item) => wrap(item.question)),
			{ evaluation },
		),
		reordered: await found(
			ITEMS.map((item) => wrap(item.reordered)),
			{ evaluation },
		),
		paraphrased: await found(
			ITEMS.map((item) => wrap(item.paraphrase)),
			{ evaluation },
		),
		clean: await found(CLEAN, { evaluation }),
	}).toEqual({ verbatim: 12, within: 12, reordered: 12, paraphrased: 0, clean: 0 });
});

test.each([
	['fast', 10],
	['english', 12],
	['multilingual', 12],
] as const)(
	'with the built-in embedding (%s) %i of 12 paraphrases are found at the limit of the model, and nothing clean',
	async (tier, paraphrased) => {
		const embedder = builtinEmbedder({ tier });
		const options = {
			evaluation,
			embed: embedWith(embedder),
			minCosine: cosineLimitsOf(embedder.model)?.paraphrase,
		};
		expect({
			reordered: await found(
				ITEMS.map((item) => item.reordered),
				options,
			),
			paraphrased: await found(
				ITEMS.map((item) => item.paraphrase),
				options,
			),
			clean: await found(CLEAN, options),
		}).toEqual({ reordered: 12, paraphrased, clean: 0 });
		await embedder.close();
	},
);

test('short evaluation texts count when a message is nothing else, in any spelling', async () => {
	const options = { evaluation: ['What is the capital of France?'] };
	expect(await found(['what is the Capital of France'], options)).toBe(1);
	expect(
		await found(['I know what is the capital of France? Paris. Tell me more about the Loire.'], options),
	).toBe(0);
});

test('refuses n-grams that would match everything, and embeddings that lose texts', async () => {
	await expect(found([], { evaluation, ngram: 2 })).rejects.toMatchObject({ kind: 'invalidOptions' });
	await expect(found(CLEAN, { evaluation, embed: async () => [] })).rejects.toMatchObject({
		kind: 'invalidOptions',
	});
});
