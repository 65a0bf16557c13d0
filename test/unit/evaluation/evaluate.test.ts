import { compareReports, evaluateRetrieval, type Question, type RetrievedHit } from '../../../lib/evaluation';

const bySource: Question[] = [
	{ id: '1', text: 'one', sources: ['a'] },
	{
		id: '2',
		text: 'two',
		sources: new Map([
			['b', 2],
			['c', 1],
		]),
	},
];
const hit = (source: string, start = 0, end = 10): RetrievedHit => ({
	id: `${source}${start}`,
	source,
	start,
	end,
});

describe('evaluating a search', () => {
	it('scores expected sources, several chunks of one source as one', async () => {
		const report = await evaluateRetrieval(bySource, async ({ id }) => ({
			hits: id === '1' ? [hit('x'), hit('x', 10, 20), hit('a')] : [hit('b'), hit('c')],
		}));
		expect(report.metrics.recall?.mean).toBe(1);
		expect(report.questions[0]?.scores.mrr).toBe(0.5);
		expect(report.questions[1]?.scores.ndcg).toBe(1);
		expect(report.metrics.passageRecall).toBeUndefined();
	});

	it('scores expected passages by characters and, with all chunks given, the cuts themselves', async () => {
		const chunks = [0, 10, 20].map((start) => ({ id: `d${start}`, source: 'd', start, end: start + 10 }));
		const question: Question = { id: '1', text: 'one', passages: [{ source: 'd', start: 12, end: 22 }] };
		const report = await evaluateRetrieval(
			[question],
			async () => ({ hits: [hit('d', 0, 10), hit('d', 10, 20)] }),
			{ chunks, k: 2 },
		);
		expect(report.questions[0]?.scores).toEqual({
			passageRecall: 0.8,
			passagePrecision: 0.4,
			passageIou: 8 / 22,
			passageHit: 1,
			passageMrr: 0.5,
			passageNdcg: expect.closeTo(0.8 / Math.log2(3) / (0.8 + 0.2 / Math.log2(3)), 12),
			precisionOmega: 0.5,
		});
	});

	it('finds the first places among different sources, not among chunks', async () => {
		const report = await evaluateRetrieval(
			bySource.slice(0, 1),
			async () => ({ hits: [hit('x'), hit('x', 10, 20), hit('a')] }),
			{ k: 2 },
		);
		expect(report.metrics.recall?.mean).toBe(1);
		expect(report.metrics.ndcg?.mean).toBeCloseTo(1 / Math.log2(3), 12);
	});

	it('counts a large corpus no more than a small one when the corpora are named', async () => {
		const questions = ['a', 'b', 'b', 'b'].map((source, at) => ({
			id: String(at),
			text: '?',
			sources: [source],
		}));
		const search = async ({ sources = [] }: Question): Promise<{ hits: RetrievedHit[] }> => ({
			hits: [hit([...sources].includes('a') ? 'a' : 'x')],
		});
		const corpusOf = ({ sources = [] }: Question): string => String([...sources][0]);
		const report = await evaluateRetrieval(questions, search, { corpusOf });
		expect(report.metrics.recall).toMatchObject({ mean: 0.5, n: 4 });
		expect((await evaluateRetrieval(questions, search)).metrics.recall?.mean).toBe(0.25);
	});

	it('keeps the loss of the approximate index apart from relevance', async () => {
		const report = await evaluateRetrieval(bySource.slice(0, 1), async () => ({
			hits: [hit('a'), hit('x')],
			exact: ['y0', 'x0'],
		}));
		expect(report.metrics.recall?.mean).toBe(1);
		expect(report.metrics.annRecall?.mean).toBe(0.5);
	});

	it('counts only the first k hits', async () => {
		const report = await evaluateRetrieval(
			bySource.slice(0, 1),
			async () => ({ hits: [hit('x'), hit('a')] }),
			{ k: 1 },
		);
		expect(report.metrics.recall?.mean).toBe(0);
	});

	it('lists a question whose search failed and leaves it out of the means', async () => {
		const report = await evaluateRetrieval(bySource, async ({ id }) => {
			if (id === '2') throw new Error('index is locked');
			return { hits: [hit('a')] };
		});
		expect(report.failed).toEqual([{ id: '2', reason: 'index is locked' }]);
		expect(report.metrics.recall).toEqual({ mean: 1, low: 1, high: 1, n: 1 });
	});

	it('fails with the first reason when no question could be scored', async () => {
		const search = async (): Promise<never> => {
			throw new Error('index is locked');
		};
		await expect(evaluateRetrieval(bySource, search)).rejects.toThrow(/None of 2 .* index is locked/);
	});

	it('says what to do about hits without offsets', async () => {
		const question: Question = { id: '1', text: 'one', passages: [{ source: 'd', start: 0, end: 5 }] };
		await expect(
			evaluateRetrieval([question], async () => ({ hits: [{ id: 'h', source: 'd' }] })),
		).rejects.toThrow(/no offsets/);
	});

	it('refuses two questions with one id, and one that expects nothing', async () => {
		const search = async () => ({ hits: [] });
		await expect(evaluateRetrieval([...bySource, ...bySource], search)).rejects.toThrow(/same id/);
		await expect(evaluateRetrieval([{ id: '1', text: 'one' }], search)).rejects.toThrow(/neither/);
	});

	it('stops between questions when asked to', async () => {
		const stop = new AbortController();
		const seen: string[] = [];
		const run = evaluateRetrieval(
			bySource,
			async ({ id }) => {
				seen.push(id);
				stop.abort();
				return { hits: [] };
			},
			{},
			{ signal: stop.signal },
		);
		await expect(run).rejects.toThrow(/abort/i);
		expect(seen).toEqual(['1']);
	});
});

describe('comparing two reports', () => {
	const run = (found: readonly string[]) =>
		evaluateRetrieval(bySource, async ({ id }) => ({
			hits: found.includes(id) ? [hit('a'), hit('b'), hit('c')] : [],
		}));

	it('pairs the questions both scored', async () => {
		const change = await compareReports(await run(['1']), await run(['1', '2']));
		expect(change.recall).toMatchObject({ mean: 0.5, n: 2 });
	});

	it('refuses reports over different questions', async () => {
		const other = await evaluateRetrieval([{ id: 'z', text: 'z', sources: ['a'] }], async () => ({
			hits: [],
		}));
		await expect(compareReports(await run(['1']), other)).rejects.toThrow(/no question in common/);
	});
});
