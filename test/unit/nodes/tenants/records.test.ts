// Every operation with a collection or an experiment, given as an expression, works on each item's own.
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { toRecord } from '../../../../lib/distillation';
import { type ChatEngine, startChatEngine } from '../../../support/chatEngine';
import {
	folderOf,
	itemsOf,
	jsonOf,
	pairsOf,
	recordsOf,
	runFor,
	TENANTS,
	type Tenant,
	tenantOf,
	useFolder,
	withField,
	withRecords,
} from './tenants';

useFolder();

let engine: ChatEngine;
beforeAll(async () => {
	engine = await startChatEngine(({ messages }) => `An answer to ${messages.at(-1)?.content ?? ''}`);
});
afterAll(async () => await engine.close());
const withEngine = {
	node: { credentials: { localEngineApi: { id: '1', name: 'engine' } } },
	credentials: () => ({ dialect: 'openai', baseUrl: engine.url }),
};

const collection = { recordBackend: 'sqlite', collection: tenantOf };
const questionsOf = async (tenant: Tenant) =>
	(await recordsOf(tenant)).map(({ messages }) => messages.at(-1)?.content);
const recordFor = (tenant: Tenant, position = 0) =>
	toRecord({
		id: `${tenant}-${position}`,
		messages: [{ role: 'user', content: `Question ${position} of ${tenant}, long enough to be kept` }],
		answer: { content: `Answer ${position} of ${tenant}, long enough to be kept as well` },
	});
async function fillAll(count = 1): Promise<void> {
	for (const tenant of TENANTS) {
		const records = Array.from({ length: count }, (_, position) => recordFor(tenant, position));
		await withRecords(tenant, async (store) => await store.append(records));
	}
}

const experiment = { recordBackend: 'sqlite', experiment: tenantOf };
const variants = {
	values: [
		{ name: 'control', settings: '{}', weight: 1 },
		{ name: 'new', settings: '{}', weight: 1 },
	],
};
const units = itemsOf((tenant) => ({ json: { userId: `user of ${tenant}`, solved: true } }));
const assignAll = async () => await runFor('experiment: unit.assign', { ...experiment, variants }, units);
const outcomes = { values: [{ metric: 'solved', value: 'yes' }] };

const inSpace = {
	node: { credentials: { localEngineSpaceApi: { id: '1', name: 'space' } } },
	credentials: () => ({ name: 'hr', secretKey: 'the-key-of-the-space' }),
};

const cases: Record<string, () => Promise<void>> = {
	'distillation: record.add': async () => {
		const output = await runFor(
			'distillation: record.add',
			{ ...collection, mapping: 'fields', promptField: 'q', answerField: 'a' },
			itemsOf((tenant) => ({ json: { q: `Question of ${tenant}`, a: 'Yes.' } })),
		);
		expect(pairsOf(output)).toEqual(TENANTS.map((_, item) => ({ item })));
		for (const tenant of TENANTS) expect(await questionsOf(tenant)).toEqual([`Question of ${tenant}`]);
	},
	'distillation: record.feedback': async () => {
		await fillAll();
		await runFor(
			'distillation: record.feedback',
			{ ...collection, recordId: (item: number) => `${tenantOf(item)}-0`, thumb: 'down' },
			itemsOf(() => ({})),
		);
		for (const tenant of TENANTS)
			expect(await recordsOf(tenant)).toMatchObject([{ answers: [{ label: false }] }]);
	},
	'distillation: record.import': async () => {
		const lines = TENANTS.map((tenant) =>
			Buffer.from(
				`${JSON.stringify({
					messages: [
						{ role: 'user', content: `Question of ${tenant}` },
						{ role: 'assistant', content: 'Yes.' },
					],
				})}\n`,
			),
		);
		await runFor(
			'distillation: record.import',
			{ ...collection, binaryField: 'data', logFormat: 'auto' },
			itemsOf(() => ({ binary: { data: { data: '', mimeType: 'application/jsonl' } } })),
			{ fileOf: (item) => lines[item] },
		);
		for (const tenant of TENANTS) expect(await questionsOf(tenant)).toEqual([`Question of ${tenant}`]);
	},
	'distillation: record.figures': async () => {
		for (const [position, tenant] of TENANTS.entries())
			await withRecords(
				tenant,
				async (store) =>
					await store.append(Array.from({ length: position + 1 }, (_, each) => recordFor(tenant, each))),
			);
		const output = await runFor(
			'distillation: record.figures',
			collection,
			itemsOf(() => ({})),
		);
		expect(jsonOf(output)).toMatchObject(TENANTS.map((_, position) => ({ records: position + 1 })));
	},
	'distillation: record.get': async () => {
		await fillAll();
		const output = await runFor(
			'distillation: record.get',
			{ ...collection, recordId: (item: number) => `${tenantOf(item)}-0` },
			itemsOf(() => ({})),
		);
		expect(jsonOf(output)).toMatchObject(
			TENANTS.map((tenant) => ({
				id: `${tenant}-0`,
				answer: `Answer 0 of ${tenant}, long enough to be kept as well`,
				messages: [{ role: 'user' }],
			})),
		);
	},
	'distillation: record.list': async () => {
		await fillAll(2);
		const output = await runFor(
			'distillation: record.list',
			{ ...collection, limit: 1 },
			itemsOf(() => ({})),
		);
		expect(jsonOf(output)).toMatchObject(TENANTS.map((tenant) => ({ id: `${tenant}-1` })));
	},
	'distillation: record.delete': async () => {
		await fillAll(2);
		const output = await runFor(
			'distillation: record.delete',
			{ ...collection, deleteBy: 'ids', ids: (item: number) => [`${tenantOf(item)}-0`, 'acme-1'] },
			itemsOf(() => ({})),
		);
		expect(jsonOf(output)).toEqual(TENANTS.map((tenant) => ({ deleted: tenant === 'acme' ? 2 : 1 })));
		for (const tenant of TENANTS)
			expect((await recordsOf(tenant)).map(({ id }) => id)).toEqual(tenant === 'acme' ? [] : [`${tenant}-1`]);
	},
	'distillation: record.moveToSpace': async () => {
		await fillAll(2);
		const output = await runFor(
			'distillation: record.moveToSpace',
			collection,
			itemsOf(() => ({})),
			inSpace,
		);
		expect(jsonOf(output)).toMatchObject(
			TENANTS.map((tenant) => ({ collection: tenant, records: 2, kept: 0 })),
		);
		for (const tenant of TENANTS) expect(await recordsOf(tenant)).toEqual([]);
		const figures = await runFor(
			'distillation: record.figures',
			collection,
			itemsOf(() => ({})),
			inSpace,
		);
		expect(jsonOf(figures)).toMatchObject(TENANTS.map(() => ({ records: 2 })));
	},
	'distillation: dataSet.build': async () => {
		await fillAll(20);
		const output = await runFor(
			'distillation: dataSet.build',
			{
				...collection,
				dataSetName: tenantOf,
				exportFormat: 'trl-messages',
				fileType: 'jsonl',
				target: 'folder',
			},
			itemsOf(() => ({})),
		);
		for (const [position, { json }] of output.entries()) {
			const folder = json.folder as string;
			const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) =>
				name.endsWith('.jsonl'),
			);
			const text = files.map((name) => readFileSync(path.join(folder, name), 'utf8')).join('');
			for (const tenant of TENANTS)
				expect(text.includes(`of ${tenant},`)).toBe(tenant === tenantOf(position));
		}
		expect(output.map(({ json }) => json.folder)).toEqual(
			TENANTS.map((tenant) => folderOf('.n8n', 'local-engine', 'distillation', 'data-sets', tenant)),
		);
	},
	'distillation: dataSet.generate': async () => {
		const output = await runFor(
			'distillation: dataSet.generate',
			{ ...collection, promptKind: 'question', textField: 'text' },
			itemsOf((tenant) => ({ json: { text: `Question of ${tenant}` } })),
			withEngine,
		);
		expect(jsonOf(output)).toMatchObject(TENANTS.map(() => ({ outcome: 'answered' })));
		for (const tenant of TENANTS) expect(await questionsOf(tenant)).toEqual([`Question of ${tenant}`]);
	},
	'distillation: dataSet.compare': async () => {
		await fillAll(40);
		engine.asked.splice(0);
		const output = await runFor(
			'distillation: dataSet.compare',
			{ ...collection, student: 'scripted', limit: 1, options: { testShare: 0.5 } },
			itemsOf(() => ({})),
			withEngine,
		);
		expect(output).toHaveLength(TENANTS.length);
		expect(
			engine.asked.map(({ messages }) => / of (\w+),/.exec(messages.at(-1)?.content ?? '')?.[1]),
		).toEqual([...TENANTS]);
	},
	'experiment: unit.assign': async () => {
		const output = await assignAll();
		expect(jsonOf(output)).toMatchObject(
			TENANTS.map((tenant) => ({ experiment: { name: tenant, isNew: true } })),
		);
		await eachExperimentHas({ units: 1, outcomes: 0 });
	},
	'experiment: unit.outcome': async () => {
		await assignAll();
		await runFor('experiment: unit.outcome', { ...experiment, outcomes }, units);
		await eachExperimentHas({ units: 1, outcomes: 1 });
	},
	'experiment: experiment.report': async () => {
		await assignAll();
		await runFor('experiment: unit.outcome', { ...experiment, outcomes }, units.slice(0, 1));
		const output = await runFor(
			'experiment: experiment.report',
			experiment,
			itemsOf(() => ({})),
		);
		expect(jsonOf(output)).toMatchObject(TENANTS.map((tenant) => ({ experiment: tenant })));
	},
	'experiment: experiment.end': async () => {
		await assignAll();
		await runFor(
			'experiment: experiment.end',
			{ ...experiment, winner: (item: number) => (item === 1 ? 'new' : 'control') },
			itemsOf(() => ({})),
		);
		const list = await listed();
		expect(TENANTS.map((tenant) => list.get(tenant)?.winner)).toEqual(
			TENANTS.map((_, item) => (item === 1 ? 'new' : 'control')),
		);
	},
	'experiment: experiment.moveToSpace': async () => {
		await assignAll();
		const output = await runFor(
			'experiment: experiment.moveToSpace',
			experiment,
			itemsOf(() => ({})),
			inSpace,
		);
		expect(jsonOf(output)).toMatchObject(TENANTS.map((tenant) => ({ experiment: tenant, units: 1 })));
		expect((await listed()).size).toBe(0);
	},
	'experiment: experiment.delete': async () => {
		await assignAll();
		await runFor(
			'experiment: unit.assign',
			{ recordBackend: 'sqlite', experiment: 'other', variants },
			units.slice(0, 1),
		);
		await runFor(
			'experiment: experiment.delete',
			experiment,
			itemsOf(() => ({})),
		);
		expect([...(await listed()).keys()]).toEqual(['other']);
	},
};

async function listed() {
	const list = await runFor('experiment: experiment.list', { recordBackend: 'sqlite' }, [{ json: {} }]);
	return new Map(list.map(({ json }) => [json.experiment, json]));
}

async function eachExperimentHas(expected: object): Promise<void> {
	const list = await listed();
	for (const tenant of TENANTS) expect([tenant, list.get(tenant)]).toMatchObject([tenant, expected]);
}

describe('a collection or an experiment by expression', () => {
	it('is tried with every operation that has one', () => {
		// Those of LocalEngine keep a record of each call, one by one (recording.test.ts).
		const all = withField('collection', 'experiment').filter((name) => !name.startsWith('localEngine'));
		expect(Object.keys(cases).sort()).toEqual(all.sort());
	});

	it.each(Object.entries(cases))('%s', async (_, run) => await run());

	it('one bad collection fails alone when the node is set to go on', async () => {
		const output = await runFor(
			'distillation: record.add',
			{
				...collection,
				collection: (item: number) => (item === 1 ? 'No Name' : tenantOf(item)),
				mapping: 'fields',
				promptField: 'q',
				answerField: 'a',
			},
			itemsOf((tenant) => ({ json: { q: `Question of ${tenant}`, a: 'Yes.' } })),
			{ continueOnFail: true },
		);
		expect(output.map(({ json }) => 'error' in json)).toEqual([false, true, false, false, false]);
		expect(await questionsOf('hooli')).toEqual(['Question of hooli']);
	});
});
