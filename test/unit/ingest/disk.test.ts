import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { syncAll } from '../../../lib/ingest';
import { runChild } from '../../support/child';
import { contentOf, corpusOf, differencesOf, openTestIndex, syncOptions } from './corpus';

jest.setTimeout(300_000);

/** A shell's limit on the size of a file stands for the full disk: it needs no rights and no file system of its own. */
(process.platform === 'win32' ? describe.skip : describe)('sync on a disk that is full', () => {
	let root = '';
	beforeAll(async () => {
		root = await mkdtemp(join(tmpdir(), 'ingest-disk-'));
	});
	afterAll(async () => {
		await rm(root, { recursive: true, force: true, maxRetries: 10, retryDelay: 200 });
	});

	it('ends with a sentence that says so, and goes on when there is room again', async () => {
		const child = join(__dirname, 'syncChild.ts');
		const undisturbed = join(root, 'undisturbed');
		await runChild(child, [undisturbed, '1']);
		const expected = await contentOf(await openTestIndex(undisturbed));
		const directory = join(root, 'full');
		// The first documents fit, the long one does not.
		for (const kilobytes of [400, 900]) {
			await expect(runChild(child, [directory, '1'], { fileKilobytes: kilobytes })).rejects.toThrow(
				/the storage refused it; check free space/,
			);
		}
		const index = await openTestIndex(directory);
		expect((await syncAll(corpusOf(1), await syncOptions(index))).failures).toBe(0);
		expect(differencesOf(await contentOf(index), expected)).toEqual([]);
	});
});
