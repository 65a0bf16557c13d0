import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { AnsweringError, checkGrounding, type GroundingServices } from '../../../lib/answering';
import { builtinEmbedder, likenessVectorsOf } from '../../../lib/embedding';
import { cosineLimitsOf } from '../../../lib/support';

const passages = [
	{
		text: 'The Atlanta was built in 1861. She ran aground in June 1863 and was captured by two Union monitors.',
	},
	{ text: 'Haiti bought the ship in 1869. It was lost at sea on the delivery voyage.' },
];

describe('holding an answer against its passages', () => {
	it('supports what a passage says and points to the place', async () => {
		const { sentences, grounded } = await checkGrounding(
			'The ship ran aground in 1863 and was captured.',
			passages,
		);
		const [sentence] = sentences;
		expect(sentence?.state).toBe('supported');
		const { passage = 9, start = 0, end = 0 } = sentence?.evidence ?? {};
		expect(passages[passage]?.text.slice(start, end)).toContain('ran aground');
		expect(grounded).toBe(true);
	});

	it('does not support what nobody said, and counts it', async () => {
		const report = await checkGrounding(
			'She ran aground in June 1863. The captain received a medal from the governor of Texas.',
			passages,
		);
		expect(report.sentences.map(({ state }) => state)).toEqual(['supported', 'unsupported']);
		expect(report).toMatchObject({ supported: 1, unsupported: 1, share: 0.5, grounded: false });
	});

	it('names numbers that the evidence does not hold', async () => {
		const [right, wrong] = (
			await checkGrounding(
				'She was captured by 2 Union monitors in 1863. She was captured by 3 Union monitors in 1865.',
				passages,
			)
		).sentences;
		expect(right?.missingNumbers).toEqual([]);
		expect(wrong?.missingNumbers).toEqual(['3', '1865']);
		expect(right?.score).toBeGreaterThan(1.5 * (wrong?.score ?? 1));
	});

	it('sees that one side denies what the other says', async () => {
		const [denied] = (await checkGrounding('The ship was not captured by Union monitors.', passages))
			.sentences;
		expect(denied?.negationDiffers).toBe(true);
	});

	it('reads citation marks, also behind the full stop, and looks only there', async () => {
		const answer = 'The ship was lost at sea.[2] The ship was lost at sea. [1]';
		const { sentences } = await checkGrounding(answer, passages);
		expect(sentences.map(({ cited, state }) => [cited, state])).toEqual([
			[['2'], 'supported'],
			[['1'], 'unsupported'],
		]);
		for (const { text, start, end } of sentences) expect(answer.slice(start, end)).toBe(text);
		const anywhere = await checkGrounding(answer, passages, {}, { citedOnly: false });
		expect(anywhere.grounded).toBe(true);
	});

	it('leaves brackets that are no label in the text', async () => {
		const [sentence] = (await checkGrounding('The ship [sic] was lost at sea.', passages)).sentences;
		expect(sentence).toMatchObject({ cited: [], text: 'The ship [sic] was lost at sea.' });
	});

	it('does not judge questions, headings and empty phrases', async () => {
		const { sentences, share } = await checkGrounding('In short:\nIs there more?\nYes.', passages);
		expect(sentences.map(({ state }) => state)).toEqual(['noClaim', 'noClaim', 'noClaim']);
		expect(share).toBe(1);
	});

	it('lets meaning count where an embedding is handed in', async () => {
		const same = new Float32Array([1, 0]);
		const other = new Float32Array([0, 1]);
		const embed = async (texts: readonly string[]) =>
			texts.map((text) => (/sunk|lost at sea/.test(text) ? same : other));
		const claim = 'The vessel was sunk.';
		const words = (await checkGrounding(claim, passages)).sentences[0];
		const meaning = (await checkGrounding(claim, passages, { meaning: { embed, other: 0, same: 1 } }))
			.sentences[0];
		expect(words?.score).toBe(0);
		expect(meaning?.score).toBeCloseTo(2 / 3);
	});

	it('fails clearly on an embedding that loses texts', async () => {
		const embed = async () => [new Float32Array(2)];
		await expect(
			checkGrounding('It was lost at sea.', passages, { meaning: { embed, other: 0, same: 1 } }),
		).rejects.toThrow(/1 vectors for/);
	});

	it('refuses to work without passages, or on more than it can bound', async () => {
		await expect(checkGrounding('It was lost.', [])).rejects.toThrow(AnsweringError);
		await expect(checkGrounding('It was lost.', [{ text: 'a '.repeat(600_000) }])).rejects.toThrow(
			/at most 1000000/,
		);
	});

	it('gives the event loop its turn on long passages', async () => {
		let turns = 0;
		const count = setInterval(() => turns++, 1);
		await checkGrounding('It was lost at sea in 1869.', [
			{ text: 'The sea is deep and wide. '.repeat(20_000) },
		]);
		clearInterval(count);
		expect(turns).toBeGreaterThan(5);
	});

	interface Pair {
		readonly document: string;
		readonly kind: 'paraphrase' | 'changed' | 'unrelated';
		readonly change?: string;
		readonly answer: string;
		readonly passage: string;
	}
	/** Pairs that nothing was chosen on. */
	const pairs = readFileSync(join(__dirname, '../../fixtures/grounding/pairs.jsonl'), 'utf8')
		.trim()
		.split('\n')
		.map((line) => JSON.parse(line) as Pair)
		.filter(({ document }) => Number(document.split('-')[1]) > 100);
	const shares = async (chosen: readonly Pair[], services?: GroundingServices) => {
		const right = { paraphrase: [0, 0], changed: [0, 0], unrelated: [0, 0] };
		for (const { kind, change, answer, passage: text } of chosen) {
			if (change === 'other') continue;
			const { grounded } = await checkGrounding(answer, [{ text }], services);
			right[kind][0] = (right[kind][0] ?? 0) + Number(grounded === (kind === 'paraphrase'));
			right[kind][1] = (right[kind][1] ?? 0) + 1;
		}
		return Object.fromEntries(Object.entries(right).map(([kind, [hits = 0, all = 1]]) => [kind, hits / all]));
	};

	it('catches changed and invented sentences in five languages, by words alone', async () => {
		const { changed, unrelated } = await shares(pairs);
		expect(changed).toBeGreaterThanOrEqual(0.9);
		expect(unrelated).toBeGreaterThanOrEqual(0.98);
	});

	it('with the multilingual model also supports what is said in other words', async () => {
		const reader = builtinEmbedder({ tier: 'multilingual' });
		const meaning = {
			embed: async (texts: readonly string[]) => await likenessVectorsOf(reader, texts),
			...(cosineLimitsOf(reader.model)?.statements ?? { other: 0, same: 1 }),
		};
		const some = pairs.filter(({ document }) => /10[12]$/.test(document));
		const { paraphrase, changed, unrelated } = await shares(some, { meaning });
		expect(paraphrase).toBeGreaterThanOrEqual(0.6);
		expect(changed).toBeGreaterThanOrEqual(0.8);
		expect(unrelated).toBeGreaterThanOrEqual(0.98);
		await reader.close();
	});
});
