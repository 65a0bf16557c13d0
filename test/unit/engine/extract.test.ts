import { type ChatRequest, type ChatResult, EnginePool } from '../../../lib/engine';
import { choiceOf, classify, sharesOf } from '../../../lib/engine/classify';
import { extract } from '../../../lib/engine/extract';
import { jsonCandidates } from '../../../lib/engine/jsonAnswer';
import { EngineError } from '../../../lib/engine';
import { replayServer } from './support/replayServer';

function answerOf(text: string, more: Partial<ChatResult> = {}): ChatResult {
	return {
		engine: 'e1',
		model: 'm',
		dialect: 'vllm',
		text,
		reasoning: '',
		toolCalls: [],
		finishReason: 'stop',
		usage: { promptTokens: 1, completionTokens: 1 },
		timings: { queueMs: 0, firstTokenMs: 1, totalMs: 1 },
		attempts: [],
		...more,
	};
}

/** A model that gives these answers in turn and keeps what it was asked. */
function scripted(...answers: readonly ChatResult[]) {
	const asked: ChatRequest[] = [];
	const complete = (request: ChatRequest): Promise<ChatResult> => {
		asked.push(request);
		return Promise.resolve(answers[Math.min(asked.length, answers.length) - 1] ?? answerOf(''));
	};
	return { asked, complete };
}

const schema = {
	$schema: 'https://json-schema.org/draft/2020-12/schema',
	type: 'object',
	properties: { city: { type: 'string', enum: ['Paris', 'Rome'] }, population: { type: 'integer' } },
	required: ['city', 'population'],
	additionalProperties: false,
};
const ask = { messages: [{ role: 'user' as const, content: 'Which city?' }], schema };

describe('extract', () => {
	test('gives the value that keeps to the schema', async () => {
		const model = scripted(answerOf('{"city":"Paris","population":2}'));
		const result = await extract<{ city: string }>(model.complete, ask, {});
		expect(result.value).toEqual({ city: 'Paris', population: 2 });
		expect(result.repairs).toBe(0);
		expect(model.asked[0]?.responseFormat).toEqual({ type: 'jsonSchema', schema, fallback: 'prompt' });
	});

	test('shows the model its errors and asks again', async () => {
		const model = scripted(
			answerOf('{"city":"Berlin"}'),
			answerOf('Sure! ```json\n{"city":"Rome","population":3}\n```'),
		);
		const result = await extract(model.complete, ask, {});
		expect(result.value).toEqual({ city: 'Rome', population: 3 });
		expect(result.repairs).toBe(1);
		// Both calls are paid for.
		expect(result.usage).toMatchObject({ promptTokens: 2, completionTokens: 2 });
		const shown = model.asked[1]?.messages.slice(1) ?? [];
		expect(shown[0]).toEqual({ role: 'assistant', content: '{"city":"Berlin"}' });
		expect(shown[1]?.content).toMatch(/required property 'population'/);
		expect(shown[1]?.content).toMatch(/\/city must be equal to one of the allowed values \(Paris,Rome\)/);
	});

	test('gives up after so many repairs, with the answer and what is wrong', async () => {
		const model = scripted(answerOf('{"city":"Berlin","population":1}'));
		const failure: unknown = await extract(model.complete, { ...ask, maxRepairs: 1 }, {}).catch(
			(error: unknown) => error,
		);
		expect(failure).toMatchObject({
			kind: 'badAnswer',
			partial: { text: '{"city":"Berlin","population":1}' },
		});
		expect(String(failure)).toMatch(/\/city/);
		expect(model.asked).toHaveLength(2);
	});

	test('an answer that was cut is not parsed, even where it happens to be JSON', async () => {
		const model = scripted(
			answerOf('{"city":"Rome","population":3}', { finishReason: 'length' }),
			answerOf('{"city":"Rome","population":30}'),
		);
		expect((await extract<{ population: number }>(model.complete, ask, {})).value.population).toBe(30);
		expect(model.asked[1]?.messages.at(-1)?.content).toMatch(/cut off/);
	});

	test('refuses a schema that is none before it asks', async () => {
		const model = scripted(answerOf('{}'));
		await expect(extract(model.complete, { ...ask, schema: { type: 'nonsense' } }, {})).rejects.toMatchObject(
			{ kind: 'invalidRequest' },
		);
		expect(model.asked).toHaveLength(0);
	});

	test('an engine without schemas gets an instruction and JSON mode or nothing', async () => {
		const server = await replayServer(
			() => ({
				chunks: [
					'data: {"choices":[{"index":0,"delta":{"content":"{\\"city\\":\\"Rome\\",\\"population\\":1}"},"finish_reason":"stop"}]}\n\n',
				],
				end: 'complete',
			}),
			{ unlisted: true },
		);
		const pool = new EnginePool([{ dialect: 'freellmapi', baseUrl: server.url }], { allowRemote: true });
		await pool.extract({ ...ask, model: 'auto' });
		expect(server.requests[0]?.body).toMatchObject({
			response_format: { type: 'json_object' },
			messages: [
				{ role: 'system', content: expect.stringMatching(/JSON Schema[\s\S]*"city"/) },
				{ role: 'user' },
			],
		});
		await pool.close();
		await server.close();
	});

	test('a schema that the engine’s grammar refuses goes into the prompt instead, and stays there', async () => {
		const asked: ChatRequest[] = [];
		const complete = (request: ChatRequest): Promise<ChatResult> => {
			asked.push(request);
			if (request.responseFormat !== undefined) {
				return Promise.reject(
					new EngineError('invalidRequest', 'no', { engineMessage: 'Failed to parse grammar: pattern' }),
				);
			}
			return Promise.resolve(
				answerOf(asked.length < 3 ? '{"city":"Oslo"}' : '{"city":"Rome","population":3}'),
			);
		};
		const result = await extract(complete, ask, {});
		expect(result.value).toEqual({ city: 'Rome', population: 3 });
		expect(asked.map(({ responseFormat }) => responseFormat?.type)).toEqual([
			'jsonSchema',
			undefined,
			undefined,
		]);
		expect(asked[1]?.messages[0]).toMatchObject({
			role: 'system',
			content: expect.stringMatching(/JSON Schema[\s\S]*population/),
		});
		const other = () =>
			Promise.reject(new EngineError('invalidRequest', 'no', { engineMessage: 'bad temperature' }));
		await expect(extract(other, ask, {})).rejects.toMatchObject({ engineMessage: 'bad temperature' });
	});

	test('keywords that are new in 2020-12 count, with and without $schema', async () => {
		const pair = { type: 'array', prefixItems: [{ type: 'string' }, { type: 'integer' }], items: false };
		for (const extra of [{}, { $schema: 'https://json-schema.org/draft/2020-12/schema' }]) {
			const model = scripted(answerOf('["a","b"]'), answerOf('["a",2]'));
			const result = await extract(model.complete, { ...ask, schema: { ...pair, ...extra } }, {});
			expect(result.value).toEqual(['a', 2]);
			expect(result.repairs).toBe(1);
		}
	});

	test.each([
		['I weigh {this}</think>{"a":1}', '{"a":1}'],
		['{"a":"</think>"}', '{"a":"</think>"}'],
		['{"a":1}', '{"a":1}'],
		['```json\n{"a":1}\n```', '{"a":1}'],
		['Here you are: {"a":[1]} Bye', '{"a":[1]}'],
		['[1,2]', '[1,2]'],
		['no json', 'no json'],
	])('finds the JSON in %s', (text, json) => {
		expect(jsonCandidates(text)).toContain(json);
	});

	test('takes JSON that holds a code block as it is', async () => {
		const answer = { city: 'Rome', population: 1, how: 'Run:\n```bash\nls {a}\n```\nThen wait.' };
		const open = { ...schema, additionalProperties: true };
		const model = scripted(answerOf(JSON.stringify(answer)));
		expect(await extract(model.complete, { ...ask, schema: open }, {})).toMatchObject({
			value: answer,
			repairs: 0,
		});
	});

	test.each([
		'First I thought\n```json\n{"city": "x"}\n```\nbut the right one is\n```json\n{"city":"Rome","population":2}\n```',
		'{"city":"Oslo","population":1}? No, {this} is it: {"city":"Rome","population":2}. [Done.]',
		'{"city":"Rome","population":2}\nI hope this helps {you}!',
		'<think>{"city":"Paris","population":9}</think>{"city":"Rome","population":2}',
	])('takes the value that keeps to the schema, wherever it stands: %j', async (text) => {
		const model = scripted(answerOf(text));
		expect(await extract(model.complete, ask, {})).toMatchObject({
			value: { city: 'Rome', population: 2 },
			repairs: 0,
		});
	});

	test('holds the model to formats', async () => {
		const due = {
			type: 'object',
			properties: { due: { type: 'string', format: 'date' } },
			required: ['due'],
		};
		const model = scripted(
			answerOf('{"due":"31.12.2026"}'),
			answerOf('{"due":"2026-02-30"}'),
			answerOf('{"due":"2026-12-31"}'),
		);
		expect(await extract(model.complete, { ...ask, schema: due }, {})).toMatchObject({
			value: { due: '2026-12-31' },
			repairs: 2,
		});
	});

	test('says what a model said that refuses', async () => {
		const model = scripted(answerOf('I cannot help with that.'));
		await expect(extract(model.complete, ask, {})).rejects.toThrow(/It said: "I cannot help with that\."/);
	});

	test('keeps numbers that JavaScript would round as they are written', async () => {
		const numbers = { type: 'object', properties: { a: { type: 'number' } } };
		const model = scripted(
			answerOf('{"a":12345678901234567890,"b":0.1234567890123456789,"c":10.10,"d":1e21,"e":5}'),
		);
		expect((await extract(model.complete, { ...ask, schema: numbers }, {})).value).toEqual({
			...{ a: '12345678901234567890', b: '0.1234567890123456789', c: 10.1, d: 1e21, e: 5 },
		});
	});
});

describe('classify', () => {
	const labels = [{ name: 'invoice', description: 'asks for money' }, { name: 'Complaint' }];
	const top = (...shares: readonly (readonly [string, number])[]) => [
		{
			token: shares[0]?.[0] ?? '',
			logprob: Math.log(shares[0]?.[1] ?? 1),
			top: shares.map(([token, p]) => ({ token, logprob: Math.log(p) })),
		},
	];

	test('names the class, with its share among the alternatives of the deciding token', async () => {
		const model = scripted(answerOf('invoice', { logprobs: top(['inv', 0.6], ['Com', 0.2], ['xyz', 0.2]) }));
		const result = await classify(model.complete, { text: 'Please pay', labels }, {});
		expect(result.label).toBe('invoice');
		expect(result.confidence).toBeCloseTo(0.75);
		expect(result.shares?.Complaint).toBeCloseTo(0.25);
		expect(model.asked[0]?.responseFormat).toMatchObject({
			type: 'choice',
			options: ['invoice', 'Complaint', 'none of these'],
		});
	});

	test('thinking that stood before the answer does not count', async () => {
		const thought = { token: '<think>hm</think>', logprob: Math.log(0.1), top: [] };
		const model = scripted(
			answerOf('invoice', { logprobs: [thought, ...top(['invoice', 0.6], ['Com', 0.2])] }),
		);
		const result = await classify(model.complete, { text: 'Please pay', labels }, {});
		expect(result.confidence).toBeCloseTo(0.75);
	});

	test('none of these, and too little confidence, give no label', async () => {
		expect(
			(await classify(scripted(answerOf('"none of these"')).complete, { text: 'x', labels }, {})).label,
		).toBeNull();
		const unsure = scripted(answerOf('invoice', { logprobs: top(['inv', 0.5], ['Com', 0.4]) }));
		expect((await classify(unsure.complete, { text: 'x', labels, minConfidence: 0.8 }, {})).label).toBeNull();
	});

	test('without log-probabilities there is no confidence rather than a made-up one', async () => {
		let calls = 0;
		const complete = (request: ChatRequest): Promise<ChatResult> => {
			calls++;
			return request.logprobs === undefined
				? Promise.resolve(answerOf('complaint.'))
				: Promise.reject(new EngineError('unsupported', 'no logprobs'));
		};
		const result = await classify(complete, { text: 'x', labels }, {});
		expect(result.label).toBe('Complaint');
		expect(result).not.toHaveProperty('confidence');
		expect(calls).toBe(2);
	});

	test('a model that thinks first gets the room for it', async () => {
		const thinking = answerOf('', { finishReason: 'length', reasoning: 'Let me see' });
		const model = scripted(thinking, answerOf('invoice'));
		expect((await classify(model.complete, { text: 'x', labels }, {})).label).toBe('invoice');
		expect(model.asked.map(({ maxTokens }) => maxTokens)).toEqual([64, 4_096]);
		await expect(
			classify(scripted(answerOf('', { finishReason: 'length' })).complete, { text: 'x', labels }, {}),
		).rejects.toMatchObject({ kind: 'badAnswer' });
	});

	test('an answer that is no class is an error, not the nearest one', async () => {
		await expect(
			classify(scripted(answerOf('I think maybe')).complete, { text: 'x', labels }, {}),
		).rejects.toMatchObject({ kind: 'badAnswer' });
		await expect(
			classify(scripted().complete, { text: 'x', labels: [{ name: 'a' }, { name: 'A ' }] }, {}),
		).rejects.toMatchObject({ kind: 'invalidRequest' });
		await expect(classify(scripted().complete, { text: 'x', labels: [] }, {})).rejects.toMatchObject({
			kind: 'invalidRequest',
		});
	});

	test('reads the choice out of quotes and sentences, only where it is the only one', () => {
		expect(choiceOf('"Invoice".', ['invoice', 'complaint'])).toBe('invoice');
		expect(choiceOf('It is a complaint', ['invoice', 'complaint'])).toBe('complaint');
		expect(choiceOf('invoice or complaint', ['invoice', 'complaint'])).toBeUndefined();
	});

	test('labels that begin alike have no shares', () => {
		expect(sharesOf(top(['in', 0.9]), ['invoice', 'inquiry'])).toBeUndefined();
	});
});
