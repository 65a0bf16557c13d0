// Two prompts or two models on a saved list of questions.
import type { IDataObject } from 'n8n-workflow';
import { compare } from '../../../../nodes/Experiment/actions/comparison/compare.operation';
import { type Asked, type ChatEngine, startChatEngine } from '../../../support/chatEngine';
import { outputOf } from '../../../support/operation';
import { useFolderForAll } from '../tenants/tenants';

useFolderForAll();

let engine: ChatEngine;
beforeAll(async () => {
	engine = await startChatEngine(reply, ['small', 'large']);
});
afterAll(async () => await engine.close());

/** Answers politely when told to, and judges for the polite answer, wherever it stands. */
function reply({ messages }: Asked): string {
	const text = messages.map(({ content }) => content).join('\n');
	if (text.includes('You judge answers')) {
		const [a = '', b = ''] = [/<answer A>\n([^<]*)/, /<answer B>\n([^<]*)/].map(
			(each) => each.exec(text)?.[1],
		);
		const better = a.includes('please') === b.includes('please') ? 'tie' : a.includes('please') ? 'A' : 'B';
		return JSON.stringify({ reason: 'politeness', better });
	}
	if (text.includes('broken')) return '';
	return text.includes('polite') ? 'Yes, please.' : 'Yes.';
}

const questions = (count: number) =>
	Array.from({ length: count }, (_, i) => ({ json: { question: `Question ${i}?`, row: i } }));

const run = async (parameters: IDataObject, items = questions(12), more = {}) =>
	await outputOf(compare, {
		parameters,
		items,
		node: { credentials: { localEngineApi: { id: '1', name: 'engine' } } },
		credentials: () => ({ dialect: 'openai', baseUrl: engine.url, chatModel: 'small' }),
		...more,
	});

/** The only item of a report. */
async function reportOf(...given: Parameters<typeof run>): Promise<{ json: IDataObject; page?: string }> {
	const [item] = await run(...given);
	if (!item) throw new Error('There is no report');
	return { json: item.json, page: item.binary?.page?.mimeType };
}

const two = { promptA: 'Be brief.', promptB: 'Be polite.' };

it('says which prompt is better, with an interval, every question and a page', async () => {
	const { json, page } = await reportOf(two);
	expect(json).toMatchObject({ verdict: 'B is better', questions: 12, winsB: 12, failed: [] });
	expect(json.preferB).toEqual({ percent: 100, low: expect.any(Number), high: 100 });
	expect((json.results as unknown[]).length).toBe(12);
	expect(page).toBe('text/html');
	expect(json.report).toMatchObject({ title: 'Prompt A and prompt B' });
});

it('says that few questions are too few', async () => {
	const { json } = await reportOf(two, questions(4));
	expect(json).toMatchObject({ verdict: 'too few to say', winsB: 4 });
	expect(json.explanation).toContain('4 questions are too few');
});

it('two prompts that change nothing give ties', async () => {
	const { json } = await reportOf({ promptA: 'Be brief.', promptB: 'Be short.' });
	expect(json).toMatchObject({ verdict: 'no difference found', ties: 12 });
});

it('two models: each is asked by its name', async () => {
	engine.asked.length = 0;
	await run({ compareWhat: 'models', modelA: 'small', modelB: 'large' }, questions(2));
	const models = new Set(engine.asked.map((asked) => (asked as Asked & { model: string }).model));
	expect([...models]).toEqual(expect.arrayContaining(['small', 'large']));
});

it('writes both answers for people to rate, one item per question in their order, and reads their ratings', async () => {
	const output = await run({ ...two, decidedBy: 'later' });
	expect(output.map(({ json }) => [json.row, json.answerA, json.answerB, json.preference])).toEqual(
		questions(12).map(({ json: { row } }) => [row, 'Yes.', 'Yes, please.', undefined]),
	);
	engine.asked.length = 0;
	const rated = output.map(({ json }, i) => ({ json: { ...json, preference: i < 11 ? ' b' : 'Tie' } }));
	const { json } = await reportOf({ decidedBy: 'ratings' }, rated as never);
	expect(json).toMatchObject({ verdict: 'B is better', winsB: 11, ties: 1 });
	expect(engine.asked).toHaveLength(0);
});

it.each([
	[{ promptA: 'Same.', promptB: 'Same.' }, 'A and B are the same'],
	[{ compareWhat: 'models', modelA: 'small' }, '"Model B" is empty'],
	[{ decidedBy: 'ratings' }, '"Preference Field" is missing'],
])('%j is refused with a sentence', async (parameters, sentence) => {
	await expect(run(parameters)).rejects.toThrow(sentence);
});

it('a question that cannot be answered is left out and named', async () => {
	const items = [...questions(10), { json: { question: '', row: 10 } }];
	const output = await run(two, items as never, { continueOnFail: true });
	expect(output.map(({ json }) => json.verdict ?? json.error)).toEqual([
		'B is better',
		expect.stringContaining('is empty'),
	]);
});
