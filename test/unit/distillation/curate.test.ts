import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import {
	curate,
	toRecord,
	type CuratedRecord,
	type CurateOptions,
	type ExchangeRecord,
	type RejectedRecord,
} from '../../../lib/distillation';
import { textMaker } from './texts';

async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
	const all: T[] = [];
	for await (const item of items) all.push(item);
	return all;
}

async function run(
	records: ExchangeRecord[],
	options: CurateOptions = {},
): Promise<{
	kept: CuratedRecord[];
	rejected: RejectedRecord[];
	reasons: string[];
	funnel: Awaited<ReturnType<typeof curate>>['funnel'];
}> {
	const set = await curate(records, options);
	try {
		const kept = await collect(set.records());
		const rejected = await collect(set.rejected());
		return {
			kept,
			rejected,
			reasons: rejected.map((row) => `${row.record.id} ${row.gate} ${row.reason}`),
			funnel: set.funnel,
		};
	} finally {
		await set.close();
	}
}

const { text } = textMaker(11);
let next = 0;
const record = (more: object = {}, id = `r${next++}`): ExchangeRecord =>
	toRecord({ id, prompt: `${id}: ${text(12)}?`, answer: text(20), createdAt: '2026-01-01', ...more });

const weather = {
	name: 'weather',
	parameters: { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] },
};
const call = (args: string, name = 'weather') => ({
	answer: { content: '', toolCalls: [{ id: '1', name, arguments: args }] },
	tools: [weather],
});

describe('gates', () => {
	test.each([
		['cut', { answer: { content: 'half an', finishReason: 'length' } }, 'finishReason length'],
		['blank', { answer: '  \n' }, 'empty emptyAnswer'],
		['unanswered', { answer: undefined }, 'empty noAnswer'],
		['promptless', { messages: [{ role: 'system', content: 'x' }] }, 'empty noPrompt'],
		['refused', { answer: 'I’m sorry, but I can’t help with that.' }, 'refusal refusal'],
		['verweigert', { answer: 'Es tut mir leid, aber ich kann dir dabei nicht helfen.' }, 'refusal refusal'],
		['broken', call('{"city": '), 'toolCalls brokenJson'],
		['unknown', call('{}', 'wether'), 'toolCalls unknownTool'],
		['incomplete', call('{"town":"Bern"}'), 'toolCalls argumentsInvalid'],
		['unstructured', { schema: { type: 'object' }, answer: 'prose' }, 'schema notJson'],
		['wrong', { schema: { type: 'object', required: ['a'] }, answer: '{"b":1}' }, 'schema schemaInvalid'],
		['long', { answer: text(3000) }, 'length tooLong'],
	])('rejects a record that is %s', async (id, more, reason) => {
		const { reasons, kept } = await run([record(more, id), record()], { length: { maxTokens: 2000 } });
		expect(reasons).toEqual([`${id} ${reason}`]);
		expect(kept).toHaveLength(1);
	});

	test('keeps good tool calls, good JSON, and answers that talk about what cannot be done', async () => {
		const { rejected } = await run([
			record(call('{"city":"Bern"}')),
			record({ schema: { type: 'object', required: ['a'] }, answer: '{"a":1}' }),
			record({ answer: 'Water cannot burn. I cannot stress enough that as an AI topic this is off.' }),
			record({ answer: 'Sorry for the delay! Your parcel arrives today.' }),
		]);
		expect(rejected).toEqual([]);
	});

	test('an empty finish reason gate can be switched off, a prompt without an answer kept', async () => {
		const cut = record({ answer: { content: 'half an', finishReason: 'length' } });
		const { kept } = await run([cut, record({ answer: undefined })], {
			finishReason: false,
			empty: { allowPromptOnly: true },
		});
		expect(kept).toHaveLength(2);
	});

	test('keeps the wanted languages and labels them', async () => {
		const german = record(
			{ answer: 'Die Lieferung kommt am Dienstag gegen Mittag bei Ihnen im Büro an.' },
			'de',
		);
		const english = record({ answer: 'The parcel will arrive at your office on Tuesday around noon.' }, 'en');
		const { reasons, kept } = await run([german, english], { language: { allow: ['en'] } });
		expect(reasons).toEqual(['de language de']);
		expect(kept[0]?.record.language).toBe('en');
		await expect(run([], { language: { allow: ['klingon'] } })).rejects.toMatchObject({
			kind: 'invalidOptions',
		});
	});

	test('drops repetitions and near-duplicates, keeps the first, or keeps near-duplicates together', async () => {
		const words = text(60).split(' ');
		const prompt = 'What is the answer?';
		const first = record({ prompt, answer: words.join(' ') }, 'first');
		const again = record({ prompt, answer: `  ${words.join('  ').toUpperCase()} ` }, 'again');
		const alike = record({ prompt, answer: words.with(30, 'changed').join(' ') }, 'alike');
		const { reasons } = await run([first, again, alike, record()]);
		expect(reasons).toEqual(['again exactDuplicate repeated', 'alike nearDuplicate alike']);
		const grouped = await run([first, again, alike], { duplicates: { action: 'group' } });
		expect(grouped.kept.map((row) => row.record.id)).toEqual(['first', 'alike']);
		expect(new Set(grouped.kept.map((row) => row.group)).size).toBe(1);
	});

	test('rejects low scores, asks the judge about the rest at most four at a time, and keeps what it said', async () => {
		let running = 0;
		let most = 0;
		const judge = async (judged: ExchangeRecord) => {
			most = Math.max(most, ++running);
			await new Promise((resolve) => setImmediate(resolve));
			running--;
			return { score: judged.id === 'bad' ? 0.2 : 0.8, reason: 'because' };
		};
		const records = [
			record({}, 'bad'),
			record({ scores: { judge: 0.1 } }, 'low'),
			...Array.from({ length: 20 }, () => record()),
		];
		const { rejected, kept } = await run(records, { score: { minScore: 0.5, judge } });
		expect(rejected.map((row) => [row.record.id, row.detail])).toEqual([
			['bad', '0.2: because'],
			['low', '0.1'],
		]);
		expect(kept.every((row) => row.record.scores?.judge === 0.8)).toBe(true);
		expect(most).toBe(4);
	});

	test('takes only allowed licences, except for answers by people', async () => {
		const { reasons } = await run(
			[
				record({ licence: 'MIT' }, 'mit'),
				record({ licence: 'proprietary' }, 'closed'),
				record({}, 'unknown'),
				record({ licence: 'proprietary', answer: { content: text(9), author: 'human' } }, 'person'),
			],
			{ licence: { allow: ['mit', 'apache-2.0'], unknown: 'reject' } },
		);
		expect(reasons).toEqual(['closed licence licence', 'unknown licence unknownLicence']);
	});

	test('balances sources and labels, the same ones each time, another draw with another seed', async () => {
		const records = Array.from({ length: 60 }, (_, number) =>
			record(
				{ source: number < 40 ? 'big' : `s${number}`, labels: { topic: number % 2 === 0 ? 'even' : 'odd' } },
				`b${number}`,
			),
		);
		const draw = async (seed: number) => {
			const { kept, funnel } = await run(records, {
				balance: { perSource: 10, perLabel: { label: 'topic', max: 12 }, seed },
			});
			expect(funnel.kept).toBe(kept.length);
			expect(kept.filter((row) => row.record.source === 'big').length).toBeLessThanOrEqual(10);
			expect(kept.filter((row) => row.record.labels?.topic === 'even').length).toBeLessThanOrEqual(12);
			return kept.map((row) => row.record.id).join();
		};
		expect(await draw(1)).toBe(await draw(1));
		expect(await draw(1)).not.toBe(await draw(2));
	});
});

test('the funnel adds up, names every gate in order, and rejected rows can be read', async () => {
	const records = [
		record({ answer: '' }),
		record({ answer: { content: 'x', finishReason: 'length' } }),
		...Array.from({ length: 30 }, () => record()),
	];
	const { funnel, kept, rejected } = await run(records);
	expect(funnel.input).toBe(32);
	expect(funnel.kept).toBe(kept.length);
	expect(kept.length + rejected.length).toBe(32);
	let flow = funnel.input;
	for (const gate of funnel.gates) {
		expect(gate.in).toBe(flow);
		expect(gate.kept + gate.rejected).toBe(gate.in);
		flow = gate.kept;
	}
	expect(flow).toBe(funnel.kept);
	expect(funnel.gates.map((gate) => gate.gate)).toEqual([
		'finishReason',
		'empty',
		'refusal',
		'toolCalls',
		'schema',
		'length',
		'exactDuplicate',
		'nearDuplicate',
		'personalData',
	]);
	expect(Object.values(funnel.splits).reduce((sum, count) => sum + count)).toBe(funnel.kept);
});

describe('split', () => {
	const options: CurateOptions = { split: { validation: 0.2, test: 0.2 }, personalData: false };
	/** Exchanges that share conversations, documents and near-duplicate answers at random. */
	const world = fc.array(
		fc.record({
			conversation: fc.option(fc.nat(12)),
			source: fc.option(fc.nat(12)),
			text: fc.nat(15),
			edit: fc.nat(3),
		}),
		{ minLength: 1, maxLength: 60 },
	);
	const base = Array.from({ length: 16 }, () => text(70).split(' '));
	const make = (
		rows: ReadonlyArray<{ conversation: number | null; source: number | null; text: number; edit: number }>,
	) =>
		rows.map((row, number) => {
			const words = base[row.text] ?? [];
			return toRecord({
				id: `p${number}`,
				prompt: 'Q',
				answer: (row.edit === 0
					? [...words, `only${number}`]
					: words.with(row.edit * 9, `edit${number}`)
				).join(' '),
				...(row.conversation === null ? {} : { conversation: `c${row.conversation}` }),
				...(row.source === null ? {} : { source: `s${row.source}` }),
			});
		});

	test('no conversation, document or near-duplicate is ever on both sides', async () => {
		await fc.assert(
			fc.asyncProperty(world, fc.constantFrom('drop' as const, 'group' as const), async (rows, action) => {
				const { kept } = await run(make(rows), { ...options, duplicates: { action, exact: false } });
				const sides = new Map<string, string>();
				const expectTogether = (key: string, row: CuratedRecord) => {
					expect(sides.get(key) ?? row.split).toBe(row.split);
					sides.set(key, row.split);
				};
				for (const row of kept) {
					expectTogether(`group ${row.group}`, row);
					if (row.record.conversation !== undefined)
						expectTogether(`conversation ${row.record.conversation}`, row);
					if (row.record.source !== undefined) expectTogether(`source ${row.record.source}`, row);
					// Two single-word edits of one text have similarity ≥ 0.72; those that LSH found share a group already.
				}
			}),
			{ numRuns: 60 },
		);
	});

	test('near-duplicates that are kept are on one side', async () => {
		const rows = base.flatMap((words, number) =>
			Array.from({ length: 4 }, (_, copy) =>
				toRecord({ id: `n${number}-${copy}`, prompt: 'Q', answer: [...words, `tail${copy}`].join(' ') }),
			),
		);
		const { kept } = await run(rows, { ...options, duplicates: { action: 'group' } });
		expect(kept).toHaveLength(64);
		for (let number = 0; number < 16; number++) {
			const sides = kept.filter((row) => row.record.id.startsWith(`n${number}-`)).map((row) => row.split);
			expect(new Set(sides).size).toBe(1);
		}
		expect(new Set(kept.map((row) => row.split)).size).toBe(3);
	});

	test('records stay on their side when data is added that joins no two groups', async () => {
		const old = Array.from({ length: 200 }, (_, number) =>
			record({ conversation: `old${number % 50}` }, `o${number}`),
		);
		const added = Array.from({ length: 200 }, (_, number) =>
			record({ conversation: `${number % 2 === 0 ? 'old' : 'new'}${number % 50}` }, `a${number}`),
		);
		const before = await run(old, options);
		const after = await run([...old, ...added], options);
		const side = new Map(after.kept.map((row) => [row.record.id, row.split]));
		expect(before.kept).toHaveLength(200);
		for (const row of before.kept) expect(side.get(row.record.id)).toBe(row.split);
	});

	test('shares come out as asked, and another salt draws another split', async () => {
		const records = Array.from({ length: 2000 }, () => record());
		const first = await run(records, options);
		expect(first.funnel.splits.test / 2000).toBeCloseTo(0.2, 1);
		expect(first.funnel.splits.validation / 2000).toBeCloseTo(0.2, 1);
		const second = await run(records, { ...options, split: { validation: 0.2, test: 0.2, salt: 'other' } });
		expect(second.kept.map((row) => row.split)).not.toEqual(first.kept.map((row) => row.split));
		await expect(run([], { split: { test: 1 } })).rejects.toMatchObject({ kind: 'invalidOptions' });
	});
});

describe('a run', () => {
	let folder: string;
	beforeEach(async () => (folder = await mkdtemp(join(tmpdir(), 'curation-'))));
	afterEach(() => rm(folder, { recursive: true }));

	test('is repeatable byte by byte and leaves no files behind', async () => {
		const records = Array.from({ length: 600 }, (_, number) => record({ source: `s${number % 90}` }));
		const once = await run(records, { workspace: folder, balance: { perSource: 5 } });
		const twice = await run(records, { workspace: folder, balance: { perSource: 5 } });
		expect(JSON.stringify(twice)).toBe(JSON.stringify(once));
		expect(await readdir(folder)).toEqual([]);
	});

	test('ends with the signal, stops its source and cleans up', async () => {
		const controller = new AbortController();
		let stopped = false;
		async function* endless() {
			try {
				for (;;) yield record();
			} finally {
				stopped = true;
			}
		}
		const work = curate(
			endless(),
			{ workspace: folder },
			{ signal: controller.signal, onProgress: ({ done }) => done > 500 && controller.abort() },
		);
		await expect(work).rejects.toMatchObject({ kind: 'cancelled' });
		expect(stopped).toBe(true);
		expect(await readdir(folder)).toEqual([]);
	});

	test('keeps texts with line separators whole', async () => {
		const odd = record({ answer: 'one\u2028two\u2029three\r\nfour' });
		const { kept } = await run([odd]);
		expect(kept[0]?.record).toEqual(odd);
	});
});
