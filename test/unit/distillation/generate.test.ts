import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
	compareAnswers,
	forbids,
	generate,
	PASSAGE_SCHEMA,
	promptFromPassage,
	recordFromPair,
	recordStore,
	scoreAnswer,
	type Complete,
	type Generated,
	type GenerateOptions,
	type GenerateReport,
	type Prompt,
} from '../../../lib/distillation';
import { asked, teacher } from './teacher';

const prompt = (text: string): Prompt => ({ messages: [{ role: 'user', content: text }] });

async function run(
	prompts: Iterable<Prompt> | AsyncIterable<Prompt>,
	options: GenerateOptions,
	signal?: AbortSignal,
): Promise<{ rows: Generated[]; report: GenerateReport }> {
	const work = generate(prompts, options, signal === undefined ? {} : { signal });
	const rows: Generated[] = [];
	for (;;) {
		const step = await work.next();
		if (step.done === true) return { rows: rows.sort((a, b) => a.position - b.position), report: step.value };
		rows.push(step.value);
	}
}

test('each prompt becomes a record with answer, usage, licence and log probabilities', async () => {
	const asked: unknown[] = [];
	const complete = teacher(
		(request) => (
			asked.push(request),
			{ text: 'A', logprobs: [{ token: 'A', logprob: -0.1, top: [{ token: 'A', logprob: -0.1 }] }] }
		),
	);
	const { rows, report } = await run([prompt('Q1'), prompt('Q2')], {
		complete,
		model: 'big',
		licence: 'apache-2.0',
		logprobs: 5,
		maxTokens: 50,
	});
	expect(report).toEqual({ answered: 2, known: 0, rejected: 0, failed: 0, tokens: 2 * 15 });
	expect(rows[0]?.record).toMatchObject({
		messages: [{ content: 'Q1' }],
		answers: [{ content: 'A', finishReason: 'stop', logprobs: { k: 1, temperature: 0 } }],
		licence: 'apache-2.0',
		engine: 'test',
		usage: { promptTokens: 10, completionTokens: 5 },
	});
	expect(asked[0]).toMatchObject({ model: 'big', temperature: 0, logprobs: 5, maxTokens: 50 });
});

test('samples with the temperatures given, drops unfinished and malformed ones', async () => {
	const temperatures: unknown[] = [];
	let number = 0;
	const complete = teacher((request) => {
		temperatures.push(request.temperature);
		return (
			[
				{ text: '{"a":1}' },
				{ text: '{"a"', finishReason: 'length' as const },
				{ text: 'prose' },
				{ text: '{"a":2}' },
			][number++ % 4] ?? {}
		);
	});
	const { rows } = await run([prompt('Q')], {
		complete,
		samples: 4,
		temperatures: [0, 0.5, 1],
		schema: { type: 'object' },
	});
	expect(temperatures).toEqual([0, 0.5, 1, 0]);
	expect(rows[0]?.record?.answers.map((answer) => answer.content)).toEqual(['{"a":1}', '{"a":2}']);
});

test('self-consistency keeps what most samples say and rejects prompts without agreement', async () => {
	const samples = ['42', '41', 'The answer: 42'];
	let number = 0;
	const complete = teacher((request) => {
		const question = asked(request);
		return {
			text: question === 'split' ? `answer ${number++}` : (['42', '41', ' 42. '][number++ % 3] ?? ''),
		};
	});
	const { rows, report } = await run([prompt('agree')], { complete, samples: 3, select: 'consistency' });
	expect(samples).toHaveLength(3);
	expect(rows[0]?.record?.answers.map((answer) => [answer.content.trim(), answer.score?.toFixed(2)])).toEqual(
		[
			['42', '0.67'],
			['41', '0.33'],
		],
	);
	expect(report.answered).toBe(1);
	const split = await run([prompt('split')], { complete, samples: 3, select: 'consistency' });
	expect(split.rows[0]).toMatchObject({ outcome: 'rejected', reason: expect.stringContaining('0.33') });
});

test.each([
	['-5 EUR', '5 EUR'],
	['a<b', 'a>b'],
	['5 mW', '5 MW'],
	['C++', 'C'],
	['1.5', '1,5'],
	['{"a":[1,2]}', '{"a":[2,1]}'],
	['(5)', '5'],
])('self-consistency does not take %j for %j', async (one, other) => {
	let number = 0;
	const complete = teacher(() => ({ text: number++ % 2 === 0 ? one : other }));
	const { rows } = await run([prompt('Q')], { complete, samples: 4, select: 'consistency', minScore: 0.6 });
	expect(rows[0]).toMatchObject({ outcome: 'rejected', reason: expect.stringContaining('0.50') });
});

test.each([
	['**Paris**.', 'paris'],
	['{"a":1,"b":[2]}', '{ "b": [2], "a": 1.0 }'],
	['The “answer” is 42!', 'the answer is 42.'],
])('self-consistency takes %j for %j', async (one, other) => {
	let number = 0;
	const complete = teacher(() => ({ text: number++ % 2 === 0 ? one : other }));
	const { rows } = await run([prompt('Q')], { complete, samples: 4, select: 'consistency' });
	expect(rows[0]?.record?.answers).toMatchObject([{ content: one, score: 1 }]);
});

test('self-consistency compares calls of tools by name and arguments', async () => {
	let number = 0;
	const pay = ['{"to":"a","sum":1}', '{"sum": 1, "to": "a"}', '{"to":"b","sum":1}'];
	const complete = teacher(() => ({
		finishReason: 'toolCalls' as const,
		toolCalls: [{ id: `${number}`, name: 'pay', arguments: pay[number++] ?? '' }],
	}));
	const { rows } = await run([prompt('Q')], { complete, samples: 3, select: 'consistency' });
	expect(rows[0]?.record?.answers.map(({ score }) => score?.toFixed(2))).toEqual(['0.67', '0.33']);
});

test('an answer that breaks the schema is none, and it is said how', async () => {
	let number = 0;
	const schema = { type: 'object', properties: { a: { type: 'number' } }, required: ['a'] };
	const answers = ['{"b":1}', '{"a":"one"}', '[1]', '{"a":1}'];
	const complete = teacher(() => ({ text: answers[number++ % 4] ?? '' }));
	const { rows } = await run([prompt('Q')], { complete, samples: 4, schema });
	expect(rows[0]?.record?.answers.map(({ content }) => content)).toEqual(['{"a":1}']);
	number = 0;
	const broken = await run([prompt('Q')], { complete, samples: 3, schema });
	expect(broken.rows[0]).toMatchObject({ outcome: 'rejected', reason: expect.stringMatching(/'a'|"a"/) });
});

test('a prompt that is none fails alone', async () => {
	const bad = [{}, { messages: [] }, null] as unknown as Prompt[];
	const complete = teacher(() => ({ text: 'A' }));
	const { rows, report } = await run([prompt('one'), ...bad, prompt('two')], { complete });
	expect(report).toMatchObject({ answered: 2, failed: bad.length });
	expect(rows[1]).toMatchObject({ outcome: 'failed', reason: expect.any(String) });
});

test('rejection sampling: the judge orders the samples, equal scores are compared in both orders', async () => {
	let number = 0;
	const complete = teacher((request) => {
		const question = asked(request);
		if (question.includes('Which answer')) {
			return {
				text: JSON.stringify({
					reason: '',
					better: question.indexOf('better text') < question.indexOf('<answer B>') ? 'A' : 'B',
				}),
			};
		}
		if (question.includes('score from 1'))
			return { text: `{"reason":"r","score":${question.includes('bad text') ? 1 : 4}}` };
		return { text: ['bad text', 'good text', 'better text'][number++ % 3] ?? '' };
	});
	const judge = { rubric: 'Be right.' };
	const { rows } = await run([prompt('Q')], { complete, samples: 3, select: 'judge', judge });
	expect(rows[0]?.record?.answers.map((answer) => [answer.content, answer.score])).toEqual([
		['better text', 0.75],
		['good text', 0.75],
		['bad text', 0],
	]);
	const strict = await run([prompt('Q')], { complete, samples: 3, select: 'judge', judge, minScore: 0.9 });
	expect(strict.rows[0]).toMatchObject({ outcome: 'rejected' });
});

describe('the judge', () => {
	test('a preference for a place is a tie, and said to be inconsistent', async () => {
		const complete = teacher(() => ({ text: '{"reason":"","better":"A"}' }));
		expect(await compareAnswers([], 'x', 'y', { complete, rubric: 'r' })).toMatchObject({
			better: 'tie',
			consistent: false,
			tokens: 30,
		});
	});

	test('prose around the JSON is read over; no score is zero with a reason', async () => {
		const call = (text: string) => scoreAnswer([], 'a', { complete: teacher(() => ({ text })), rubric: 'r' });
		expect(await call('Sure! {"reason":"fine","score":5}')).toMatchObject({ score: 1, reason: 'fine' });
		expect(await call('five')).toMatchObject({ score: 0, reason: 'the judge gave no score' });
		expect(await call('{"score":99,"reason":""}')).toMatchObject({ score: 0 });
	});
});

test('stops beginning prompts when the tokens are used up, and takes no more from the source', async () => {
	let taken = 0;
	function* endless() {
		for (;;) yield prompt(`Q${taken++}`);
	}
	const { report } = await run(endless(), {
		complete: teacher(() => ({ text: 'A' })),
		maxTotalTokens: 100,
		concurrency: 2,
	});
	expect(report.stopped).toBe('tokens');
	expect(report.tokens).toBeGreaterThanOrEqual(100);
	expect(report.tokens).toBeLessThanOrEqual(100 + 2 * 15);
	expect(taken).toBe(report.answered + 1);
	expect((await run(endless(), { complete: teacher(() => ({ text: 'A' })), maxMs: 0 })).report).toMatchObject(
		{ answered: 0, stopped: 'time' },
	);
});

test('runs at most so many prompts at once, and a failed one loses nothing else', async () => {
	let running = 0;
	let most = 0;
	const complete: Complete = async (request, call) => {
		most = Math.max(most, ++running);
		await new Promise((resolve) => setImmediate(resolve));
		running--;
		if (request.messages[0]?.content === 'Q3') throw new Error('engine gone');
		return teacher(() => ({ text: 'A' }))(request, call);
	};
	const { rows, report } = await run(
		Array.from({ length: 10 }, (_, number) => prompt(`Q${number}`)),
		{ complete, concurrency: 3 },
	);
	expect(most).toBe(3);
	expect(report).toMatchObject({ answered: 9, failed: 1 });
	expect(rows[3]).toMatchObject({ outcome: 'failed', reason: expect.stringContaining('engine gone') });
});

test('a second run asks only what the first did not answer', async () => {
	const folder = await mkdtemp(join(tmpdir(), 'generate-'));
	const store = await recordStore({ backend: 'sqlite', file: join(folder, 'r.sqlite') });
	let asked = 0;
	const complete = teacher(() => (asked++, { text: 'A' }));
	const prompts = Array.from({ length: 6 }, (_, number) => prompt(`Q${number}`));
	const first = generate(prompts, { complete, store, concurrency: 1, model: 'm' });
	await first.next();
	await first.next();
	await first.return({ answered: 0, known: 0, rejected: 0, failed: 0, tokens: 0 });
	const before = asked;
	expect((await store.count()).records).toBeGreaterThanOrEqual(2);
	const { report } = await run(prompts, { complete, store, model: 'm' });
	expect(report.known + report.answered).toBe(6);
	expect(report.known).toBeGreaterThanOrEqual(2);
	expect(asked - before).toBe(report.answered);
	expect((await store.count()).records).toBe(6);
	await store.close();
	await rm(folder, { recursive: true });
});

test('a consumer that stops, and a signal, end the requests that run', async () => {
	let ended = 0;
	const complete: Complete = (request, call) =>
		request.messages[0]?.content === 'quick'
			? teacher(() => ({ text: 'A' }))(request, call)
			: new Promise((_resolve, reject) =>
					call?.signal?.addEventListener('abort', () => (ended++, reject(new Error('aborted')))),
				);
	const work = generate([prompt('slow'), prompt('quick')], { complete, concurrency: 2 });
	await work.next();
	await work.return({ answered: 0, known: 0, rejected: 0, failed: 0, tokens: 0 });
	expect(ended).toBe(1);
	const controller = new AbortController();
	const cancelled = run([prompt('slow')], { complete }, controller.signal);
	setImmediate(() => controller.abort());
	await expect(cancelled).rejects.toMatchObject({ kind: 'cancelled' });
});

describe('licences', () => {
	test.each([
		'openai',
		'OpenAI-Terms',
		'Anthropic commercial',
		'llama3',
		'Llama-3-Community',
		'cc-by-nc-4.0',
		'gemini',
		'proprietary',
	])('%s forbids', (licence) => {
		expect(forbids(licence)).toEqual(expect.any(String));
	});
	test.each(['apache-2.0', 'MIT', 'llama3.1', 'Llama-3.3-Community', 'cc-by-4.0', 'gemma'])(
		'%s does not',
		(licence) => {
			expect(forbids(licence)).toBeUndefined();
		},
	);
	test('a teacher whose licence forbids it is refused before it is asked, unless confirmed', async () => {
		const complete = teacher(() => ({ text: 'A' }));
		await expect(run([prompt('Q')], { complete, licence: 'openai' })).rejects.toMatchObject({
			kind: 'licence',
		});
		expect(
			(await run([prompt('Q')], { complete, licence: 'openai', licenceConfirmed: true })).report.answered,
		).toBe(1);
	});
});

test('seeds from passages give grounded pairs that keep their source', async () => {
	const complete = teacher(() => ({ text: '{"question":"When?","answer":"In 1990."}' }));
	const seed = promptFromPassage({ text: 'It happened in 1990.', source: 'doc.md', id: 'c7' });
	const { rows } = await run([seed], { complete, schema: PASSAGE_SCHEMA });
	const pair = recordFromPair(rows[0]!.record!);
	expect(pair).toMatchObject({
		messages: [{ role: 'user', content: 'When?' }],
		answers: [{ content: 'In 1990.' }],
		source: 'doc.md',
		lineage: { seed: 'c7' },
	});
	expect(
		recordFromPair({ ...rows[0]!.record!, answers: [{ content: 'no pair', finishReason: 'stop' }] }),
	).toBeUndefined();
});

test.each<[Partial<GenerateOptions>, string]>([
	[{ samples: 0 }, 'Samples'],
	[{ concurrency: 1000 }, 'at once'],
	[{ select: 'judge' }, 'rubric'],
	[{ select: 'consistency', samples: 2 }, 'at least 3'],
])('refuses %j', async (options, reason) => {
	await expect(run([], { complete: teacher(() => ({})), ...options })).rejects.toMatchObject({
		kind: 'invalidOptions',
		message: expect.stringContaining(reason),
	});
});
