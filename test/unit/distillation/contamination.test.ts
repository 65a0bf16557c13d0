import { builtinEmbedder } from '../../../lib/embedding';
import { curate, toRecord, type ContaminationOptions } from '../../../lib/distillation';

/** Questions of an evaluation set, with the three ways in which they creep into training data. Written for this test. */
const ITEMS: ReadonlyArray<{
	readonly question: string;
	readonly reordered: string;
	readonly paraphrase: string;
}> = [
	{
		question:
			'A train leaves the station at nine in the morning with a speed of eighty kilometres an hour. How far has it travelled when the clock shows noon on the same day?',
		reordered:
			'How far has it travelled when the clock shows noon on the same day? A train leaves the station at nine in the morning with a speed of eighty kilometres an hour.',
		paraphrase:
			'At nine a.m. a train departs the station travelling at a speed of eighty kilometres per hour. How many kilometres has the train travelled by noon that day?',
	},
	{
		question:
			'Which organ of the human body is responsible for filtering waste products from the blood and producing urine, and how many of them does a healthy adult normally have?',
		reordered:
			'How many of them does a healthy adult normally have, and which organ of the human body is responsible for filtering waste products from the blood and producing urine?',
		paraphrase:
			'What organ in the human body filters waste products out of the blood and produces urine, and how many of this organ does a normal healthy adult have?',
	},
	{
		question:
			'The parliament building in the capital was rebuilt after the great fire of eighteen thirty-four by an architect who won a public competition. What was the name of that architect?',
		reordered:
			'What was the name of that architect? The parliament building in the capital was rebuilt after the great fire of eighteen thirty-four by an architect who won a public competition.',
		paraphrase:
			'After the great fire in eighteen thirty-four an architect who had won a public competition rebuilt the parliament building in the capital. Who was that architect?',
	},
	{
		question:
			'If a farmer plants twelve rows of apple trees with fifteen trees in every row and a storm destroys a third of all the trees, how many apple trees are left standing?',
		reordered:
			'How many apple trees are left standing if a storm destroys a third of all the trees, and a farmer plants twelve rows of apple trees with fifteen trees in every row?',
		paraphrase:
			'A farmer has planted twelve rows of apple trees, each row with fifteen trees. A storm destroyed one third of the trees. How many apple trees still stand?',
	},
];

const CLEAN = [
	'How do I reset the password of my account when I no longer have access to my old mail address and the phone number has changed as well?',
	'Write a short poem about the sea in winter, with a grey sky and gulls over an empty harbour, that ends on a note of hope please.',
	'The delivery of last week came with two chairs missing and a scratched table top, what can I do to get the rest of it quickly?',
	'Explain the difference between a list and a tuple in Python to someone who has only ever written shell scripts and some awk.',
	'A train is late by forty minutes and I miss my connection, does the company have to pay for the hotel and the taxi?',
	'Which vitamins should a healthy adult take in winter when the days are short and there is hardly any fresh fruit?',
];

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
const embed = async (texts: readonly string[]): Promise<readonly Float32Array[]> => {
	const embedder = builtinEmbedder();
	const vectors: Float32Array[] = [];
	for await (const { vector } of embedder.embedDocuments([...texts])) vectors.push(vector);
	return vectors;
};

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
	}).toEqual({ verbatim: 4, within: 4, reordered: 4, paraphrased: 0, clean: 0 });
});

test('with the built-in embedding paraphrases are found too, and nothing clean', async () => {
	const options = { evaluation, embed, minCosine: 0.8 };
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
	}).toEqual({ reordered: 4, paraphrased: 4, clean: 0 });
});

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
