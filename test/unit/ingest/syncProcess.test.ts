// The process in which a sync with the built-in fast embedder runs.
import { mkdtempSync, writeFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { builtinEmbedder } from '../../../lib/embedding';
import * as Ingest from '../../../lib/ingest';
import { SYNC_PROCESS, syncProcessPid } from '../../../lib/ingest/process/process';
import { createIndex } from '../../../lib/vectorIndex';
import type * as Index from '../../../lib/vectorIndex';

const { sync, syncInProcess, IngestError } = Ingest;

jest.setTimeout(120_000);

const directory = mkdtempSync(path.join(tmpdir(), 'sync-process-'));
const embedder = builtinEmbedder({ tier: 'fast' });
const chunking = { method: 'recursive', size: 600 } as const;
let names = 0;

async function newIndex(): Promise<{ index: Index.VectorIndex; address: Index.IndexAddress }> {
	const address = { backend: 'embedded', directory, name: `index-${names++}` } as const;
	const { model, dimensions, id } = await embedder.fingerprint();
	return { index: await createIndex(address, { model, dimensions, fingerprint: id }), address };
}

const manual = (at: number, paragraphs = 200): Ingest.IngestDocument => ({
	source: `manual-${at}.md`,
	text: Array.from(
		{ length: paragraphs },
		(_, part) =>
			`## Part ${part}\n\nValve ${at * 1000 + part} opens at ${part} bar after ${at + part} hours.\n`,
	).join('\n'),
	metadata: { hall: at },
});

interface Finished {
	readonly outcomes: Ingest.DocumentOutcome[];
	readonly report: Ingest.SyncReport;
}

async function finish(run: ReturnType<typeof sync>): Promise<Finished> {
	const outcomes: Ingest.DocumentOutcome[] = [];
	for (;;) {
		const step = await run.next();
		if (step.done === true) return { outcomes, report: step.value };
		outcomes.push(step.value);
	}
}

async function rows(index: Index.VectorIndex): Promise<string[]> {
	const found: string[] = [];
	for await (const { vector, ...point } of index.scan())
		found.push(JSON.stringify([point, Array.from(vector ?? [])]));
	return found.sort();
}

async function* failing(message: string): AsyncGenerator<Uint8Array> {
	yield await Promise.resolve(new Uint8Array(10));
	throw new Error(message);
}

/** As a caller may send them: good and bad, texts and files. */
function mixed(): Ingest.IngestDocument[] {
	const bytes = new TextEncoder();
	return [
		...Array.from({ length: 20 }, (_, at) => manual(at)),
		{ source: 'empty.md', text: '   ' },
		{ source: 'twice.md', text: 'Once.' },
		{ source: 'twice.md', text: 'Again.' },
		{
			source: 'file.html',
			file: { data: bytes.encode('<h1>Pumps</h1><p>The pump hums.</p>'), name: 'file.html' },
		},
		{ source: 'broken.txt', file: { data: failing('the disk is gone'), name: 'broken.txt' } },
		{ source: 'half.md', text: 'A broken \ud83d emoji.', metadata: { note: 'half \ud83d' } },
		{ source: 'odd.md', text: 'Odd facts.', metadata: { when: new Date(0), how: () => 1 } as never },
		null as never,
	];
}

const isRunning = (pid: number): boolean => {
	try {
		return process.kill(pid, 0);
	} catch {
		return false;
	}
};
async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
	while (!(await condition())) await new Promise((resolve) => setTimeout(resolve, 5));
}

/** As a machine without memory would. */
async function end(): Promise<void> {
	const pid = syncProcessPid();
	if (pid === undefined) return;
	process.kill(pid, 'SIGKILL');
	await until(() => syncProcessPid() === undefined);
}

afterAll(async () => {
	await end();
	await rm(directory, { recursive: true, maxRetries: 20, retryDelay: 100 });
});

describe('a sync whose vectors come later', () => {
	it('needs no encoder in the process: the model is known by its fingerprint', async () => {
		const { address, index } = await newIndex();
		const fingerprint = await embedder.fingerprint();
		const sent = { tier: 'fast', fingerprint, msPerCharacter: 1_000 } as const;
		const options = { address, chunking, mode: 'add', waitForVectorsMs: 10, embedder: sent } as const;
		const { outcomes, report } = await finish(syncInProcess([manual(1), manual(2)], options));
		expect(report.embedded).toBe(0);
		expect(report.pendingVectors).toBe(report.chunks);
		expect(outcomes.map(({ pendingVectors, chunks }) => pendingVectors === chunks)).toEqual([true, true]);
		expect(await index.pending.coverage()).toEqual({ rows: report.chunks, pending: report.chunks });
	});
});

describe('a sync in the process', () => {
	it('stores, yields and reports what one in this process does, bad documents included', async () => {
		const [here, there] = [await newIndex(), await newIndex()];
		const expected = await finish(sync(mixed(), { index: here.index, embedder, chunking, mode: 'add' }));
		const progress: number[] = [];
		const found = await finish(
			syncInProcess(
				mixed(),
				{ address: there.address, chunking, mode: 'add' },
				{ onProgress: ({ done, total }) => progress.push(done, total ?? -1) },
			),
		);
		expect(isRunning(syncProcessPid() ?? 0)).toBe(true);
		const inOrder = ({ outcomes }: Finished) =>
			outcomes.toSorted((a, b) => (a.position ?? 0) - (b.position ?? 0));
		expect(inOrder(found)).toEqual(inOrder(expected));
		expect(inOrder(found).filter(({ state }) => state === 'failed')).toHaveLength(4);
		expect(inOrder(found).find(({ source }) => source === 'broken.txt')?.reason).toMatch('the disk is gone');
		expect({ ...found.report, timings: {}, failed: [] }).toEqual({
			...expected.report,
			timings: {},
			failed: [],
		});
		expect(await rows(there.index)).toEqual(await rows(here.index));
		expect(progress.slice(-2)).toEqual([28, 28]);
	});

	it('serves several runs at once, and many small documents, and does not mind Ctrl-C', async () => {
		const small = Array.from({ length: 1_500 }, (_, at) => ({
			source: `note-${at}`,
			text: `Note number ${at}.`,
		}));
		const indexes = await Promise.all([newIndex(), newIndex(), newIndex()]);
		const pid = syncProcessPid() ?? 0;
		const running = indexes.map(({ address }) =>
			finish(syncInProcess(small, { address, chunking, mode: 'mirror' })),
		);
		// They reach all processes of a terminal or a service; n8n may let its executions finish.
		for (const signal of ['SIGINT', 'SIGTERM'] as const) process.kill(pid, signal);
		const done = await Promise.all(running);
		for (const { report } of done) expect(report).toMatchObject({ added: 1_500, failures: 0 });
		expect(syncProcessPid()).toBe(pid);
		const again = await finish(
			syncInProcess(small.slice(1), { address: indexes[0].address, chunking, mode: 'mirror' }),
		);
		expect(again.report).toMatchObject({ unchanged: 1_499, removed: 1 });
	});

	it('rejects with the errors of this process', async () => {
		const address = { backend: 'embedded', directory, name: 'nowhere' } as const;
		await expect(
			finish(syncInProcess([manual(1)], { address, chunking, mode: 'add' })),
		).rejects.toMatchObject({
			name: 'IndexError',
			kind: 'notFound',
		});
		const { address: there } = await newIndex();
		const wrong = { address: there, chunking, mode: 'all' as never };
		await expect(finish(syncInProcess([manual(1)], wrong))).rejects.toBeInstanceOf(IngestError);
		async function* broken(): AsyncGenerator<Ingest.IngestDocument> {
			yield await Promise.resolve(manual(1));
			throw new RangeError('no more documents');
		}
		await expect(finish(syncInProcess(broken(), { address: there, chunking, mode: 'add' }))).rejects.toThrow(
			new RangeError('no more documents'),
		);
	});

	it('ends when it is cancelled or left, also while it waits for documents', async () => {
		const { address, index } = await newIndex();
		const controller = new AbortController();
		let asked = 0;
		async function* slow(): AsyncGenerator<Ingest.IngestDocument> {
			for (; ; asked++) yield await Promise.resolve(manual(asked, 20_000));
		}
		const run = finish(
			syncInProcess(slow(), { address, chunking, mode: 'add' }, { signal: controller.signal }),
		);
		while (asked < 4) await new Promise((resolve) => setTimeout(resolve, 10));
		controller.abort(new Error('enough'));
		await expect(run).rejects.toThrow('enough');

		for await (const { state } of syncInProcess(slow(), { address, chunking, mode: 'add' })) {
			expect(state).toBe('added');
			break;
		}
		// Nobody writes any more, and nobody reads.
		await new Promise((resolve) => setTimeout(resolve, 1_000));
		const [count, read] = [await index.count(), asked];
		await new Promise((resolve) => setTimeout(resolve, 1_000));
		expect([await index.count(), asked]).toEqual([count, read]);
	});

	it('stops writing what it has already when it is cancelled', async () => {
		const { address, index } = await newIndex();
		const controller = new AbortController();
		const run = finish(
			syncInProcess([manual(0, 150_000)], { address, chunking, mode: 'add' }, { signal: controller.signal }),
		);
		run.catch(() => undefined);
		while ((await index.count()) === 0) await new Promise((resolve) => setTimeout(resolve, 5));
		controller.abort(new Error('enough'));
		await expect(run).rejects.toThrow('enough');
		await new Promise((resolve) => setTimeout(resolve, 1_000));
		const count = await index.count();
		await new Promise((resolve) => setTimeout(resolve, 2_000));
		expect(await index.count()).toBe(count);
		// Nine paragraphs a chunk.
		expect(count).toBeLessThan(10_000);
	});

	it('says so when the process dies, and the next run repairs what it left', async () => {
		const { address, index } = await newIndex();
		const documents = Array.from({ length: 40 }, (_, at) => manual(at, 1_000));
		const run = finish(syncInProcess(documents, { address, chunking, mode: 'add' }));
		run.catch(() => undefined);
		while ((await index.count()) === 0) await new Promise((resolve) => setTimeout(resolve, 5));
		const pid = syncProcessPid();
		await end();
		await expect(run).rejects.toMatchObject({
			kind: 'ended',
			message: expect.stringMatching(/SIGKILL.*run again/i),
		});

		const { report } = await finish(syncInProcess(documents, { address, chunking, mode: 'add' }));
		expect(syncProcessPid()).not.toBe(pid);
		expect(report).toMatchObject({ failures: 0 });
		const undisturbed = await newIndex();
		const quiet = await finish(
			syncInProcess(documents, { address: undisturbed.address, chunking, mode: 'add' }),
		);
		expect(quiet.report).toMatchObject({ added: 40, failed: [] });
		const [found, expected] = [await rows(index), await rows(undisturbed.index)];
		expect(found).toHaveLength(expected.length);
		expect(found.filter((row, at) => row !== expected[at]).slice(0, 1)).toEqual([]);
	});

	it('ends a process that hangs, says so to all its runs, and the next run continues', async () => {
		await end();
		const settings = { ...SYNC_PROCESS, silentMs: 3_000 };
		const documents = Array.from({ length: 40 }, (_, at) => manual(at, 1_000));
		const indexes = await Promise.all([newIndex(), newIndex()]);
		const runs = indexes.map(({ address }) =>
			finish(syncInProcess(documents, { address, chunking, mode: 'add' }, {}, settings)),
		);
		const outcomes = Promise.allSettled(runs);
		await until(async () => (await indexes[0].index.count()) !== 0);
		const pid = syncProcessPid() ?? 0;
		process.kill(pid, 'SIGSTOP');
		for (const outcome of await outcomes) {
			expect(outcome).toMatchObject({
				reason: { kind: 'ended', message: expect.stringMatching(/did not react for 3 s.*run again/) },
			});
		}
		expect(isRunning(pid)).toBe(false);
		const [{ address }] = indexes;
		const { report } = await finish(syncInProcess(documents, { address, chunking, mode: 'add' }));
		expect(report).toMatchObject({ failures: 0 });
		expect(report.added + report.changed + report.unchanged).toBe(40);
	});

	it('ends a process that reacts and gets nothing done, but not one that waits for documents', async () => {
		await end();
		const stuck = path.join(directory, 'stuck.js');
		writeFileSync(
			stuck,
			`process.on('message', (m) => process.send(m === 'ping' ? 'pong' : { run: m.run, message: { type: 'progress', progress: { done: 0 } } }));`,
		);
		const settings = { program: stuck, stuckMs: 1_000 };
		const { address } = await newIndex();
		const run = finish(syncInProcess([manual(1)], { address, chunking, mode: 'add' }, {}, settings));
		await expect(run).rejects.toMatchObject({ message: expect.stringContaining('got nothing done') });

		async function* slow(): AsyncGenerator<Ingest.IngestDocument> {
			yield await Promise.resolve(manual(1));
			await new Promise((resolve) => setTimeout(resolve, 5_000));
			yield manual(2);
		}
		const patient = { ...SYNC_PROCESS, stuckMs: 4_000 };
		const { report } = await finish(syncInProcess(slow(), { address, chunking, mode: 'add' }, {}, patient));
		expect(report).toMatchObject({ added: 2 });
	});

	it('does without a process that cannot start', async () => {
		await end();
		const program = path.join(directory, 'broken.js');
		writeFileSync(program, 'process.exit(1);');
		const { address, index } = await newIndex();
		const { report } = await finish(
			syncInProcess([manual(3)], { address, chunking, mode: 'add' }, {}, { ...SYNC_PROCESS, program }),
		);
		expect(report).toMatchObject({ added: 1 });
		expect(await index.count()).toBe(report.chunks);
	});
});
