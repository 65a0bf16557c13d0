import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import {
	recordStore,
	toFeedback,
	toRecord,
	type ExchangeRecord,
	type RecordStore,
} from '../../../lib/distillation';

async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
	const all: T[] = [];
	for await (const item of items) all.push(item);
	return all;
}

const record = (id: string, more: object = {}): ExchangeRecord =>
	toRecord({ id, prompt: `Q ${id}`, answer: 'A', ...more });

/** The table with the records. */
function tableIn(database: DatabaseSync): string {
	const rows = database.prepare("SELECT name FROM sqlite_master WHERE type = 'table'").all();
	return String(rows.map(({ name }) => name).find((name) => String(name).endsWith('records')));
}

describe('recordStore on SQLite', () => {
	let folder: string;
	let store: RecordStore;
	beforeEach(async () => {
		folder = await mkdtemp(join(tmpdir(), 'records-'));
		store = await recordStore({ backend: 'sqlite', file: join(folder, 'deep', 'records.sqlite') });
	});
	afterEach(async () => {
		await store.close();
		await rm(folder, { recursive: true });
	});

	test('gives back what was appended, in order, across more than one page', async () => {
		const records = Array.from({ length: 1203 }, (_, position) => record(`r${position}`));
		expect(await store.append(records)).toEqual({ written: 1203, unchanged: 0 });
		expect(await collect(store.scan())).toEqual(records);
		expect(await store.get('r7')).toEqual(records[7]);
		expect(await store.get('none')).toBeUndefined();
	});

	test.each([
		['no JSON', '{'],
		['a message that is none', { messages: [null] }],
		['a content that is no text', { answers: [{ content: { toString: 'x' } }] }],
		['answers that are no list', { answers: 'A' }],
		['a tool without a name', { tools: [{}] }],
		['labels that are a list of lists', { labels: [[]].toString() }],
		['a workflow that is an object', { lineage: { workflow: {} } }],
		['a time that is a number', { createdAt: 5 }],
	])('names the record that somebody edited into %s, and can delete it', async (_, changes) => {
		await store.append([record('a'), record('edited'), record('b')]);
		const body = typeof changes === 'string' ? changes : JSON.stringify({ ...record('edited'), ...changes });
		const database = new DatabaseSync(join(folder, 'deep', 'records.sqlite'));
		database.prepare(`UPDATE ${tableIn(database)} SET body = ? WHERE id = 'edited'`).run(body);
		database.close();
		await expect(collect(store.scan())).rejects.toThrow(
			/^The stored record "edited" cannot be read.*Record → Delete/,
		);
		await store.delete({ ids: ['edited'] });
		expect((await collect(store.scan())).map(({ id }) => id)).toEqual(['a', 'b']);
	});

	test('appending the same records again changes nothing', async () => {
		await store.append([record('a'), record('b')]);
		expect(await store.append([record('b', { answer: 'other' }), record('c')])).toEqual({
			written: 1,
			unchanged: 1,
		});
		expect((await store.get('b'))?.answers[0]?.content).toBe('A');
		expect(await store.count()).toEqual({ records: 3, feedback: 0 });
	});

	test('joins feedback that came before and after the record', async () => {
		await store.addFeedback([toFeedback({ record: 'a', thumb: 'up', at: '2026-01-01' })]);
		await store.append([record('a')]);
		const later = toFeedback({ record: 'a', correction: 'B', at: '2026-01-02' });
		await store.addFeedback([later]);
		expect(await store.addFeedback([later])).toEqual({ written: 0, unchanged: 1 });
		const [joined] = await collect(store.scan());
		expect(joined?.answers.map((answer) => [answer.content, answer.label])).toEqual([
			['B', true],
			['A', false],
		]);
	});

	test('filters by time, workflow and model', async () => {
		await store.append([
			record('old', { createdAt: '2025-01-01T00:00:00Z', model: 'm1' }),
			record('new', { createdAt: '2026-03-01T10:00:00+02:00', model: 'm1', lineage: { workflow: 'w' } }),
		]);
		const ids = async (filter: object) => (await collect(store.scan(filter))).map((entry) => entry.id);
		expect(await ids({ since: '2026-03-01T08:00:00Z' })).toEqual(['new']);
		expect(await ids({ until: '2026-01-01' })).toEqual(['old']);
		expect(await ids({ workflow: 'w' })).toEqual(['new']);
		expect(await ids({ model: "m1' OR '1'='1" })).toEqual([]);
		await expect(collect(store.scan({ since: 'yesterday' }))).rejects.toMatchObject({
			kind: 'invalidOptions',
		});
	});

	test('lists the newest first, across more than one page', async () => {
		const records = Array.from({ length: 1203 }, (_, position) =>
			record(`r${position}`, { model: position % 2 ? 'odd' : 'even' }),
		);
		await store.append(records);
		const ids = async (filter?: object) =>
			(await collect(store.scan(filter, { newestFirst: true }))).map(({ id }) => id);
		expect(await ids()).toEqual(records.map(({ id }) => id).reverse());
		expect((await ids({ model: 'odd' })).slice(0, 2)).toEqual(['r1201', 'r1199']);
	});

	test('deletes records by ID and by filter, with their feedback, and nothing else', async () => {
		const records = Array.from({ length: 1203 }, (_, position) =>
			record(`r${position}`, { model: position % 2 ? 'odd' : 'even' }),
		);
		await store.append(records);
		for (const id of ['r0', 'r1', 'r2']) await store.addFeedback([toFeedback({ record: id, thumb: 'up' })]);
		expect(await store.delete({ ids: ['r0', 'r0', 'none', "r2' OR '1'='1"] })).toBe(1);
		expect(await store.count()).toEqual({ records: 1202, feedback: 2 });
		expect(await store.get('r0')).toBeUndefined();
		expect(await store.delete({ filter: { model: 'odd' } })).toBe(601);
		expect(await store.count()).toEqual({ records: 601, feedback: 1 });
		expect((await collect(store.scan())).every(({ model }) => model === 'even')).toBe(true);
		// What is sent again is a new record, without the feedback of the old one.
		await store.append([record('r1', { model: 'odd' })]);
		expect((await store.get('r1'))?.answers[0]?.label).toBeUndefined();
	});

	test.each([[{}], [{ model: undefined }]])(
		'deletes nothing by a filter without a condition',
		async (filter) => {
			await store.append([record('a')]);
			await expect(store.delete({ filter })).rejects.toMatchObject({ kind: 'invalidOptions' });
			expect((await store.count()).records).toBe(1);
		},
	);

	test('a scan sees what was there when it started, and ends with the signal', async () => {
		await store.append([record('a'), record('b')]);
		const seen: string[] = [];
		for await (const entry of store.scan()) {
			seen.push(entry.id);
			await store.append([record(`later ${seen.length}`)]);
		}
		expect(seen).toEqual(['a', 'b']);
		await expect(collect(store.scan({}, { signal: AbortSignal.abort() }))).rejects.toMatchObject({
			kind: 'cancelled',
		});
	});

	test('many single appends at once share commits and all arrive', async () => {
		const reports = await Promise.all(
			Array.from({ length: 300 }, (_, position) => store.append([record(`p${position}`)])),
		);
		expect(reports.every((report) => report.written === 1)).toBe(true);
		expect((await store.count()).records).toBe(300);
	});

	test('says what is wrong with a file that is no database, and refuses calls after close', async () => {
		const file = join(folder, 'junk.sqlite');
		await writeFile(file, 'this is not a database, '.repeat(100));
		await expect(recordStore({ backend: 'sqlite', file })).rejects.toMatchObject({
			kind: 'store',
			message: expect.stringContaining('junk.sqlite'),
		});
		await store.close();
		await expect(store.append([record('x')])).rejects.toMatchObject({
			kind: 'store',
			message: expect.stringContaining('closed'),
		});
	});
});
