import {
	bootstrapMean,
	compare,
	funnelHtml,
	funnelSvg,
	stats,
	statsHtml,
	toRecord,
	wilson,
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

test('Wilson’s interval agrees with published values', () => {
	// Newcombe (1998), table I: 81 of 263 gives 0.2553–0.3662; 0 of 20 gives 0–0.1611.
	expect(wilson(81, 263)).toMatchObject({ low: expect.closeTo(0.2553, 3), high: expect.closeTo(0.3662, 3) });
	expect(wilson(0, 20)).toMatchObject({ low: 0, high: expect.closeTo(0.1611, 3) });
});

test('the bootstrap is seeded and close to the normal interval of a large sample', () => {
	const values = Array.from({ length: 400 }, (_, number) => number % 2);
	const interval = bootstrapMean(values, 3);
	expect(interval).toEqual(bootstrapMean(values, 3));
	expect(interval.low).toBeCloseTo(0.5 - 1.96 * 0.025, 1);
	expect(interval.high).toBeCloseTo(0.5 + 1.96 * 0.025, 1);
});

test('a student that answers as the teacher did is good enough, and cheaper', async () => {
	const report = await compare(records, {
		student: { complete: good, price: { prompt: 1, completion: 2 } },
		teacherPrice: { prompt: 10, completion: 30 },
		margin: 0.1,
	});
	expect(report).toMatchObject({
		records: 40,
		verdict: 'good enough',
		student: { exact: { value: 1 }, failed: 0 },
		teacher: { exact: { value: 1 }, latencyMs: { value: 1000 } },
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
		studentPreferred: { value: 0 },
		consistent: { value: 1 },
		student: { judge: { value: 0 } },
		teacher: { judge: { value: 1 } },
	});
	expect(report.explanation).toContain('Even the upper end is below');
	const mixed = teacher((request) => ({
		text: Number(asked(request).slice(1)) % 8 === 0 ? 'wrong' : `A${asked(request).slice(1)}`,
	}));
	expect(await compare(records.slice(0, 9), { student: { complete: mixed }, judge })).toMatchObject({
		verdict: 'undecided',
	});
});

test('failed answers count against the student; schemas are checked', async () => {
	const structured = records.slice(0, 4).map((record) => ({
		...record,
		schema: { type: 'object' },
		answers: [{ content: '{"a": 1}', finishReason: 'stop' as const }],
	}));
	let number = 0;
	const complete = teacher(() => {
		if (number++ === 0) throw new Error('gone');
		return { text: number === 2 ? 'prose' : '{"a":1}' };
	});
	const report = await compare(structured, { student: { complete }, concurrency: 1 });
	expect(report.student).toMatchObject({ failed: 1, exact: { value: 0.5 }, schema: { value: 0.5 } });
	await expect(compare([], { student: { complete } })).rejects.toMatchObject({ kind: 'invalidOptions' });
	await expect(
		compare(records, { student: { complete } }, { signal: AbortSignal.abort() }),
	).rejects.toMatchObject({ kind: 'cancelled' });
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
