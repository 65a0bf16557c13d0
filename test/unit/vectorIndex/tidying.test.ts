import * as lancedb from '@lancedb/lancedb';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { createIndex, type Point } from '../../../lib/vectorIndex';
import { translate } from '../../../lib/vectorIndex/embedded/lance';
import { createMaintenance } from '../../../lib/vectorIndex/embedded/maintenance';
import { TidyingEnded, tidyingPool, tidyInProcess } from '../../../lib/vectorIndex/embedded/tidying/process';
import { createTidier } from '../../../lib/vectorIndex/embedded/tidying/tidy';

jest.setTimeout(60_000);

/** So many rows that a process of its own does it. */
const LARGE = 1_000_000;

describe('tidying a large table', () => {
	let directory = '';
	beforeAll(async () => {
		directory = await mkdtemp(path.join(os.tmpdir(), 'tidying-'));
	});
	afterAll(async () => {
		await rm(directory, { recursive: true, force: true, maxRetries: 10, retryDelay: 200 });
	});

	it('happens in a process of its own: files are merged, the keyword index knows all rows', async () => {
		const index = await createIndex(
			{ backend: 'embedded', directory, name: 'large' },
			{ model: 'm', dimensions: 2, fingerprint: 'f' },
		);
		// More than small tables, which are tidied after each write.
		const rows = Array.from({ length: 2_500 }, (_, i) => ({ text: `word${i} common`, source: `${i}` }));
		await index.upsert(rows);
		const name = (await readdir(directory)).find((each) => each.startsWith('rows-')) ?? '';
		const table = await (await lancedb.connect(directory)).openTable(name.replace('.lance', ''));
		const state = async () => {
			await table.checkoutLatest();
			const statistics = await table.indexStats((await table.listIndices())[0]?.name ?? '');
			return {
				fragments: (await table.stats()).fragmentStats.numFragments,
				unindexed: statistics?.numUnindexedRows,
			};
		};
		expect(await state()).toEqual({ fragments: 2, unindexed: 2_500 });

		await createTidier({ directory }, name.replace('.lance', ''))(LARGE);
		expect(await state()).toEqual({ fragments: 1, unindexed: 0 });
		const [hit] = await index.search({ text: 'word2499', mode: 'keyword', limit: 1 });
		expect(hit?.source).toBe('2499');
	});

	it('that ends early is a warning and not an error of the next write', async () => {
		const task = { directory, table: 'rows', caches: { index: 1, metadata: 1 } };
		const ended = tidyInProcess(task, tidyingPool({ program: path.join(directory, 'no such program.js') }));
		await expect(ended).rejects.toBeInstanceOf(TidyingEnded);

		const name = (await readdir(directory)).find((each) => each.startsWith('rows-')) ?? '';
		const table = await (await lancedb.connect(directory)).openTable(name.replace('.lance', ''));
		const settled = async (tidy: () => Promise<void>): Promise<void> => {
			const maintenance = createMaintenance(table, tidy, { pending: 60_000 });
			await maintenance.settle();
			await new Promise((resolve) => setTimeout(resolve, 50));
			await maintenance.settle();
		};
		const warn = jest.spyOn(process, 'emitWarning').mockImplementation(() => undefined);
		await settled(() => ended.then(() => undefined));
		expect(warn).toHaveBeenCalledWith(expect.stringContaining('ended early'));
		warn.mockRestore();
		await expect(settled(() => Promise.reject(new Error('no space left')))).rejects.toMatchObject({
			kind: 'storage',
		});
	});

	it('that hangs is ended', async () => {
		const program = path.join(directory, 'hangs.js');
		await writeFile(program, "process.on('message', () => process.kill(process.pid, 'SIGSTOP'));");
		const task = { directory, table: 'rows', caches: { index: 1, metadata: 1 } };
		const processes = tidyingPool({ program, silentMs: 1_000 });
		const error: unknown = await tidyInProcess(task, processes).catch((thrown: unknown) => thrown);
		expect(error).toBeInstanceOf(TidyingEnded);
		expect(error).toMatchObject({ message: expect.stringContaining('did not react for 1 s') });
		expect(processes.pids).toEqual([]);
	});

	it('says in LanceDB’s words what went wrong', async () => {
		const failed = createTidier({ directory }, 'rows-gone')(LARGE);
		const error: unknown = await failed.catch((thrown: unknown) => thrown);
		expect(translate(error, 'tidying')).toMatchObject({ kind: 'notFound' });
	});

	it('removes versions that nobody reads, and those of a reader only when it has ended', async () => {
		const before = new Set(await readdir(directory));
		const index = await createIndex(
			{ backend: 'embedded', directory, name: 'read' },
			{ model: 'm', dimensions: 2, fingerprint: 'f' },
		);
		const rows = (word: string): Point[] =>
			Array.from({ length: 4_000 }, (_, i) => ({ id: `${i}`, text: `${word} ${i}`, source: `${i}` }));
		const table =
			(await readdir(directory)).find((each) => each.startsWith('rows-') && !before.has(each)) ?? '';
		await index.upsert(rows('first'));
		const name = table.replace('.lance', '');
		const files = async (): Promise<number> => (await readdir(path.join(directory, table, 'data'))).length;
		const reading = index.scan()[Symbol.asyncIterator]();
		const seen: string[] = [];
		const read = async (count: number): Promise<void> => {
			while (seen.length < count) {
				const next = await reading.next();
				if (next.done) return;
				seen.push(next.value.text);
			}
		};
		await read(10);
		// A reader leaves its file after five seconds.
		for (let i = 0; !(await readdir(directory)).includes('.readers'); i++) {
			if (i > 100) throw new Error('the reader left no file');
			await new Promise((resolve) => setTimeout(resolve, 100));
		}
		await index.upsert(rows('second'));
		const now = jest
			.spyOn(Date, 'now')
			.mockImplementation(() => performance.timeOrigin + performance.now() + 60_000);
		try {
			const tidy = createTidier({ directory }, name);
			await tidy(1);
			await tidy(1);
			await read(Infinity);
			expect(seen).toHaveLength(4_000);
			expect(seen.every((text) => text.startsWith('first'))).toBe(true);
			const kept = await files();
			await tidy(1);
			expect(await files()).toBeLessThan(kept);
			expect(await index.count()).toBe(4_000);
		} finally {
			now.mockRestore();
		}
	});
});
