import { completeQuestion, isFollowUp } from '../../../lib/answering/followUp';
import type { ChatRequest, ChatResult } from '../../../lib/engine';

const BEFORE = [{ question: 'How long is the warranty for new bicycles?' }];

/** An engine that writes this, and remembers what it was asked. */
function engineThatWrites(text: string, finishReason: ChatResult['finishReason'] = 'stop') {
	const asked: ChatRequest[] = [];
	const complete = (request: ChatRequest): Promise<ChatResult> => {
		asked.push(request);
		return Promise.resolve({
			engine: 'e',
			model: 'm',
			dialect: 'openai',
			text,
			reasoning: '',
			toolCalls: [],
			finishReason,
			usage: { promptTokens: 0, completionTokens: 0, estimated: true },
			timings: { queueMs: 0, firstTokenMs: 0, totalMs: 0 },
			attempts: [],
		});
	};
	return { asked, complete };
}

describe('a follow-up question', () => {
	test.each([
		'And the second one?',
		'and for used ones?',
		'What about tandems?',
		'Why?',
		'Is it transferable?',
		'Und für gebrauchte?',
		'Was ist mit Tandems?',
		'Und das zweite?',
		'Et pour les vélos usagés ?',
		'Et la deuxième ?',
		'¿Y el segundo?',
		'Y para las usadas?',
		'E per le usate?',
		'А второй?',
		'Peki ikincisi?',
	])('is recognised: %s', (question) => {
		expect(isFollowUp(question)).toBe(true);
	});

	test.each([
		'How many people work in the harbour office?',
		'Is there parking?',
		'What time is the first train?',
		'insulin price',
		'warranty',
		'Gibt es Rabatt?',
		'Was kostet das Paket?',
		'Haben Sie Fahrräder?',
		'Y a-t-il un rabais ?',
		'Est-ce que le magasin vend des vélos ?',
		'¿Cuánto cuesta el envío?',
		'Quanto costa la spedizione?',
	])('is none: %s', (question) => {
		expect(isFollowUp(question)).toBe(false);
	});
});

describe('a question is made whole', () => {
	test.each([
		['And for used ones?', 'How long is the warranty for new bicycles? And for used ones?'],
		['And who pays for it?', 'And who pays for it? (long warranty new bicycles)'],
	])('without an engine by the words of the one before: %s', async (question, whole) => {
		expect(await completeQuestion(question, BEFORE)).toEqual({ question: whole, completedBy: 'words' });
	});

	test('by the last question that stood by itself, without the names and numbers that it asked about', async () => {
		const turns = [
			{ question: 'How much does the Trail 500 cost?' },
			{ question: 'How much does the cost? And the Trail 700?', asked: 'And the Trail 700?' },
		];
		expect(await completeQuestion('And the City 3 Electric?', turns)).toEqual({
			question: 'How much does the cost? And the City 3 Electric?',
			completedBy: 'words',
		});
		expect(await completeQuestion('And its delivery time?', turns.slice(0, 1))).toEqual({
			question: 'How much does the Trail 500 cost? And its delivery time?',
			completedBy: 'words',
		});
	});

	test('and stays as it is at the beginning of a conversation, or where it stands by itself', async () => {
		expect(await completeQuestion(' And for used ones? ', [])).toEqual({ question: 'And for used ones?' });
		const alone = 'When does the harbour office open on Sundays?';
		expect(await completeQuestion(alone, BEFORE)).toEqual({ question: alone });
	});

	test('by an engine, which is shown the conversation as data', async () => {
		const engine = engineThatWrites('"How long is the warranty for used bicycles?"');
		const turns = [{ ...BEFORE[0], question: 'How long is the warranty?', answer: 'Two years [1].' }];
		expect(await completeQuestion('And for used ones?', turns, { engines: engine })).toEqual({
			question: 'How long is the warranty for used bicycles?',
			completedBy: 'engine',
		});
		expect(engine.asked[0]?.messages.at(-1)?.content).toContain(
			'{"question":"How long is the warranty?","answer":"Two years [1]."}',
		);
	});

	test.each([
		['', 'stop'],
		['The warranty is two years.\nAnything else?', 'stop'],
		['How long is', 'length'],
	] as const)('by words where the engine wrote no question: %j (%s)', async (text, finishReason) => {
		const engine = engineThatWrites(text, finishReason);
		expect(await completeQuestion('And for used ones?', BEFORE, { engines: engine })).toMatchObject({
			completedBy: 'words',
		});
	});
});
