import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { recordStore, toFeedback, toRecord, type StoreAddress } from '../../../lib/distillation';
import { ExperimentStore } from '../../../lib/experiment';
import { cacheFolder, compileDistillation } from './compiled';
import { startPostgres, type TestPostgres } from './postgres';

jest.setTimeout(120_000);

let folder: string;
let entryPoint: string;
let postgres: TestPostgres | string;
beforeAll(async () => {
	await mkdir(cacheFolder, { recursive: true });
	folder = mkdtempSync(join(cacheFolder, 'distillation-'));
	entryPoint = compileDistillation(folder);
	postgres = await startPostgres();
	if (typeof postgres === 'string') console.warn(`Tests of the Postgres store are skipped: ${postgres}.`);
});
afterAll(async () => {
	if (typeof postgres !== 'string') await postgres.stop();
	rmSync(folder, { recursive: true, force: true });
});

async function ids(address: StoreAddress): Promise<string[]> {
	const store = await recordStore(address);
	const found: string[] = [];
	for await (const record of store.scan()) found.push(record.id);
	await store.close();
	return found;
}

/** Four processes append at once; each is killed in the middle. Returns every id that was acknowledged. */
async function appendUntilKilled(address: StoreAddress, batch: number): Promise<string[]> {
	const writers = ['a', 'b', 'c', 'd'].map((name) => {
		const child = spawn(process.execPath, [
			join(__dirname, 'writer.cjs'),
			entryPoint,
			JSON.stringify(address),
			`${batch}${name}`,
			String(batch),
		]);
		let acknowledged = '';
		let errors = '';
		child.stdout.on('data', (data) => (acknowledged += String(data)));
		child.stderr.on('data', (data) => (errors += String(data)));
		const ended = new Promise<string[]>((resolve) =>
			child.once('close', () => {
				expect(errors).toBe('');
				// A line cut by the kill has no end.
				resolve(acknowledged.split('\n').slice(0, -1));
			}),
		);
		return { child, ended, started: () => acknowledged !== '' };
	});
	while (!writers.every((writer) => writer.started())) await sleep(20);
	for (const writer of writers) {
		await sleep(200);
		writer.child.kill('SIGKILL');
	}
	return (await Promise.all(writers.map((writer) => writer.ended))).flat();
}

async function expectNothingLost(address: StoreAddress): Promise<void> {
	for (const batch of [0, 50]) {
		const acknowledged = await appendUntilKilled(address, batch);
		const stored = await ids(address);
		const present = new Set(stored);
		expect(acknowledged.length).toBeGreaterThan(4);
		expect(acknowledged.filter((id) => !present.has(id))).toEqual([]);
		expect(present.size).toBe(stored.length);
	}
}

test('SQLite: four processes that are killed while they append lose nothing they were promised', async () => {
	await expectNothingLost({ backend: 'sqlite', file: join(folder, 'records.sqlite') });
});

describe('Postgres', () => {
	const withPostgres = (name: string, work: (server: TestPostgres) => Promise<void>) =>
		test(name, async () => {
			if (typeof postgres !== 'string') await work(postgres);
		});

	withPostgres(
		'four processes that are killed while they append lose nothing they were promised',
		async (server) => {
			await expectNothingLost(server.address);
		},
	);

	withPostgres('gives back records with feedback as SQLite does, odd characters included', async (server) => {
		const odd = toRecord({
			id: "o'dd",
			prompt: 'null \u0000, lone \ud800, "quote" \\ and 漢字',
			answer: 'A',
			lineage: { workflow: 'w' },
		});
		const results = [];
		for (const address of [
			{ ...server.address, tablePrefix: 'odd' },
			{ backend: 'sqlite' as const, file: join(folder, 'odd.sqlite') },
		]) {
			const store = await recordStore(address);
			expect(await store.append([odd, odd])).toEqual({ written: 1, unchanged: 1 });
			expect(await store.append([odd])).toEqual({ written: 0, unchanged: 1 });
			await store.addFeedback([toFeedback({ id: 'f', record: odd.id, correction: 'B', at: '2026-01-01' })]);
			const found = [];
			for await (const record of store.scan({ workflow: 'w', since: '2020-01-01' })) found.push(record);
			expect(await store.count()).toEqual({ records: 1, feedback: 1 });
			results.push(found, await store.get(odd.id), await store.get('none'));
			await store.close();
		}
		expect(results.slice(0, 3)).toEqual(results.slice(3));
		expect(results[1]).toMatchObject({
			messages: odd.messages,
			answers: [{ content: 'B' }, { content: 'A' }],
		});
	});

	withPostgres('lists the newest first and deletes records with their feedback', async (server) => {
		const store = await recordStore({ ...server.address, tablePrefix: 'deleted' });
		const records = Array.from({ length: 1203 }, (_, position) =>
			toRecord({ id: `r${position}`, prompt: 'Q', answer: 'A', model: position % 2 ? 'odd' : 'even' }),
		);
		await store.append(records);
		await store.addFeedback(['r0', 'r1', 'r2'].map((record) => toFeedback({ record, thumb: 'up' })));
		const newest = async (filter?: object) => {
			const found: string[] = [];
			for await (const { id } of store.scan(filter, { newestFirst: true })) found.push(id);
			return found;
		};
		expect(await newest()).toEqual(records.map(({ id }) => id).reverse());
		expect(await store.delete({ ids: ['r0', 'r0', 'none', "r2' OR '1'='1"] })).toBe(1);
		expect(await store.delete({ filter: { model: 'odd' } })).toBe(601);
		expect(await store.count()).toEqual({ records: 601, feedback: 1 });
		expect((await newest()).slice(-2)).toEqual(['r4', 'r2']);
		await expect(store.delete({ filter: {} })).rejects.toMatchObject({ kind: 'invalidOptions' });
		await store.close();
	});

	withPostgres('tables are made once when many open at the same time', async (server) => {
		const stores = await Promise.all(
			Array.from({ length: 8 }, () =>
				recordStore({ ...server.address, tablePrefix: 'race', maxConnections: 1 }),
			),
		);
		expect(await stores[0]?.count()).toEqual({ records: 0, feedback: 0 });
		await Promise.all(stores.map((store) => store.close()));
	});

	withPostgres('an open store survives a crash of the server', async (server) => {
		const store = await recordStore({ ...server.address, tablePrefix: 'crash' });
		await store.append([toRecord({ id: 'before', prompt: 'Q', answer: 'A' })]);
		await server.crash();
		await expect(store.append([toRecord({ id: 'lost', prompt: 'Q', answer: 'A' })])).rejects.toMatchObject({
			kind: 'store',
		});
		await server.start();
		await store.append([toRecord({ id: 'after', prompt: 'Q', answer: 'A' })]);
		expect(await store.count()).toEqual({ records: 2, feedback: 0 });
		await store.close();
	});

	withPostgres('spaces have tables of their own', async (server) => {
		const address = { ...server.address, tablePrefix: 'a'.repeat(30) };
		const spaces = [undefined, 's000000000001', 's000000000002'];
		const stores = await Promise.all(spaces.map((space) => recordStore({ ...address, space })));
		await stores[1]?.append([toRecord({ id: 'own', prompt: 'Q', answer: 'A' })]);
		await stores[1]?.addFeedback([toFeedback({ id: 'f', record: 'own', correction: 'B', at: '2026-01-01' })]);
		expect(await Promise.all(stores.map((store) => store.count()))).toEqual([
			{ records: 0, feedback: 0 },
			{ records: 1, feedback: 1 },
			{ records: 0, feedback: 0 },
		]);
		await Promise.all(stores.map((store) => store.close()));
		const variants = [
			{ name: 'control', weight: 1 },
			{ name: 'new', weight: 1 },
		];
		const experiments = await Promise.all(
			spaces.map((space) => ExperimentStore.open({ ...server.address, space })),
		);
		await experiments[1]?.assign('prompt', variants, ['ada']);
		await experiments[1]?.record('prompt', [{ unit: 'ada', metric: 'solved', value: 1 }]);
		expect(await Promise.all(experiments.map((store) => store.list()))).toMatchObject([
			[],
			[{ experiment: 'prompt', units: 1, outcomes: 1 }],
			[],
		]);
		await Promise.all(experiments.map((store) => store.close()));
		for (const name of ['s0$x_records', 's0"x'])
			await expect(recordStore({ ...server.address, tablePrefix: name })).rejects.toMatchObject({
				kind: 'invalidOptions',
			});
		await expect(recordStore({ ...server.address, space: 'x$y' })).rejects.toThrow('cannot be part');
	});

	withPostgres('refuses prefixes that are not plain names and never repeats the password', async (server) => {
		await expect(recordStore({ ...server.address, tablePrefix: 'x"; DROP TABLE y' })).rejects.toMatchObject({
			kind: 'invalidOptions',
		});
		const wrong = recordStore({ ...server.address, password: 'wrong-secret' });
		await expect(wrong).rejects.toMatchObject({
			kind: 'store',
			message: expect.not.stringContaining('wrong-secret'),
		});
	});
});
