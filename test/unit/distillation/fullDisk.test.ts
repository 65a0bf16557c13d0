import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runChild } from '../../support/child';

jest.setTimeout(120_000);

/** A shell's limit on the size of a file stands for the full disk: it needs no rights and no file system of its own. */
(process.platform === 'win32' ? describe.skip : describe)('on a disk that is full', () => {
	let folder = '';
	beforeEach(async () => {
		folder = await mkdtemp(join(tmpdir(), 'full-disk-'));
	});
	afterEach(async () => {
		await rm(folder, { recursive: true, force: true });
	});
	const writing = async (kind: string): Promise<unknown> =>
		await runChild(join(__dirname, 'fullDiskChild.ts'), [kind, folder], { fileKilobytes: 400 });

	it.each(['none', 'gzip', 'zstd', 'parquet'])(
		'a data set (%s) fails with what the disk said, and leaves nothing',
		async (kind) => {
			await expect(writing(kind)).rejects.toThrow(/file too large/);
			expect(await readdir(folder)).toEqual([]);
		},
	);

	it('a database of records fails with what the disk said', async () => {
		await expect(writing('sqlite')).rejects.toThrow(/records\.sqlite refused: .*disk/);
	});
});
