import {
	compare,
	funnelHtml,
	funnelSvg,
	stats,
	statsHtml,
	toRecord,
	type Funnel,
} from '../../../lib/distillation';
import { asked, teacher } from './teacher';

const records = Array.from({ length: 40 }, (_, number) =>
	toRecord({
		id: `r${number}`,
		prompt: `Q${number}`,
		answer: `A${number}`,
		latencyMs: 1000,
		usage: { prompt_tokens: 100, completion_tokens: 50 },
	}),
);
const good = teacher((request) => ({ text: `A${asked(request).slice(1)}` }));

test('a student that answers as the teacher did is good enough, and cheaper', async () => {
	const report = await compare(records, {
		student: { complete: good, price: { prompt: 1, completion: 2 } },
		teacherPrice: { prompt: 10, completion: 30 },
		margin: 0.1,
	});
	expect(report).toMatchObject({
		records: 40,
		verdict: 'good enough',
		student: { exact: { mean: 1 }, failed: 0 },
		teacher: { exact: { mean: 1 }, latencyMs: { mean: 1000 } },
	});
	expect(report.teacher.cost).toBeCloseTo((40 * (100 * 10 + 50 * 30)) / 1e6, 9);
	expect(report.student.cost).toBeCloseTo((40 * (10 * 1 + 5 * 2)) / 1e6, 9);
});

test('a judge that prefers the teacher makes the student not good enough; few records decide nothing', async () => {
	const judge = {
		rubric: 'r',
		complete: teacher((request) => {
			const question = asked(request);
			if (question.includes('score from 1'))
				return { text: `{"reason":"","score":${question.includes('wrong') ? 1 : 5}}` };
			return {
				text: `{"reason":"","better":"${question.indexOf('wrong') < question.indexOf('<answer B>') ? 'B' : 'A'}"}`,
			};
		}),
	};
	const bad = teacher(() => ({ text: 'wrong' }));
	const report = await compare(records, { student: { complete: bad }, judge });
	expect(report).toMatchObject({
		verdict: 'not good enough',
		studentPreferred: { mean: 0 },
		consistent: { mean: 1 },
		student: { judge: { mean: 0 } },
		teacher: { judge: { mean: 1 } },
	});
	expect(report.explanation).toContain('Even the upper end is below');
	const mixed = teacher((request) => ({
		text: Number(asked(request).slice(1)) % 8 === 0 ? 'wrong' : `A${asked(request).slice(1)}`,
	}));
	expect(await compare(records.slice(0, 12), { student: { complete: mixed }, judge })).toMatchObject({
		verdict: 'undecided',
	});
	// One verdict that leaves no doubt is still one.
	for (const few of [1, 9]) {
		const report = await compare(records.slice(0, few), { student: { complete: good }, judge });
		expect(report).toMatchObject({ verdict: 'too few to say', studentPreferred: { n: few } });
		expect(report.explanation).toContain(`${few} records are too few`);
	}
	expect(await compare(records.slice(0, 9), { student: { complete: good } })).toMatchObject({
		verdict: 'too few to say',
	});
});

describe('a judge that favours nobody', () => {
	const tie = { rubric: 'r', complete: teacher(() => ({ text: '{"reason":"","better":"tie","score":3}' })) };

	test('but gives no JSON decides nothing, and it is said', async () => {
		const silent = { rubric: 'r', complete: teacher(() => ({ text: 'Both are fine.' })) };
		const student = { complete: teacher(() => ({ text: 'other' })) };
		const report = await compare(records, { student, judge: silent });
		expect(report).toMatchObject({ verdict: 'too few to say', unjudged: 40, studentPreferred: { n: 0 } });
		expect(report.explanation).toContain('40 more records are not counted');
		expect(report.student).not.toHaveProperty('judge');
	});

	test('sees a student lose that fails most calls', async () => {
		let calls = 0;
		const student = {
			complete: teacher(() => {
				if (calls++ % 10 !== 0) throw new Error('gone');
				return { text: 'other' };
			}),
		};
		const report = await compare(records, { student, judge: tie, concurrency: 1 });
		expect(report).toMatchObject({ verdict: 'not good enough', student: { failed: 36 }, unjudged: 0 });
	});

	test('is shown calls of tools, and calls that differ are no exact match', async () => {
		const calling = records.map((record) => ({
			...record,
			answers: [
				{
					content: '',
					finishReason: 'toolCalls' as const,
					toolCalls: [{ id: '1', name: 'pay', arguments: '{"to":"a", "sum":1}' }],
				},
			],
		}));
		const answering = (text: string) => ({
			complete: teacher(() => ({ toolCalls: [{ id: '9', name: 'pay', arguments: text }] })),
		});
		const wrong = await compare(calling, { student: answering('{"to":"b","sum":1}') });
		expect(wrong).toMatchObject({ verdict: 'not good enough', student: { exact: { mean: 0 }, failed: 0 } });
		const right = await compare(calling, { student: answering('{"sum":1,"to":"a"}'), margin: 0.1 });
		expect(right).toMatchObject({ verdict: 'good enough', student: { exact: { mean: 1 } } });
		let shown = '';
		const judge = {
			rubric: 'r',
			complete: teacher((request) => {
				shown += asked(request);
				return { text: '{"reason":"","better":"tie","score":3}' };
			}),
		};
		await compare(calling.slice(0, 1), { student: answering('{"to":"b"}'), judge });
		expect(shown).toContain('pay {"to":"b"}');
	});
});

test('failed answers count against the student; schemas are checked', async () => {
	const structured = records.slice(0, 4).map((record) => ({
		...record,
		schema: { type: 'object', properties: { a: { type: 'number' } }, required: ['a'] },
		answers: [{ content: '{"a": 1}', finishReason: 'stop' as const }],
	}));
	let number = 0;
	const complete = teacher(() => {
		if (number++ === 0) throw new Error('gone');
		return { text: ['', '{"b":1}', '{"a":"1"}'][number - 1] ?? '{"a":1}' };
	});
	const report = await compare(structured, { student: { complete }, concurrency: 1 });
	expect(report.student).toMatchObject({ failed: 1, exact: { mean: 0.25 }, schema: { mean: 0.25 } });
	await expect(compare([], { student: { complete } })).rejects.toMatchObject({ kind: 'invalidOptions' });
	await expect(
		compare(records, { student: { complete } }, { signal: AbortSignal.abort() }),
	).rejects.toMatchObject({ kind: 'cancelled' });
});

test('where no answer says how long it took, there is no latency', async () => {
	const untimed = records.slice(0, 3).map(({ latencyMs: _, ...record }) => record);
	const report = await compare(untimed, { student: { complete: good } });
	expect(report.teacher).not.toHaveProperty('latencyMs');
	expect(report.student.latencyMs).toMatchObject({ n: 3 });
});

describe('stats and pictures', () => {
	test('figures of a stream', async () => {
		const figures = await stats(
			[
				...records.slice(0, 10).map((record) => ({ ...record, model: 'm<1>', labels: { topic: 'x' } })),
				{ ...records[0]!, id: 'again' },
				toRecord({ prompt: 'open' }),
				toRecord({ prompt: 'fixed', answers: [{ content: 'x', author: 'human' }] }),
			],
			{ countTokens: () => 100, price: { teacher: 10, student: 1 } },
		);
		expect(figures).toMatchObject({
			records: 13,
			answered: 12,
			corrected: 1,
			exactDuplicates: 1,
			tokens: 1300,
			tokensAre: 'counted',
			byModel: { 'm<1>': 10, '(none)': 3 },
			byLabel: { topic: { x: 10 } },
			byFinishReason: { stop: 12 },
		});
		expect(figures.length).toMatchObject({ least: 100, most: 100, p50: 100 });
		expect(figures.cost?.saved).toBeCloseTo((1300 * 9) / 1e6, 9);
		const html = statsHtml(figures);
		expect(html).toContain('m&lt;1&gt;');
		expect(html).not.toContain('m<1>');
	});

	test('percentiles are right to within two percent', async () => {
		const lengths = Array.from({ length: 1000 }, (_, number) => number + 1);
		let next = 0;
		const figures = await stats(
			lengths.map((number) => toRecord({ id: `n${number}`, prompt: `q${number}` })),
			{ countTokens: () => lengths[next++] ?? 0 },
		);
		expect(Math.abs(figures.length.p50 - 500)).toBeLessThanOrEqual(10);
		expect(Math.abs(figures.length.p95 - 950)).toBeLessThanOrEqual(19);
	});

	test('the funnel is a picture that names every gate and escapes what came from outside', () => {
		const funnel: Funnel = {
			input: 100,
			gates: [{ gate: 'language', in: 100, kept: 60, rejected: 40, changed: 0, reasons: { '<script>': 40 } }],
			kept: 60,
			splits: { train: 50, validation: 5, test: 5 },
		};
		const svg = funnelSvg(funnel);
		expect(svg).toContain('language');
		expect(svg).toContain('−40');
		expect(svg).not.toContain('<script>');
		expect(funnelHtml(funnel)).toContain('&lt;script&gt;');
		expect(funnelSvg({ ...funnel, input: 0, kept: 0, gates: [] })).toContain('0 records in, 0 kept');
	});
});
