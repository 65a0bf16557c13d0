import { builtinEmbedder } from '../../../lib/embedding';
import { type ChatRequest, EnginePool } from '../../../lib/engine';
import { createExtractiveAnswerer, DOES_NOT_KNOW } from '../../../lib/answering';
import { quotableSentences } from '../../../lib/answering/quotable';
import { wordShares } from '../../../lib/answering/similarity';
import { replayServer } from '../engine/support/replayServer';

const embedder = builtinEmbedder({ tier: 'multilingual' });
const answer = createExtractiveAnswerer(() => embedder);
afterAll(() => embedder.close());

const PASSAGES = [
	{
		source: 'museum.md',
		text: '# Opening hours\n\nThe museum opens at nine in the morning and closes at six. On Mondays it stays closed.\n\n- Guided tours start at eleven.',
	},
	{
		source: 'tram.md',
		text: 'Line 4 goes from the main station to the museum. A ticket costs three euros\nand is valid for ninety minutes.',
	},
	{ source: 'food.md', text: 'The café in the courtyard serves soup, bread and cake.' },
];

describe('the extractive answerer', () => {
	test.each([
		['When does the museum open?', /opens at nine in the morning.*\[1\]/, 0],
		['How much is a tram ticket?', /ticket costs three euros and is valid for ninety minutes\. \[2\]/, 1],
		['What can I eat in the courtyard?', /serves soup, bread and cake\. \[3\]/, 2],
		['When do guided tours begin?', /Guided tours start at eleven\. \[1\]/, 0],
	])('%s', async (question, expected, passage) => {
		const { text, cited, found } = await answer(PASSAGES, question);
		expect(found).toBe(true);
		expect(text).toMatch(expected);
		expect(cited[0]).toBe(passage);
	});

	test.each(['Who won the world cup in 1998?', 'What is the boiling point of mercury?', 'xyzzy'])(
		'says that it does not know: %s',
		async (question) => {
			expect(await answer(PASSAGES, question)).toMatchObject({
				text: DOES_NOT_KNOW,
				cited: [],
				found: false,
			});
		},
	);

	test('says so without passages, and refuses an empty question', async () => {
		expect((await answer([], 'When?')).found).toBe(false);
		await expect(answer(PASSAGES, ' ')).rejects.toMatchObject({ kind: 'invalidRequest' });
	});

	test('quotes: every sentence of the answer is in the passage it cites', async () => {
		const { text } = await answer(PASSAGES, 'museum hours and tickets');
		const whole = PASSAGES.map((passage) => passage.text.replace(/\s+/g, ' '));
		for (const [, sentence, number] of text.matchAll(/(.*?) \[(\d+)\]\s?/g)) {
			expect(whole[Number(number) - 1]).toContain(sentence?.trim());
		}
	});
});

describe('the built-in tier', () => {
	const request: ChatRequest = {
		messages: [{ role: 'user', content: 'When does the museum open?' }],
		passages: PASSAGES,
		question: 'When does the museum open?',
	};

	test('answers where there is no engine, and says who it is', async () => {
		const result = await new EnginePool([], { builtin: { answer } }).complete(request);
		expect(result).toMatchObject({
			engine: 'built-in',
			model: 'extractive',
			dialect: 'builtin',
			found: true,
			cited: [0],
		});
	});

	test('takes over from engines that are down, in streams too, with their attempts', async () => {
		const pool = new EnginePool(
			[{ name: 'e1', dialect: 'openai', baseUrl: 'http://127.0.0.1:1', models: { chat: 'm' } }],
			{ builtin: { answer }, rounds: 0 },
		);
		const result = await pool.complete(request);
		expect(result.attempts).toMatchObject([
			{ engine: 'e1', outcome: 'unreachable' },
			{ engine: 'built-in', outcome: 'ok' },
		]);
		const events = [];
		for await (const event of pool.chat(request)) events.push(event);
		expect(events.map(({ type }) => type)).toEqual(['start', 'text', 'end']);
		expect(events[0]).toMatchObject({ engine: 'built-in', model: 'extractive' });
		await pool.close();
	});

	test('does not hide a wrong request, and answers nothing without passages', async () => {
		const server = await replayServer(() => ({
			status: 400,
			body: { error: 'temperature must be positive' },
		}));
		const pool = new EnginePool([{ dialect: 'openai', baseUrl: server.url, models: { chat: 'm' } }], {
			builtin: { answer },
			rounds: 0,
		});
		await expect(pool.complete(request)).rejects.toMatchObject({ kind: 'invalidRequest' });
		await expect(
			new EnginePool([], { builtin: { answer } }).complete({ messages: request.messages }),
		).rejects.toMatchObject({
			kind: 'unsupported',
			message: expect.stringMatching(/Add one to the credential/),
		});
		await pool.close();
		await server.close();
	});
});

test('sentences end at stops, list items and headings, and go over wrapped lines', () => {
	expect(quotableSentences(PASSAGES).map(({ text, passage }) => `${passage} ${text}`)).toEqual([
		'0 The museum opens at nine in the morning and closes at six.',
		'0 On Mondays it stays closed.',
		'0 Guided tours start at eleven.',
		'1 Line 4 goes from the main station to the museum.',
		'1 A ticket costs three euros and is valid for ninety minutes.',
		'2 The café in the courtyard serves soup, bread and cake.',
	]);
});

test('rare words weigh more than common ones', () => {
	const [a = 0, b = 0, c = 0] = wordShares('museum zebra', ['the museum', 'museum and zebras', 'nothing']);
	expect(b).toBeGreaterThan(a);
	expect(a).toBeGreaterThan(c);
	expect(c).toBe(0);
});
