import { answerFromPassages } from '../../../lib/answering';
import type { ChatRequest, ChatResult } from '../../../lib/engine';

const passages = [
	{ text: 'The bridge opened in 1932.', source: 'bridge.md', title: 'Bridge' },
	{ text: 'It was painted grey.', source: 'paint.md' },
];

/** An engine that says what it is told to and remembers what it was asked. */
function speaking(text: string, found?: boolean) {
	const asked: ChatRequest[] = [];
	const complete = async (request: ChatRequest): Promise<ChatResult> => {
		asked.push(request);
		return {
			text,
			reasoning: '',
			toolCalls: [],
			engine: 'test',
			model: 'm',
			dialect: 'openai',
			finishReason: 'stop',
			usage: { promptTokens: 1, completionTokens: 1 },
			timings: { queueMs: 0, firstTokenMs: 0, totalMs: 0 },
			attempts: [],
			...(found === undefined ? {} : { found }),
		};
	};
	return { asked, complete };
}

describe('an answer from passages', () => {
	test('numbers the passages, asks the question last and returns checked citations', async () => {
		const engine = speaking('In 1932 [1], says [9].');
		const answer = await answerFromPassages(engine, { question: ' When? ', passages });
		expect(answer).toMatchObject({
			answer: 'In 1932 [1], says.',
			found: true,
			unknownMarkers: [9],
			leftOut: 0,
		});
		expect(answer.citations).toEqual([{ ...passages[0], marker: 1 }]);
		const [system, user] = engine.asked[0]?.messages ?? [];
		expect(system?.role).toBe('system');
		expect(user?.content).toBe(
			'Passages:\n{"number":1,"source":"bridge.md","title":"Bridge","text":"The bridge opened in 1932."}\n{"number":2,"source":"paint.md","text":"It was painted grey."}\n\nQuestion: When?',
		);
		expect(engine.asked[0]).toMatchObject({ question: 'When?', passages, temperature: 0 });
	});

	test('the word for "not in the passages" becomes a sentence, and found is false', async () => {
		const answer = await answerFromPassages(speaking(' NOT_IN_PASSAGES.'), { question: 'Why?', passages });
		expect(answer.found).toBe(false);
		expect(answer.answer).toContain('I do not know');
		expect(answer.citations).toEqual([]);
	});

	test('the built-in answerer’s own verdict counts', async () => {
		const answer = await answerFromPassages(speaking('I cannot say.', false), { question: 'Why?', passages });
		expect(answer).toMatchObject({ found: false, answer: 'I cannot say.' });
	});

	test('passages beyond the bound are left out whole and counted; the best one always stays', async () => {
		const engine = speaking('Grey [2].');
		const answer = await answerFromPassages(engine, {
			question: 'Colour?',
			passages,
			maxPassageCharacters: 10,
		});
		expect(answer.leftOut).toBe(1);
		expect(engine.asked[0]?.passages).toEqual([passages[0]]);
		expect(answer.unknownMarkers).toEqual([2]);
	});

	test('an empty question is refused before any engine is asked', async () => {
		const engine = speaking('x');
		await expect(answerFromPassages(engine, { question: '  ', passages })).rejects.toMatchObject({
			kind: 'invalidRequest',
		});
		expect(engine.asked).toEqual([]);
	});
});
