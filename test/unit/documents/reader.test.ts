import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { extractText, READ_LIMITS, type ExtractedText, type ReadLimits } from '../../../lib/documents';
import { READERS, readers } from '../../../lib/documents/reader/pool';

jest.setTimeout(120_000);

const never = new AbortController().signal;
const MB = 2 ** 20;

const read = (
	kind: 'csv' | 'json' | 'pdf',
	bytes: Uint8Array,
	limits: Partial<ReadLimits> = {},
	signal = never,
): Promise<ExtractedText> => extractText({ kind, bytes }, { ...READ_LIMITS, ...limits }, signal);

/** JSON that a parser is busy with for some seconds. */
const slow = (): Buffer => Buffer.from(`[${'{"a":[1,2,{"b":3}]},'.repeat(1_500_000)}0]`);
const small = (at: number): Buffer => Buffer.from(`{"number":${at}}`);

async function until(condition: () => boolean): Promise<void> {
	while (!condition()) await sleep(5);
}

describe('the readers of files', () => {
	it('are processes of their own, never more than their limit, whatever arrives at once', async () => {
		let most = 0;
		const watch = setInterval(() => (most = Math.max(most, readers.pids.length)), 1);
		const texts = await Promise.all(Array.from({ length: 20 }, (_, at) => read('json', small(at))));
		clearInterval(watch);
		expect(texts.map(({ text }) => text)).toEqual(Array.from({ length: 20 }, (_, at) => `number: ${at}`));
		expect(most).toBe(READERS);
		expect(readers.pids).not.toContain(process.pid);
	});

	it('take and give what is larger than a message', async () => {
		const rows = Array.from({ length: 400_000 }, (_, at) => `${at};Grüße aus Zimmer ${at} 🐝`);
		const { text, locations, metadata } = await read('csv', Buffer.from(`no;what\n${rows.join('\n')}\n`));
		expect(text.length).toBeGreaterThan(12 * MB);
		expect(text.endsWith('no: 399999\nwhat: Grüße aus Zimmer 399999 🐝')).toBe(true);
		expect(metadata).toMatchObject({ records: 400_000 });
		const { starts } = locations?.[0] ?? { starts: [] };
		const at = Number(starts[123_456]);
		expect(text.slice(at, at + 10)).toBe('no: 123456');
	});

	it('fail the file whose process is killed in the middle, with what to do, and no other', async () => {
		const cut = read('json', slow());
		cut.catch(() => undefined);
		await until(() => readers.pids.length > 0);
		await sleep(300);
		for (const pid of readers.pids) process.kill(pid, 'SIGKILL');
		await expect(cut).rejects.toMatchObject({
			kind: 'ended',
			message: expect.stringMatching(/SIGKILL.*Run it again/),
		});
		expect(await read('json', small(1))).toMatchObject({ text: 'number: 1' });
	});

	it('end at the deadline when they are stopped, and when the file takes too long', async () => {
		const stopped = read('json', slow(), { parseMs: 3_000 });
		stopped.catch(() => undefined);
		await until(() => readers.pids.length > 0);
		const pids = readers.pids;
		for (const pid of pids) process.kill(pid, 'SIGSTOP');
		await expect(stopped).rejects.toMatchObject({
			kind: 'tooLarge',
			message: expect.stringContaining('3 s'),
		});
		expect(readers.pids.filter((pid) => pids.includes(pid))).toEqual([]);
		await expect(read('json', slow(), { parseMs: 500 })).rejects.toMatchObject({ kind: 'tooLarge' });
	});

	it('stop at once when the caller does', async () => {
		const controller = new AbortController();
		const cut = read('json', slow(), {}, controller.signal);
		cut.catch(() => undefined);
		await until(() => readers.pids.length > 0);
		const pids = readers.pids;
		controller.abort(new Error('enough'));
		await expect(cut).rejects.toThrow('enough');
		expect(readers.pids.filter((pid) => pids.includes(pid))).toEqual([]);
	});

	it('count the memory of a file alone, and not what earlier ones left behind', async () => {
		const pdf = await readFile(join(__dirname, '../../fixtures/ingest/handbook.pdf'));
		// As the first of its reader it needs some 40 MB.
		const table = Buffer.from(`a,b\n${'some text,other text\n'.repeat(60_000)}`);
		for (let at = 0; at < 30; at++) {
			const file =
				at % 2 === 0
					? read('csv', table, { parseBytes: 120 * MB })
					: read('pdf', pdf, { parseBytes: 120 * MB });
			expect((await file).text.length).toBeGreaterThan(100);
		}
	});

	it('refuse a file that takes more memory than allowed, outside of n8n', async () => {
		const before = process.memoryUsage.rss();
		const fat = Buffer.from(`[${'{},'.repeat(4_000_000)}0]`);
		await expect(read('json', fat, { parseBytes: 60 * MB })).rejects.toMatchObject({
			kind: 'tooLarge',
			message: 'Reading the file takes more than 60 MB of memory. Split the file.',
		});
		expect(process.memoryUsage.rss() - before).toBeLessThan(300 * MB);
		expect(await read('json', small(2))).toMatchObject({ text: 'number: 2' });
	});
});
