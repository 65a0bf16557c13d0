// What lies in the default space goes into a space as a whole, with what belongs to it; nothing is left behind or lost.
import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { IDataObject, INodeExecutionData } from 'n8n-workflow';
import { outputOf } from '../../../support/operation';
import { recordStore, toFeedback, toRecord } from '../../../../lib/distillation';
import { folderOf, operations, useFolder, withRecords } from '../tenants/tenants';

jest.setTimeout(60_000);
useFolder();

const records = { recordBackend: 'sqlite', collection: 'exchanges' };
const experiment = { recordBackend: 'sqlite', experiment: 'prompt' };
const variants = { values: ['old', 'new'].map((name) => ({ name, settings: '{}', weight: 1 })) };

/** Runs an operation in the space, or (`undefined`) in the default one. */
async function run(
	name: string,
	space: string | undefined,
	parameters: IDataObject,
	list: IDataObject[] = [{}],
): Promise<INodeExecutionData[]> {
	const operation = operations.get(name);
	if (!operation) throw new Error(`There is no operation "${name}"`);
	return await outputOf(operation, {
		parameters,
		items: list.map((json) => ({ json })),
		node: { credentials: space ? { localEngineSpaceApi: { id: '1', name: 'space' } } : {} },
		credentials: () => ({ name: space, secretKey: 'the-key-of-the-space' }),
	});
}
const json = async (...given: Parameters<typeof run>) => (await run(...given)).map((item) => item.json);

const fields = { mapping: 'fields', promptField: 'q', answerField: 'a' };

describe('records', () => {
	it('go with their feedback, also when there are many, and are gone where they were', async () => {
		const exchanges = Array.from({ length: 1_200 }, (_, each) => ({
			q: `Question ${each}`,
			a: `Answer ${each}`,
		}));
		const added = await json('distillation: record.add', undefined, { ...records, ...fields }, exchanges);
		const rated = { ...records, recordId: added[7]?.id, correction: 'A better one.' };
		await run('distillation: record.feedback', undefined, rated);
		const [moved] = await json('distillation: record.moveToSpace', 'hr', records);
		expect(moved).toEqual({ space: 'hr', collection: 'exchanges', records: 1_200, feedback: 1, kept: 0 });
		const [kept] = await json('distillation: record.get', 'hr', rated);
		expect(kept).toMatchObject({ id: rated.recordId, answer: 'A better one.' });
		await expect(run('distillation: record.figures', undefined, records)).rejects.toThrow('has no records');
		await expect(run('distillation: record.moveToSpace', 'hr', records)).rejects.toThrow('has no records');
	});

	it('that the space has with another content stay, with their feedback', async () => {
		const recordOf = (id: string, content: string) =>
			toRecord({ id, messages: [{ role: 'user', content: 'Question' }], answer: { content } });
		const file = folderOf('.n8n', 'local-engine', 'spaces', 'hr', 'distillation', 'exchanges.sqlite');
		await run('distillation: record.add', 'hr', { ...records, ...fields }, [{ q: 'Question', a: 'Answer' }]);
		const theirs = await recordStore({ backend: 'sqlite', file });
		await theirs.append([recordOf('r0', 'Another')]);
		await theirs.close();
		await withRecords('exchanges', async (store) => {
			await store.append([recordOf('r0', 'One'), recordOf('r1', 'One')]);
			await store.addFeedback([toFeedback({ record: 'r0', correction: 'A better one.' })]);
		});
		const [moved] = await json('distillation: record.moveToSpace', 'hr', records);
		expect(moved).toMatchObject({ records: 1, feedback: 0, kept: 1 });
		const [left] = await json('distillation: record.get', undefined, { ...records, recordId: 'r0' });
		expect(left).toMatchObject({ id: 'r0', answer: 'A better one.' });
	});
});

describe('an experiment', () => {
	const units = Array.from({ length: 700 }, (_, each) => ({ userId: `u${each}` }));
	const fill = async (space: string | undefined) => {
		await run('experiment: unit.assign', space, { ...experiment, variants }, units);
		await run(
			'experiment: unit.outcome',
			space,
			{ ...experiment, outcomes: { values: [{ metric: 'solved', value: 'yes' }] } },
			units,
		);
	};

	it('goes with its units, outcomes and end', async () => {
		await fill(undefined);
		await run('experiment: experiment.end', undefined, { ...experiment, winner: 'new' });
		const before = await json('experiment: experiment.list', undefined, { recordBackend: 'sqlite' });
		const [moved] = await json('experiment: experiment.moveToSpace', 'hr', experiment);
		expect(moved).toEqual({ space: 'hr', experiment: 'prompt', units: 700, outcomes: 700 });
		const list = { recordBackend: 'sqlite' };
		expect(await json('experiment: experiment.list', 'hr', list)).toEqual(before);
		expect(await json('experiment: experiment.list', undefined, list)).toEqual([]);
		await expect(run('experiment: experiment.moveToSpace', 'hr', experiment)).rejects.toThrow(
			/no experiment/i,
		);
	});

	it('stays where the space has another one of that name', async () => {
		await fill(undefined);
		const others = { values: ['a', 'b'].map((name) => ({ name, settings: '{}', weight: 1 })) };
		await run('experiment: unit.assign', 'hr', { ...experiment, variants: others }, [{ userId: 'x' }]);
		await expect(run('experiment: experiment.moveToSpace', 'hr', experiment)).rejects.toThrow(
			'is there already, so nothing was moved',
		);
		const [left] = await json('experiment: experiment.list', undefined, { recordBackend: 'sqlite' });
		expect(left).toMatchObject({ experiment: 'prompt', units: 700 });
	});
});

describe('a data set', () => {
	const sets = (...space: string[]) =>
		folderOf('.n8n', 'local-engine', ...space, 'distillation', 'data-sets');
	const put = (name: string, manifest: object) => {
		mkdirSync(path.join(sets(), name), { recursive: true });
		writeFileSync(path.join(sets(), name, 'manifest.json'), JSON.stringify(manifest));
	};
	const move = async (dataSetName: string) =>
		await json('distillation: dataSet.moveToSpace', 'hr', { dataSetName });

	it('goes as a folder', async () => {
		put('set', { kind: 'n8n-nodes-local-engine/data-set' });
		expect(await move('set')).toMatchObject([{ space: 'hr', dataSet: 'set' }]);
		expect(existsSync(path.join(sets('spaces', 'hr'), 'set', 'manifest.json'))).toBe(true);
		expect(readdirSync(sets())).toEqual([]);
		await expect(move('set')).rejects.toThrow('There is no data set "set"');
	});

	it.each(['../data-sets/set', '..', '.', 'a/../../spaces', 'set\0'])('is never a path: %j', async (name) => {
		put('set', { kind: 'n8n-nodes-local-engine/data-set' });
		await expect(move(name)).rejects.toThrow(/may hold letters/);
	});

	it('that is none is left alone', async () => {
		put('mine', { kind: 'something else' });
		await expect(move('mine')).rejects.toThrow('There is no data set "mine"');
		expect(readdirSync(sets())).toEqual(['mine']);
	});
});
