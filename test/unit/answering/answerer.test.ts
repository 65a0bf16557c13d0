import { readFileSync } from 'node:fs';
import path from 'node:path';
import { parse } from 'csv-parse/sync';
import { chunkSync } from '../../../lib/chunking';
import { builtinEmbedder } from '../../../lib/embedding';
import { createExtractiveAnswerer, DOES_NOT_KNOW } from '../../../lib/answering';

const embedder = builtinEmbedder({ tier: 'fast' });
async function embed(texts: readonly string[]): Promise<Float32Array[]> {
	const vectors: Float32Array[] = [];
	for await (const { vector } of embedder.embedDocuments(texts)) vectors.push(vector);
	return vectors;
}
const answer = createExtractiveAnswerer(() => builtinEmbedder({ tier: 'multilingual' }));

const folder = path.join(__dirname, '..', '..', 'fixtures', 'retrieval');
const documents = new Map(
	['harbour', 'glassworks'].map((name) => {
		const source = readFileSync(path.join(folder, `${name}.md`), 'utf8');
		return [
			name,
			[...chunkSync(source, { method: 'recursive', size: 400 })].map(({ text }) => ({ text, source: name })),
		];
	}),
);
const questions = parse<{ question: string; corpus_id: string }>(
	readFileSync(path.join(folder, 'questions.csv')),
	{ columns: true },
);

/** The six passages of a document whose vectors are nearest to the question. */
async function passagesFor(question: string, name: string, vectors: ReadonlyMap<string, Float32Array[]>) {
	const wanted = await embedder.embedQuery(question);
	const dot = (vector: Float32Array) => vector.reduce((sum, value, i) => sum + value * (wanted[i] ?? 0), 0);
	return (documents.get(name) ?? [])
		.map((passage, i) => ({ passage, score: dot(vectors.get(name)?.[i] ?? new Float32Array()) }))
		.sort((a, b) => b.score - a.score)
		.slice(0, 6)
		.map(({ passage }) => passage);
}

describe('the built-in answerer', () => {
	test('quotes the sentence that answers and cites its passage', async () => {
		const result = await answer(
			[
				{ text: 'The canteen serves soup. It is painted green.' },
				{ text: 'Visitors sign in at the desk. The spare key hangs behind the blue door.' },
			],
			'Where is the spare key?',
		);
		expect(result).toEqual({
			text: 'The spare key hangs behind the blue door. [2]',
			cited: [1],
			quotes: [{ text: 'The spare key hangs behind the blue door.', passage: 1, start: 30, end: 71 }],
			found: true,
		});
	});

	test('says that it does not know, without a citation, when nothing fits or nothing is given', async () => {
		const unknown = { text: DOES_NOT_KNOW, cited: [], quotes: [], found: false };
		expect(await answer([{ text: 'The canteen serves soup.' }], 'Who is the king of France?')).toEqual(
			unknown,
		);
		expect(await answer([], 'Where is the key?')).toEqual(unknown);
	});

	const handbook = [
		{
			text: '# How many tills are there?\n\nHow many tills does the shop have? Nobody counted for long. The shop has fourteen tills since May.',
		},
		{
			text: 'The late fee of the library falls from 32 crowns to 8 crowns. Our partners are Australia, Japan and Peru.',
		},
		{ text: 'I am a capitalist at heart. A damaged cable is replaced by the caretaker.' },
	];
	test.each([
		['How many tills does the shop have?', 'fourteen tills'],
		['What happens to the late fee of the library?', 'from 32 crowns to 8'],
		['Who replaces a damaged cable?', 'the caretaker'],
		['Which partners do we have?', 'Peru'],
	])('quotes a sentence that answers "%s", no question or heading', async (question, part) => {
		const { text, found } = await answer(handbook, question);
		expect({ found, first: text.slice(0, text.indexOf(' [')) }).toEqual({
			found: true,
			first: expect.stringContaining(part),
		});
	});

	test.each([
		'What is the capital of France?',
		'What is the wifi password?',
		'Who is the emperor of Japan?',
		'How do I return a damaged parcel?',
	])('does not know "%s", though the passages have some of its words', async (question) => {
		expect(await answer(handbook, question)).toMatchObject({ text: DOES_NOT_KNOW, found: false });
	});

	test.each(['5', '5!', '?', '…', '😀', 'x', '12'])(
		'does not know "%s", which asks nothing',
		async (question) => {
			const passages = [{ text: 'Shelf 5 holds x. The room has 12 chairs.' }];
			expect(await answer(passages, question)).toMatchObject({ text: DOES_NOT_KNOW, found: false });
		},
	);

	test.each(['shelf E7', 'E7', '4410'])('answers the code "%s"', async (question) => {
		const passages = [{ text: 'The lamps lie on shelf E7. Order 4410 is paid.' }];
		expect(await answer(passages, question)).toMatchObject({ found: true });
	});

	test('quotes whole sentences of a text without capitals', async () => {
		const filler = 'the archive opens at nine and everybody signs the book. '.repeat(14);
		const { text } = await answer(
			[{ text: `${filler}the spare key hangs behind the blue door. ${filler}` }],
			'where is the spare key?',
		);
		expect(text).toBe('the spare key hangs behind the blue door. [1]');
	});

	test.each([
		['How many new jobs did the harbour create?', 'Fifteen new jobs'],
		['Combien de nouveaux emplois le port a-t-il créés ?', 'Quinze nouveaux emplois'],
		['Wie viele neue Stellen hat der Hafen geschaffen?', 'Fünfzehn neue Stellen'],
	])('prefers the sentence with a number beside what is to be counted: %s', async (question, begins) => {
		const { text } = await answer(
			[
				{
					text: 'The harbour will create many new jobs and pays 40,000 for them. Fifteen new jobs in the harbour in three years.',
				},
				{
					text: 'Le port va créer de nouveaux emplois et paie 40 000 euros. Quinze nouveaux emplois dans le port en trois ans.',
				},
				{
					text: 'Der Hafen will viele neue Stellen schaffen und zahlt 40.000 Euro. Fünfzehn neue Stellen für den Hafen in drei Jahren.',
				},
			],
			question,
		);
		expect(text.startsWith(begins)).toBe(true);
	});

	test('quotes a table row with what stands above its columns', async () => {
		const table = '| Plan | Price per month |\n| --- | --- |\n| Small | 9 euros |\n| Large | 29 euros |';
		const { text, quotes } = await answer([{ text: table }], 'What does the plan Large cost per month?');
		expect(text).toBe('Plan: Large · Price per month: 29 euros [1]');
		expect(table.slice(quotes[0]?.start, quotes[0]?.end)).toBe('| Large | 29 euros |');
	});

	test('Only When Sure refuses what it would quote otherwise', async () => {
		const passages = [
			{ text: 'The museum opens at nine in the morning and closes at six.' },
			{ text: 'The café in the courtyard serves soup, bread and cake.' },
		];
		const question = 'What can I eat in the courtyard?';
		expect((await answer(passages, question)).found).toBe(true);
		expect((await answer(passages, question, { onlyWhenSure: true })).found).toBe(false);
	});

	test('an empty question is refused', async () => {
		await expect(answer([{ text: 'x' }], ' ')).rejects.toMatchObject({ kind: 'invalidRequest' });
	});

	test('answers most questions from their own document and refuses most from another', async () => {
		const vectors = new Map<string, Float32Array[]>();
		for (const [name, passages] of documents)
			vectors.set(name, await embed(passages.map(({ text }) => text)));
		let answered = 0;
		let refused = 0;
		const some = questions.filter((_, at) => at % 10 === 0);
		for (const { question, corpus_id: own } of some) {
			for (const name of documents.keys()) {
				const { found } = await answer(await passagesFor(question, name, vectors), question);
				if (name === own) answered += Number(found);
				else refused += Number(!found);
			}
		}
		expect(answered / some.length).toBeGreaterThan(0.85);
		expect(refused / some.length).toBeGreaterThan(0.9);
	});
});
