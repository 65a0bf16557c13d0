// A sync that stores texts before their vectors, and what completes it.
import { fork } from 'node:child_process';
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import {
	BackgroundVectors,
	deleteDocuments,
	finishVectors,
	migrate,
	syncAll,
	vectorState,
	type IngestDocument,
	type SyncOptions,
} from '../../../lib/ingest';
import { EmbeddingError } from '../../../lib/embedding';
import {
	createIndex,
	dropIndex,
	openIndex,
	type IndexAddress,
	type VectorIndex,
} from '../../../lib/vectorIndex';
import { runChild } from '../../support/child';
import { WordEmbedder } from '../../support/wordEmbedder';
import { contentOf, differencesOf } from './corpus';

jest.setTimeout(120_000);

/** Says that a character takes a millisecond. */
class SlowEmbedder extends WordEmbedder {
	estimateMs = (characters: number): number => characters;
}

const chunking = { method: 'recursive', size: 60 } as const;
let root: string;
let made = 0;
const workers: BackgroundVectors[] = [];

beforeAll(async () => {
	root = await mkdtemp(path.join(os.tmpdir(), 'vectors-'));
});
afterAll(async () => {
	for (const worker of workers) await worker.stop();
	await rm(root, { recursive: true, force: true, maxRetries: 10, retryDelay: 200 });
});

const newAddress = (): Extract<IndexAddress, { backend: 'embedded' }> => ({
	...{ backend: 'embedded', directory: path.join(root, `place-${++made}`), name: 'handbook' },
});
async function open(address: IndexAddress, embedder = new WordEmbedder()): Promise<VectorIndex> {
	const { model, dimensions, id } = await embedder.fingerprint();
	return await createIndex(address, { model, dimensions, fingerprint: id }, { ifExists: 'open' });
}
const documents = (count: number, from = 0): IngestDocument[] =>
	Array.from({ length: count }, (_, i) => ({
		source: `manual-${from + i}.md`,
		text: `Valve ${from + i} opens at noon.\n\nPump ${from + i} is quiet at night. It hums on Sundays.`,
	}));
const stored = async (index: VectorIndex, count: number, options: Partial<SyncOptions> = {}, from = 0) =>
	await syncAll(documents(count, from), {
		...{ index, embedder: new SlowEmbedder(), chunking, mode: 'add', waitForVectorsMs: 100 },
		...options,
	});
function background(
	folder: string,
	embedder: WordEmbedder | undefined = new WordEmbedder(),
	more: Partial<ConstructorParameters<typeof BackgroundVectors>[0]> = {},
): BackgroundVectors {
	const worker = new BackgroundVectors({
		...{ folder, embedderOf: () => embedder, retryMs: { taken: 50, failed: 50 } },
		...more,
	});
	workers.push(worker);
	return worker;
}
async function until(condition: () => Promise<boolean>): Promise<void> {
	for (let i = 0; i < 600; i++) {
		if (await condition()) return;
		await sleep(50);
	}
	throw new Error('it did not happen within half a minute');
}
const complete = async (index: VectorIndex): Promise<boolean> => (await vectorState(index)).pending === 0;

describe('a sync whose vectors would take too long', () => {
	it('stores everything without vectors, says so, and finds it by its words', async () => {
		const index = await open(newAddress());
		const embedder = new SlowEmbedder();
		const report = await stored(index, 10, { embedder });
		expect(report).toMatchObject({ added: 10, embedded: 0, failures: 0 });
		expect(report.pendingVectors).toBe(report.chunks);
		expect(embedder.texts).toEqual([]);
		expect(await vectorState(index)).toMatchObject({
			rows: report.chunks,
			pending: report.chunks,
			covered: 0,
		});
		const [hit] = await index.search({ mode: 'keyword', text: 'pump 7', limit: 1 });
		expect(hit?.source).toBe('manual-7.md');
		expect((await stored(index, 10)).unchanged).toBe(10);
	});

	it('embeds what it has time for, and all of it when told to wait', async () => {
		const index = await open(newAddress());
		expect(await stored(index, 1, { waitForVectorsMs: 10_000 })).toMatchObject({ pendingVectors: 0 });
		expect(await stored(index, 9, { waitForVectorsMs: undefined }, 1)).toMatchObject({ pendingVectors: 0 });
		expect(await stored(index, 9, { embedder: new WordEmbedder() }, 20)).toMatchObject({ pendingVectors: 0 });
		expect(await vectorState(index)).toMatchObject({ pending: 0, covered: 1 });
	});

	it('is, once finished, the same as one that waited', async () => {
		const [later, waited] = [await open(newAddress()), await open(newAddress())];
		await stored(later, 12);
		await finishVectors(later, new WordEmbedder());
		await stored(waited, 12, { waitForVectorsMs: undefined });
		expect(differencesOf(await contentOf(later), await contentOf(waited))).toEqual([]);
	});

	it('keeps the vectors of chunks that stay when a document changes', async () => {
		const index = await open(newAddress());
		await stored(index, 3);
		await finishVectors(index, new WordEmbedder());
		const [first] = documents(1);
		const changed = [
			{ ...first!, text: `${first!.text}\n\nA new part was added to the end of this manual.` },
		];
		const report = await syncAll(changed, {
			...{ index, embedder: new SlowEmbedder(), chunking, mode: 'add', waitForVectorsMs: 1 },
		});
		expect(report.pendingVectors).toBeGreaterThan(0);
		expect(report.pendingVectors).toBeLessThan(report.chunks);
	});
});

describe('finishing vectors', () => {
	it('tells how far it is and writes in batches', async () => {
		const index = await open(newAddress());
		const { chunks } = await stored(index, 200);
		const told: number[] = [];
		const report = await finishVectors(index, new WordEmbedder(), {
			onProgress: ({ done, total }) => {
				expect(total).toBe(chunks);
				told.push(done);
			},
		});
		expect(report).toEqual({ filled: chunks, failed: 0 });
		expect(told.at(-1)).toBe(chunks);
		expect(await finishVectors(index, new WordEmbedder())).toEqual({ filled: 0, failed: 0 });
	});

	it('leaves a text that cannot be embedded to its words, and says how many there are', async () => {
		const index = await open(newAddress());
		const { chunks } = await stored(index, 5);
		const embedder = new WordEmbedder();
		embedder.refuse = (text) => {
			if (text.includes('Valve 3')) throw new EmbeddingError('encoderFailed', 'It broke at this text.');
		};
		expect(await finishVectors(index, embedder)).toMatchObject({
			...{ filled: chunks, failed: 1, reason: 'It broke at this text.' },
		});
		expect(await vectorState(index)).toMatchObject({ pending: 0 });
	});

	it('fails when nothing can be embedded, and leaves all to the next time', async () => {
		const index = await open(newAddress());
		const { chunks } = await stored(index, 5);
		const embedder = new WordEmbedder();
		embedder.refuse = () => {
			throw new EmbeddingError('modelMissing', 'The model is not there.');
		};
		await expect(finishVectors(index, embedder)).rejects.toMatchObject({ kind: 'modelMissing' });
		expect(await vectorState(index)).toMatchObject({ pending: chunks });
	});

	it('refuses another model', async () => {
		const index = await open(newAddress());
		await stored(index, 2);
		await expect(finishVectors(index, new WordEmbedder('another'))).rejects.toMatchObject({ kind: 'drift' });
	});

	it('stops when it is told to, with what is written staying', async () => {
		const index = await open(newAddress());
		const { chunks } = await stored(index, 300);
		const stop = new AbortController();
		const working = finishVectors(index, new WordEmbedder(), {
			signal: stop.signal,
			onProgress: ({ done }) => done > 300 && stop.abort(new Error('enough')),
		});
		await expect(working).rejects.toThrow('enough');
		const { pending } = await vectorState(index);
		expect(pending).toBe(chunks - 512);
		await finishVectors(index, new WordEmbedder());
		expect(await complete(index)).toBe(true);
	});

	it('does not bring back documents that are deleted meanwhile', async () => {
		const index = await open(newAddress());
		await stored(index, 20);
		const embedder = new WordEmbedder();
		let deleting: Promise<unknown> | undefined;
		embedder.refuse = () => {
			deleting ??= deleteDocuments(index, ['manual-1.md', 'manual-2.md']);
		};
		await finishVectors(index, embedder);
		await deleting;
		expect(await index.count({ source: { in: ['manual-1.md', 'manual-2.md'] } })).toBe(0);
		expect(await complete(index)).toBe(true);
	});

	it('is what a migration does on its way', async () => {
		const address = newAddress();
		await stored(await open(address), 10);
		await migrate(address, { embedder: new WordEmbedder(), chunking: { method: 'recursive', size: 40 } });
		expect(await complete(await openIndex(address))).toBe(true);
	});
});

describe('vectors in the background', () => {
	it('are computed without anybody waiting, and the note of the index goes', async () => {
		const address = newAddress();
		const folder = path.join(root, `data-${made}`);
		const index = await open(address);
		await stored(index, 30);
		const jobs: string[] = [];
		const worker = background(folder, undefined, {
			startJob: ({ name }) => ({
				onProgress: ({ done }) => jobs.push(`${name} ${done}`),
				end: async (error) => void jobs.push(error ?? 'done'),
			}),
		});
		await worker.add(address);
		await until(() => complete(index));
		await worker.idle();
		expect(jobs.at(-1)).toBe('done');
		expect(await readdir(path.join(folder, 'pending-vectors'))).toEqual([]);
	});

	it('are gone on with by a new process, which knows the index from its note', async () => {
		const address = newAddress();
		const folder = path.join(root, `data-${made}`);
		const index = await open(address);
		await stored(index, 30);
		const first = background(folder);
		await first.stop();
		await first.add(address);
		expect(await complete(index)).toBe(false);
		const second = background(folder);
		await second.resume();
		await until(() => complete(index));
	});

	it('are computed by one worker: a second waits until the first has ended', async () => {
		const address = newAddress();
		const folder = path.join(root, `data-${made}`);
		const index = await open(address);
		await stored(index, 30);
		let go = (): void => undefined;
		const waiting = new Promise<void>((resolve) => (go = resolve));
		const slow = new WordEmbedder();
		const embed = slow.embedDocuments.bind(slow);
		slow.embedDocuments = async function* (texts, call) {
			await waiting;
			yield* embed(texts, call);
		};
		const other = new WordEmbedder();
		const [one, two] = [background(folder, slow), background(folder, other)];
		await one.add(address);
		await until(async () => (await readdir(path.join(folder, 'pending-vectors'))).includes('worker.lease'));
		await two.add(address);
		await sleep(300);
		expect(other.texts).toEqual([]);
		go();
		await until(() => complete(index));
		await one.idle();
		await until(async () => (await readdir(path.join(folder, 'pending-vectors'))).length === 0);
		expect(other.texts).toEqual([]);
	});

	it('a failure is written into the index, and gone when the next try succeeds', async () => {
		const address = newAddress();
		const folder = path.join(root, `data-${made}`);
		const index = await open(address);
		await stored(index, 5);
		const embedder = new WordEmbedder();
		let broken = true;
		embedder.refuse = () => {
			if (broken) throw new EmbeddingError('encoderFailed', 'There is not enough memory.');
		};
		const worker = background(folder, embedder);
		await worker.add(address);
		await until(async () => (await vectorState(index)).failure !== undefined);
		expect((await vectorState(index)).failure?.reason).toBe('There is not enough memory.');
		broken = false;
		await until(() => complete(index));
		await worker.idle();
		expect(await index.manifest.get(['vectors:failure'])).toEqual(new Map());
	});

	it('an index that was dropped, or whose folder is gone, is forgotten and not made anew', async () => {
		const [dropped, gone] = [newAddress(), newAddress()];
		const folder = path.join(root, `data-${made}`);
		for (const address of [dropped, gone]) await stored(await open(address), 2);
		await dropIndex(dropped, dropped.name);
		await rm(gone.directory, { recursive: true });
		const worker = background(folder);
		await worker.add(dropped);
		await worker.add(gone);
		await until(async () => (await readdir(path.join(folder, 'pending-vectors'))).length === 0);
		await worker.idle();
		expect(await readdir(root)).not.toContain(path.basename(gone.directory));
	});

	it('an index of an engine is left alone', async () => {
		const address = newAddress();
		const folder = path.join(root, `data-${made}`);
		const index = await open(address);
		await stored(index, 2);
		const worker = background(folder, undefined, { embedderOf: () => undefined });
		await worker.add(address);
		await worker.idle();
		expect(await complete(index)).toBe(false);
	});

	it('are complete after the process was killed in the middle, and the same as if nothing had happened', async () => {
		const [address, waited] = [newAddress(), await open(newAddress())];
		const folder = path.join(root, `data-${made}`);
		const kills = Number(process.env.KILLS ?? 2);
		await stored(waited, 400, { waitForVectorsMs: undefined });
		for (let kill = 0; kill < kills; kill++) {
			const directory = `${address.directory}-${kill}`;
			const child = path.join(__dirname, 'laterChild.ts');
			const killAfter = 20 + 400 * Math.random();
			expect(await runChild(child, [directory, folder], { killAfter })).toMatchObject({ killed: true });
			const index = await openIndex({ ...address, directory });
			const { rows, pending } = await vectorState(index);
			expect(pending).toBeGreaterThan(0);
			expect(pending).toBeLessThan(rows);
			const next = background(folder);
			await next.resume();
			await until(() => complete(index));
			await next.stop();
			expect(differencesOf(await contentOf(index), await contentOf(waited))).toEqual([]);
		}
	});

	it('a lease of a process that was killed is taken over at once', async () => {
		const address = newAddress();
		const folder = path.join(root, `data-${made}`);
		const index = await open(address);
		await stored(index, 2);
		const ended = fork('-e', [], { execArgv: [], stdio: 'ignore', execPath: '/bin/false' });
		await new Promise((resolve) => ended.once('exit', resolve));
		await mkdir(path.join(folder, 'pending-vectors'), { recursive: true });
		const holder = { id: 'theirs', pid: ended.pid, host: os.hostname() };
		await writeFile(path.join(folder, 'pending-vectors', 'worker.lease'), JSON.stringify(holder));
		await background(folder).add(address);
		await until(() => complete(index));
	});
});
