// Records are chosen by conditions: one that says nothing must never mean all of them.
import { toRecord } from '../../../../lib/distillation';
import { jsonOf, recordsOf, runFor, useFolder, withRecords } from './tenants';

useFolder();

const collection = { recordBackend: 'sqlite', collection: 'acme' };
beforeEach(async () => {
	await withRecords(
		'acme',
		async (store) =>
			await store.append(
				['a', 'b', 'c'].map((id, position) =>
					toRecord({
						id,
						prompt: `Question ${id}?`,
						answer: `Answer ${id}.`,
						model: position === 0 ? 'small' : 'large',
						createdAt: `2026-0${position + 1}-01T00:00:00Z`,
					}),
				),
			),
	);
});

const item = [{ json: {} }];
const OPERATIONS: ReadonlyArray<readonly [string, object]> = [
	['record.delete', { deleteBy: 'filter' }],
	['record.list', {}],
	['record.figures', {}],
	['dataSet.build', { dataSetName: 'set', exportFormat: 'trl-messages', fileType: 'jsonl', target: 'item' }],
	['dataSet.compare', { student: 'small' }],
];
const WRONG: ReadonlyArray<readonly [string, unknown, string]> = [
	['empty', { model: '' }, 'The condition "Of Model" has no value'],
	['blank', { workflow: '  ' }, 'The condition "From Workflow" has no value'],
	['null', { since: null }, 'The condition "Since" has no value'],
	['an expression without a value', { model: () => undefined }, 'The condition "Of Model" has no value'],
	['misspelt', { modell: 'small' }, 'has no condition "modell"'],
	['not an object', () => 'model = small', 'should be an object of conditions'],
	['a list', () => [], 'should be an object of conditions'],
	['not a time', { until: 'yesterday' }, '"Before"'],
];
const each = OPERATIONS.flatMap(([name, parameters]) =>
	WRONG.map(([what, filter, words]) => ({ name, what, parameters: { ...parameters, filter }, words })),
);

it.each(each)('$name refuses a filter that is $what', async ({ name, parameters, words }) => {
	await expect(runFor(`distillation: ${name}`, { ...collection, ...parameters }, item)).rejects.toThrow(
		words,
	);
	expect(await recordsOf('acme')).toHaveLength(3);
});

it('Delete refuses to delete without a condition or an ID', async () => {
	const remove = async (parameters: object) =>
		await runFor('distillation: record.delete', { ...collection, ...parameters }, item);
	await expect(remove({ deleteBy: 'filter', filter: {} })).rejects.toThrow('has no condition');
	await expect(remove({ deleteBy: 'filter' })).rejects.toThrow('has no condition');
	await expect(remove({ deleteBy: 'ids', ids: ' , ' })).rejects.toThrow('"IDs" is empty');
	await expect(remove({ deleteBy: 'ids', ids: () => null })).rejects.toThrow('"IDs" has no value');
	expect(await recordsOf('acme')).toHaveLength(3);
});

it('Delete deletes what the conditions say, also when the whole filter is an expression', async () => {
	const remove = async (filter: unknown) =>
		jsonOf(await runFor('distillation: record.delete', { ...collection, deleteBy: 'filter', filter }, item));
	expect(await remove({ model: 'large', until: '2026-02-15' })).toEqual([{ deleted: 1 }]);
	expect(await remove(() => ({ model: 'small' }))).toEqual([{ deleted: 1 }]);
	expect((await recordsOf('acme')).map(({ id }) => id)).toEqual(['c']);
});

it('Delete and List say when nothing matches', async () => {
	for (const [name, more] of [
		['record.delete', { deleteBy: 'ids', ids: 'none' }],
		['record.list', { filter: { model: 'none' } }],
	] as const) {
		const hints: string[] = [];
		await runFor(`distillation: ${name}`, { ...collection, ...more }, item, { hints });
		expect(hints.join()).toContain('No record');
	}
});

it('Get refuses an ID that is not there by its name', async () => {
	await expect(
		runFor('distillation: record.get', { ...collection, recordId: 'nobody' }, item),
	).rejects.toThrow('has no record with the ID "nobody"');
});

it('Build shows what was rejected with its text, some of each reason, in the item and on the page', async () => {
	await withRecords(
		'acme',
		async (store) =>
			await store.append([
				...Array.from({ length: 30 }, (_, position) =>
					toRecord({
						id: `cut${position}`,
						prompt: `Cut ${position}?`,
						answer: { content: 'x', finishReason: 'length' },
					}),
				),
				toRecord({
					id: 'refused',
					prompt: 'How much is <b>a house</b>?',
					answer: "I'm sorry, but I can't help with that.",
				}),
			]),
	);
	const [built] = await runFor('distillation: dataSet.build', { ...collection, ...OPERATIONS[3]?.[1] }, item);
	const rejected = built?.json.rejected as Array<Record<string, unknown>>;
	expect(rejected.filter(({ gate }) => gate === 'finishReason')).toHaveLength(10);
	expect(rejected).toContainEqual(
		expect.objectContaining({
			gate: 'refusal',
			question: 'How much is <b>a house</b>?',
			answer: "I'm sorry, but I can't help with that.",
		}),
	);
	const page = Buffer.from(built?.binary?.funnel?.data ?? '', 'base64').toString();
	expect(page).toContain('How much is &lt;b&gt;a house&lt;/b&gt;?');
	expect(page).not.toContain('<b>a house');
});
